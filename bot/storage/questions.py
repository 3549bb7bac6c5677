"""Questions that the assistant could not answer, in SQL. No commit happens here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.messages import Reply, ReplyKind
from bot.domain.unanswered import FAMILIES, TOPICS
from bot.services.queue_ports import Question
from bot.storage import tables as t
from bot.storage.sealing import Sealer

_NO_ANSWER = (ReplyKind.FALLBACK, ReplyKind.OUT_OF_SCOPE, ReplyKind.HANDOFF)
_DRILL = "canary"


class SqlQuestions:
    """Looks for replies by their topic, which is not sealed, and opens those alone."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def listing(self, before: datetime | None, limit: int) -> tuple[Question, ...]:
        """Those that nobody has seen to, latest first."""
        asked = t.messages.alias("asked")
        query = _query(asked).where(t.questions_done.c.message_id.is_(None))
        if before is not None:
            query = query.where(asked.c.created_at < before)
        rows = self._connection.execute(query.order_by(asked.c.created_at.desc()).limit(limit)).all()
        return _once([self._question(row) for row in rows])

    def get(self, message_id: str) -> Question | None:
        """By the id of the patient's message."""
        asked = t.messages.alias("asked")
        rows = self._connection.execute(_query(asked).where(asked.c.id == message_id)).all()
        found = _once([self._question(row) for row in rows])
        return found[0] if found else None

    def finish(self, message_id: str, how: str, by: str, now: datetime) -> bool:
        """Say what was done; False: somebody had done so."""
        d = t.questions_done
        if self._connection.execute(sa.select(d.c.message_id).where(d.c.message_id == message_id)).first():
            return False
        self._connection.execute(d.insert().values(message_id=message_id, how=how, done_by=by, at=now))
        return True

    def _question(self, row: Any) -> Question | None:
        reply = Reply.from_dict(self._sealer.open_json(row.reply))
        if reply.kind not in _NO_ANSWER:
            return None
        return Question(
            message_id=row.id,
            conversation_id=row.conversation_id,
            text=self._sealer.open(row.text),
            reply=reply,
            channel=row.channel,
            language=row.language,
            asked_at=row.created_at,
            reference=row.reference,
            done_by=row.done_by,
            done_how=row.how,
        )


def _query(asked: Any) -> Any:
    said, c, e, d = t.messages.c, t.conversations.c, t.escalations.c, t.questions_done.c
    topics = sa.or_(said.topic.in_(TOPICS), *(said.topic.startswith(family) for family in FAMILIES))
    joined = (
        asked.join(t.messages, said.in_reply_to == asked.c.id)
        .join(t.conversations, c.id == asked.c.conversation_id)
        .outerjoin(t.escalations, e.open_key == asked.c.conversation_id)
        .outerjoin(t.questions_done, d.message_id == asked.c.id)
    )
    columns = (asked.c.id, asked.c.conversation_id, asked.c.text, asked.c.created_at)
    return (
        sa.select(*columns, said.reply, c.channel, c.language, e.reference, d.done_by, d.how)
        .select_from(joined)
        .where(topics, c.channel != _DRILL)
    )


def _once(found: list[Question | None]) -> tuple[Question, ...]:
    """A message that got several replies is one question."""
    return tuple({question.message_id: question for question in found if question is not None}.values())
