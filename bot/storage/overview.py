"""How a span went, counted in SQL: no row of a patient is opened. No commit happens here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.escalation import Tier
from bot.services.report_ports import Rating, ReportTimes, Span
from bot.storage import tables as t

_DRILL = "canary"


class SqlOverview:
    """Drills never count."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reports(self, span: Span) -> tuple[ReportTimes, ...]:
        """Those that were opened in the span, oldest first."""
        e, p = t.escalations.c, t.pages.c
        paged = sa.select(sa.func.min(p.sent_at)).where(p.escalation_id == e.id).scalar_subquery()
        query = (
            sa.select(e.tier, e.opened_at, e.outcome, paged, _first("acknowledged", "taken_over"), _first("wrote"))
            .where(*_within(e.opened_at, span), e.canary.is_(sa.false()))
            .order_by(e.opened_at)
        )
        return tuple(ReportTimes(Tier(row[0]), *row[1:]) for row in self._connection.execute(query))

    def topics(self, span: Span) -> Mapping[str, int]:
        """How many replies of each topic the assistant gave."""
        return self._by_topic(span)

    def unassisted(self, span: Span) -> Mapping[str, int]:
        """The same of talks in which no report was opened within the span."""
        e, m = t.escalations.c, t.messages.c
        asked_for = sa.select(e.conversation_id).where(
            e.conversation_id == m.conversation_id, *_within(e.opened_at, span)
        )
        return self._by_topic(span, ~asked_for.exists())

    def _by_topic(self, span: Span, *conditions: Any) -> Mapping[str, int]:
        m, c = t.messages.c, t.conversations.c
        query = (
            sa.select(m.topic, sa.func.count())
            .select_from(t.messages.join(t.conversations, c.id == m.conversation_id))
            .where(*_within(m.created_at, span), m.author == "bot", m.topic.is_not(None), c.channel != _DRILL)
            .where(*conditions)
            .group_by(m.topic)
        )
        return {topic: count for topic, count in self._connection.execute(query)}

    def ratings(self, span: Span) -> tuple[Rating, ...]:
        """What was helpful, by topic."""
        f = t.feedback.c
        helpful = sa.func.sum(sa.case((f.helpful.is_(sa.true()), 1), else_=0))
        query = (
            sa.select(f.topic, helpful, sa.func.count())
            .where(*_within(f.at, span), f.topic.is_not(None))
            .group_by(f.topic)
            .order_by(f.topic)
        )
        return tuple(
            Rating(topic, int(good), int(all_) - int(good)) for topic, good, all_ in self._connection.execute(query)
        )

    def texts(self, span: Span) -> Mapping[tuple[str, str], int]:
        """Texts to patients, by what for and how far they got."""
        x = t.texts.c
        query = (
            sa.select(x.purpose, x.state, sa.func.count())
            .where(*_within(x.created_at, span))
            .group_by(x.purpose, x.state)
        )
        return {(purpose, state): count for purpose, state, count in self._connection.execute(query)}


def _first(*events: str) -> Any:
    """When the first of these stood in the history of an escalation."""
    h = t.escalation_events.c
    query = sa.select(sa.func.min(h.at)).where(h.escalation_id == t.escalations.c.id, h.event.in_(events))
    return query.correlate(t.escalations).scalar_subquery()


def _within(column: Any, span: Span) -> tuple[Any, Any]:
    return column >= span.since, column < span.until
