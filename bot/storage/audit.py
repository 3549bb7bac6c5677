"""The audit and the chains of the histories, in SQL. No commit happens here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.audit import Action
from bot.domain.chain import START
from bot.domain.history_chain import HistoryChain
from bot.services.account_ports import AuditEntry, AuditFilter, ChainedEvent
from bot.storage import staff_tables as t
from bot.storage.sealing import Sealer
from bot.storage.tables import escalation_events, escalations, forgettings

_HEAD = 1
_LONGEST = 64


class SqlAudit:
    """The audit in SQL. What is appended is written by `write`, when all else of the transaction is done."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer
        self._chain = sealer.chain("audit")
        self._events = EventChain(connection, sealer)
        self._pending: list[dict[str, Any]] = []

    def append(self, actor: str, action: Action | str, subject: str, detail: Mapping[str, Any], now: datetime) -> None:
        """Add a line when the transaction commits."""
        who, what, whom = (text[:_LONGEST] for text in (actor, str(action), subject))
        self._pending.append(_line(who, what, whom, detail, now))

    def write(self) -> None:
        """Write what was appended. The head is held until the commit that has to follow, so that nobody comes between.

        It is the last lock that a transaction takes: nobody waits in a circle.
        """
        if not self._pending:
            return
        row = self._connection.execute(
            sa.select(t.audit_head).where(t.audit_head.c.id == _HEAD).with_for_update()
        ).one()
        previous = row.hash
        # A line that somebody put there holds up nobody; the next check names it.
        number = max(row.number, self._connection.execute(sa.select(sa.func.max(t.audit.c.number))).scalar() or 0)
        if number == 0:
            begun = {"unchained_events": row.unchained_events}
            self._pending.insert(0, _line("assistant", Action.AUDIT_BEGUN, "", begun, self._pending[0]["at"]))
        for line in self._pending:
            number += 1
            found = self._chain.hash(previous, {"number": number, **line})
            values = {**line, "number": number, "previous": previous, "hash": found}
            self._connection.execute(
                t.audit.insert().values(**{**values, "detail": self._sealer.seal_json(line["detail"])})
            )
            previous = found
        self._pending = []
        self._connection.execute(
            t.audit_head.update().where(t.audit_head.c.id == _HEAD).values(number=number, hash=previous)
        )

    # -- reading ---------------------------------------------------------------

    def listing(self, wanted: AuditFilter, limit: int) -> tuple[AuditEntry, ...]:
        """The newest first."""
        a = t.audit.c
        same = ((a.actor, wanted.actor), (a.action, wanted.action), (a.subject, wanted.subject))
        conditions = [column == value for column, value in same if value is not None]
        if wanted.since is not None:
            conditions.append(a.at >= wanted.since)
        if wanted.until is not None:
            conditions.append(a.at < wanted.until)
        if wanted.before is not None:
            conditions.append(a.number < wanted.before)
        return self._entries(sa.select(t.audit).where(*conditions).order_by(a.number.desc()).limit(limit))

    def entries(self, after: int, limit: int) -> tuple[AuditEntry, ...]:
        """In their order, after a number."""
        a = t.audit.c
        return self._entries(sa.select(t.audit).where(a.number > after).order_by(a.number).limit(limit))

    def head(self) -> tuple[int, str, int]:
        """Number and hash of the last line; up to which id lines of histories are from before the chain."""
        row = self._connection.execute(sa.select(t.audit_head).where(t.audit_head.c.id == _HEAD)).one()
        return row.number, row.hash, row.unchained_events

    def is_whole(self, entry: AuditEntry, previous: str) -> bool:
        """Whether a line is as it was written, after the line with that hash."""
        line = _line(entry.actor, entry.action, entry.subject, entry.detail, entry.at)
        return entry.previous == previous and self._chain.holds(previous, {"number": entry.number, **line}, entry.hash)

    def events(self, escalation_id: str, after: int, limit: int) -> tuple[ChainedEvent, ...]:
        """Lines of all histories, one after the other, from a line of one of them on."""
        return self._events.listing(escalation_id, after, limit)

    def is_whole_event(self, event: ChainedEvent, previous: str) -> bool:
        """The same of a line of a history."""
        return self._events.is_whole(event, previous)

    def _entries(self, query: Any) -> tuple[AuditEntry, ...]:
        return tuple(
            AuditEntry(
                number=row.number,
                at=row.at,
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                detail=self._sealer.open_json(row.detail),
                previous=row.previous,
                hash=row.hash,
            )
            for row in self._connection.execute(query)
        )


def _line(actor: str, action: str, subject: str, detail: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {"at": at, "actor": actor, "action": action, "subject": subject, "detail": dict(detail)}


class EventChain:
    """The chain of each escalation's history: every line holds the hash of the one before.

    A line is held by the hashes of its fields: when a patient's talk is
    forgotten, what quotes somebody goes, and its hash stays.
    """

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer
        self._chain = HistoryChain(sealer.chain)

    def links(
        self, escalation_id: str, actor: str, event: str, detail: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """The columns of a line that is about to be stored. Whoever adds one holds the lock of the conversation."""
        e = escalation_events.c
        last = sa.select(e.hash).where(e.escalation_id == escalation_id).order_by(e.id.desc()).limit(1)
        previous = self._connection.execute(last).scalar() or START
        fields = {name: self._chain.field(name, value) for name, value in detail.items()}
        found = self._chain.hash(previous, escalation_id, actor, event, fields, now)
        return {"previous": previous, "fields": fields, "hash": found}

    def listing(self, escalation_id: str, after: int, limit: int) -> tuple[ChainedEvent, ...]:
        """Lines of all histories, one after the other, from a line of one of them on."""
        e = escalation_events.c
        query = (
            sa.select(escalation_events, escalations.c.reference, forgettings.c.done_at)
            .join(escalations, escalations.c.id == e.escalation_id)
            .outerjoin(forgettings, forgettings.c.conversation_id == escalations.c.conversation_id)
            .where(sa.or_(e.escalation_id > escalation_id, sa.and_(e.escalation_id == escalation_id, e.id > after)))
            .order_by(e.escalation_id, e.id)
            .limit(limit)
        )
        return tuple(
            ChainedEvent(
                id=row.id,
                escalation_id=row.escalation_id,
                reference=row.reference,
                at=row.at,
                actor=row.actor,
                event=row.event,
                detail=self._sealer.open_json(row.detail),
                fields=row.fields or {},
                is_forgotten=row.done_at is not None,
                previous=row.previous,
                hash=row.hash,
            )
            for row in self._connection.execute(query)
        )

    def is_whole(self, event: ChainedEvent, previous: str) -> bool:
        """Whether a line is as it was written, after the line with that hash."""
        line = (event.escalation_id, event.actor, event.event, event.fields, event.at)
        follows = event.previous == previous and self._chain.holds(previous, *line, event.hash or "")
        return follows and self._chain.has_its_fields(event.detail, event.fields, event.is_forgotten)
