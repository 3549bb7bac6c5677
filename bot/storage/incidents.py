"""What belongs to one escalation beside its talk and its history, in SQL. No commit happens here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.report_ports import CallRecord, PageRecord, Span, TextRecord
from bot.storage import tables as t
from bot.storage.sealing import Sealer


class SqlIncidents:
    """Opens what the screen found; the rest is plain."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def pages(self, escalation_id: str) -> tuple[PageRecord, ...]:
        """All of them, also those that never left, in the order in which they were asked for."""
        p = t.pages.c
        columns = (p.person, p.contact, p.step, p.state, p.attempts, p.created_at, p.sent_at, p.last_error)
        query = sa.select(*columns).where(p.escalation_id == escalation_id).order_by(p.created_at, p.step)
        return tuple(PageRecord(*row) for row in self._connection.execute(query))

    def texts(self, conversation_id: str, span: Span) -> tuple[TextRecord, ...]:
        """Texts to the patient, with what the carrier said of each."""
        x = t.texts.c
        query = (
            sa.select(t.texts)
            .where(x.conversation_id == conversation_id, x.created_at >= span.since, x.created_at < span.until)
            .order_by(x.created_at, x.sequence)
        )
        return tuple(_text(row) for row in self._connection.execute(query))

    def calls(self, conversation_id: str, span: Span) -> tuple[CallRecord, ...]:
        """When the patient called."""
        c = t.calls.c
        query = (
            sa.select(c.created_at, c.ended_at)
            .where(c.conversation_id == conversation_id, c.created_at >= span.since, c.created_at < span.until)
            .order_by(c.created_at)
        )
        return tuple(CallRecord(*row) for row in self._connection.execute(query))

    def reported(self, escalation_id: str) -> frozenset[int]:
        """Positions of the messages that led to it."""
        m, link, e = t.messages.c, t.escalation_messages.c, t.escalations.c
        # Reports name a message by our own id or by the channel's.
        is_it = sa.or_(m.id == link.message_id, m.client_message_id == link.message_id)
        joined = t.escalations.join(t.escalation_messages, link.escalation_id == e.id).join(
            t.messages, sa.and_(m.conversation_id == e.conversation_id, is_it)
        )
        query = sa.select(m.position).select_from(joined).where(e.id == escalation_id, m.author == "patient")
        return frozenset(self._connection.execute(query).scalars())

    def screenings(self, conversation_id: str, positions: frozenset[int]) -> Mapping[int, Mapping[str, Any]]:
        """What the screen made of some messages."""
        m = t.messages.c
        query = sa.select(m.position, m.screening).where(
            m.conversation_id == conversation_id, m.position.in_(sorted(positions)), m.screening.is_not(None)
        )
        return {row.position: self._sealer.open_json(row.screening) or {} for row in self._connection.execute(query)}


def _text(row: Any) -> TextRecord:
    number = row.key.rpartition("/")[2]
    return TextRecord(
        position=int(number) if number.isdecimal() else None,
        part=row.part,
        purpose=row.purpose,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        error=row.last_error,
    )
