"""Databases as earlier versions left them."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine

from bot.domain.messages import Button, Reply, ReplyKind
from bot.storage import migrate

REPLY = Reply("Call us, Ana.", ReplyKind.ANSWER, "faq/driving", "Call us.", (Button("A", "a"),))


def back_to(engine: Engine, revision: str) -> None:
    """Take migrations back, down to a revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def fill_as_0003(engine: Engine) -> None:
    """A talk as the version before stored it: plain."""
    row = {
        "at": "2026-03-02 13:00:00.000000",
        "reply": json.dumps(REPLY.to_dict()),
        "screening": '{"evidence": {"cardiac": "chest"}, "bare_answer": false}',
    }
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO conversations (id, channel, sender_key, callback_number, mode, created_at, updated_at)"
            " VALUES ('ana', 'slack', 'slack:ana', '+15555550101', 'waiting', :at, :at)",
            "INSERT INTO messages (id, conversation_id, position, author, text, client_message_id, screening, created_at)"
            " VALUES ('m1', 'ana', 1, 'patient', 'my chest hurts', 'm-1', :screening, :at)",
            "INSERT INTO messages (id, conversation_id, position, author, text, in_reply_to, reply, created_at)"
            " VALUES ('m2', 'ana', 2, 'bot', 'Call us, Ana.', 'm1', :reply, :at)",
            "INSERT INTO escalations (id, reference, conversation_id, tier, categories, status, reason,"
            " opened_at, updated_at) VALUES ('ana', 'ACDEF', 'ana', 'urgent', '[]', 'open', 'screen', :at, :at)",
            "INSERT INTO escalation_events (escalation_id, at, actor, event, detail)"
            " VALUES ('ana', :at, 'screen', 'opened', :screening)",
            "INSERT INTO borderline (message_id, reference, tier, category, chance, created_at)"
            " VALUES ('m1', 'GHJKM', 'urgent', 'cardiac', 0.4, :at)",
        ):
            connection.execute(sa.text(statement), row)
