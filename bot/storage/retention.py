"""What is kept no longer, found and deleted in SQL. No commit happens here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.retention import Limits
from bot.storage import tables as t
from bot.storage.live import needed


class SqlRetention:
    """Talks that were not touched since a moment, and what patients said of answers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def talks(self, limits: Limits, closed_before: datetime, limit: int) -> tuple[str, ...]:
        """Some that may go."""
        c = t.conversations.c
        query = sa.select(c.id).where(*_due(limits, closed_before)).order_by(c.created_at).limit(limit)
        return tuple(self._connection.execute(query).scalars())

    def count_talks(self, limits: Limits, closed_before: datetime) -> int:
        """How many may go."""
        query = sa.select(sa.func.count()).select_from(t.conversations).where(*_due(limits, closed_before))
        return int(self._connection.execute(query).scalar() or 0)

    def is_due(self, conversation_id: str, limits: Limits, closed_before: datetime) -> bool:
        """Whether one may go."""
        c = t.conversations.c
        query = sa.select(c.id).where(c.id == conversation_id, *_due(limits, closed_before))
        return self._connection.execute(query).first() is not None

    def count_feedback(self, before: datetime) -> int:
        """How much of it is from before a moment."""
        f = t.feedback.c
        query = sa.select(sa.func.count()).select_from(t.feedback).where(f.at < before)
        return int(self._connection.execute(query).scalar() or 0)

    def delete_feedback(self, before: datetime, limit: int) -> int:
        """Delete what is from before a moment, at most so much; returns how much."""
        f = t.feedback.c
        old = sa.select(f.id).where(f.at < before).order_by(f.at).limit(limit).scalar_subquery()
        return int(self._connection.execute(t.feedback.delete().where(f.id.in_(old))).rowcount)


def _due(limits: Limits, closed_before: datetime) -> tuple[Any, ...]:
    """Nothing was said since, no report of it is younger, nobody sees to it, and it is not gone already."""
    c, m, e, f = t.conversations.c, t.messages.c, t.escalations.c, t.forgettings.c
    mine = e.conversation_id == c.id
    return (
        c.created_at < limits.talks,
        ~sa.exists().where(sa.and_(f.conversation_id == c.id, f.done_at.is_not(None))),
        ~sa.exists().where(sa.and_(m.conversation_id == c.id, m.created_at >= limits.talks)),
        ~sa.exists().where(sa.and_(mine, sa.or_(e.open_key.is_not(None), e.updated_at >= limits.reports))),
        *(~each for each in needed(c.id, closed_before)),
    )
