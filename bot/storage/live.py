"""Who is writing, what was helpful, and what is forgotten, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.conversation import Mode
from bot.services.live_ports import Rated, Side
from bot.services.telephone_ports import TextState
from bot.storage import tables as t
from bot.storage.changes import SqlChanges
from bot.storage.sealing import Sealer

# Of an escalation's history, what quotes nobody.
_WITHOUT_WORDS = frozenset(
    {"tier", "categories", "way", "step", "person", "owner", "method", "what", "outcome", "attempts", "characters"}
)


class SqlTyping:
    """Who is writing right now, in SQL."""

    def __init__(self, connection: Connection, changes: SqlChanges) -> None:
        self._connection = connection
        self._changes = changes

    def set(self, conversation_id: str, side: Side, until: datetime | None) -> None:
        """Somebody is writing until then; None: they have stopped."""
        values: dict[str, Any] = {f"{side}_until": until}
        w = t.typing
        known = w.update().where(w.c.conversation_id == conversation_id).values(**values)
        if self._connection.execute(known).rowcount == 0:
            self._connection.execute(w.insert().values(conversation_id=conversation_id, **values))
        self._changes.note(conversation_id)

    def until(self, conversation_id: str, side: Side) -> datetime | None:
        """Until when; that may be over."""
        query = sa.select(t.typing.c[f"{side}_until"]).where(t.typing.c.conversation_id == conversation_id)
        found: datetime | None = self._connection.execute(query).scalar()
        return found


class SqlFeedback:
    """Whether answers were helpful, in SQL."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def answer(self, conversation_id: str, position: int) -> Rated | None:
        """The approved answer at a position of a talk; None where something else, or nothing, is there."""
        m = t.messages.c
        query = sa.select(m.id, m.topic, m.reply).where(
            m.conversation_id == conversation_id, m.position == position, m.author == "bot"
        )
        row = self._connection.execute(query).first()
        version = self._sealer.open_json(row.reply).get("version") if row else None
        return Rated(row.id, row.topic, version) if row and version else None

    def rate(self, rated: Rated, helpful: bool | None, now: datetime) -> None:
        """Store what the patient says of it; None takes it back."""
        f = t.feedback
        if helpful is None:
            self._connection.execute(f.delete().where(f.c.message_id == rated.message_id))
            return
        values = {"helpful": helpful, "at": now}
        known = f.update().where(f.c.message_id == rated.message_id).values(**values)
        if self._connection.execute(known).rowcount == 0:
            self._connection.execute(
                f.insert().values(message_id=rated.message_id, topic=rated.topic, version=rated.version, **values)
            )


class SqlForgetting:
    """Deletes what was written in a talk, in SQL."""

    def __init__(self, connection: Connection, sealer: Sealer, changes: SqlChanges) -> None:
        self._connection = connection
        self._sealer = sealer
        self._changes = changes

    def ask(self, conversation_id: str, now: datetime) -> bool:
        """The patient wants it forgotten. False: that is known."""
        f = t.forgettings
        known = sa.select(f.c.conversation_id).where(f.c.conversation_id == conversation_id)
        if self._connection.execute(known).first() is not None:
            return False
        self._connection.execute(f.insert().values(conversation_id=conversation_id, asked_at=now))
        return True

    def is_forgotten(self, conversation_id: str) -> bool:
        """Whether its content is gone."""
        f = t.forgettings.c
        query = sa.select(f.conversation_id).where(f.conversation_id == conversation_id, f.done_at.is_not(None))
        return self._connection.execute(query).first() is not None

    def is_free(self, conversation_id: str, closed_before: datetime) -> bool:
        """Whether no member of staff needs the talk any more."""
        is_needed = sa.or_(*needed(sa.literal(conversation_id), closed_before))
        return not self._connection.execute(sa.select(is_needed)).scalar()

    def due(self, closed_before: datetime, limit: int) -> tuple[str, ...]:
        """Talks to be forgotten that no member of staff needs any more, longest waiting first."""
        f = t.forgettings.c
        query = (
            sa.select(f.conversation_id)
            .where(f.done_at.is_(None), *(~each for each in needed(f.conversation_id, closed_before)))
            .order_by(f.asked_at)
            .limit(limit)
        )
        return tuple(self._connection.execute(query).scalars())

    def forget(self, conversation_id: str, now: datetime) -> None:
        """Delete every word. What happened, and when, stays."""
        mine = {"conversation_id": conversation_id}
        messages = sa.select(t.messages.c.id).filter_by(**mine)
        self._run(t.feedback.update().where(t.feedback.c.message_id.in_(messages)).values(message_id=None))
        self._run(t.borderline.delete().where(t.borderline.c.message_id.in_(messages)))
        self._run(t.questions_done.delete().where(t.questions_done.c.message_id.in_(messages)))
        self._run(t.safety_questions.delete().filter_by(**mine))
        self._run(t.typing.delete().filter_by(**mine))
        for table in (t.messages, t.texts, t.calls):
            self._run(table.delete().filter_by(**mine))
        self._strip_history(conversation_id)
        values = {"callback_number": None, "mode": Mode.BOT, "updated_at": now}
        self._run(t.conversations.update().where(t.conversations.c.id == conversation_id).values(**values))
        self._run(t.forgettings.update().filter_by(**mine).values(done_at=now))
        self._changes.note(conversation_id)

    def _strip_history(self, conversation_id: str) -> None:
        h = t.escalation_events
        cases = sa.select(t.escalations.c.id).where(t.escalations.c.conversation_id == conversation_id)
        for row in self._connection.execute(sa.select(h.c.id, h.c.detail).where(h.c.escalation_id.in_(cases))).all():
            detail = _without_words(self._sealer.open_json(row.detail))
            self._run(h.update().where(h.c.id == row.id).values(detail=self._sealer.seal_json(detail)))

    def _run(self, statement: Any) -> None:
        self._connection.execute(statement)


def needed(conversation_id: Any, closed_before: datetime) -> tuple[Any, ...]:
    """What is still seen to.

    An open case or one closed lately, a question that waits, a message to be
    reviewed, a text that is to go, a call that is on.
    """
    e, q, b, m = t.escalations.c, t.safety_questions.c, t.borderline.c, t.messages.c
    text, call = t.texts.c, t.calls.c
    unfinished = sa.or_(e.open_key.is_not(None), e.updated_at > closed_before)
    unread = sa.and_(b.message_id == m.id, b.decision.is_(None), b.created_at > closed_before)
    return (
        sa.exists().where(sa.and_(e.conversation_id == conversation_id, unfinished)),
        sa.exists().where(q.open_key == conversation_id),
        sa.exists().where(sa.and_(m.conversation_id == conversation_id, unread)),
        sa.exists().where(sa.and_(text.conversation_id == conversation_id, text.state == TextState.PENDING)),
        sa.exists().where(
            sa.and_(call.conversation_id == conversation_id, call.ended_at.is_(None), call.updated_at > closed_before)
        ),
    )


def _without_words(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in detail.items() if name in _WITHOUT_WORDS}
