"""The log of which conversations were changed, in SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.live_ports import Change
from bot.storage import tables as t


class SqlChanges:
    """Collects what a transaction changes and writes it at the end: once for each conversation.

    At the end, so that the time between an id and its commit is short: whoever
    reads the log looks for ids that were passed over, but not for ever.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._conversations: set[str] = set()
        self._escalations: set[str] = set()

    def note(self, conversation_id: str) -> None:
        """This transaction changes something that those who follow the conversation see."""
        self._conversations.add(conversation_id)

    def note_escalation(self, escalation_id: str) -> None:
        """The same, by an escalation of it."""
        self._escalations.add(escalation_id)

    def write(self, now: datetime) -> bool:
        """Write what was noted, if anything; the commit is next."""
        if self._escalations:
            e = t.escalations.c
            query = sa.select(e.conversation_id).where(e.id.in_(sorted(self._escalations)))
            self._conversations.update(self._connection.execute(query).scalars())
        rows = [{"conversation_id": each, "at": now} for each in sorted(self._conversations)]
        if rows:
            self._connection.execute(t.changes.insert(), rows)
        self._conversations.clear()
        self._escalations.clear()
        return bool(rows)

    def newest(self) -> int:
        """The highest id; 0 before the first change."""
        newest: int | None = self._connection.execute(sa.select(sa.func.max(t.changes.c.id))).scalar()
        return newest or 0

    def after(self, change_id: int, missing: Collection[int], limit: int) -> tuple[Change, ...]:
        """Changes with a higher id, and those of `missing` that are there by now; oldest first."""
        c = t.changes.c
        new = c.id > change_id
        which = sa.or_(new, c.id.in_(sorted(missing))) if missing else new
        rows = self._connection.execute(sa.select(c.id, c.conversation_id).where(which).order_by(c.id).limit(limit))
        return tuple(Change(row.id, row.conversation_id) for row in rows)

    def prune(self, before: datetime) -> int:
        """Delete older ones; returns how many. The newest stays: SQLite would give its id again."""
        c = t.changes.c
        old = t.changes.delete().where(c.at < before, c.id < self.newest())
        return int(self._connection.execute(old).rowcount)
