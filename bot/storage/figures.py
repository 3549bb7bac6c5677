"""How things stand, counted in SQL: no row of a patient is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.domain.escalation import Status, Tier
from bot.services.measures import SPAN, Figures, Outbox
from bot.services.pager_process import NAME
from bot.services.telephone_ports import TextState
from bot.storage import tables as t
from bot.storage.outbox import SqlHeartbeats

# A page that left is due no longer before it did than its tries take; `due_at` has an index, `sent_at` has none.
_LONGEST_TRIES = timedelta(days=1)


def read_figures(engine: Engine, now: datetime) -> Figures:
    """Count. Raises SQLAlchemyError."""
    with engine.connect() as connection:
        return Figures(
            escalations=_escalations(connection),
            waiting_since=_waiting_since(connection),
            pages=_outbox(connection, t.pages, "pending", now),
            texts=_outbox(connection, t.texts, TextState.PENDING, now),
            page_delays=_page_delays(connection, now),
            pager_seen=SqlHeartbeats(connection).last(NAME),
            drilled=_drilled(connection),
        )


def _escalations(connection: Connection) -> Mapping[tuple[Tier, Status], int]:
    """Those that are not closed."""
    e = t.escalations.c
    query = sa.select(e.tier, e.status, sa.func.count().label("number")).where(e.open_key.is_not(None), ~e.canary)
    rows = connection.execute(query.group_by(e.tier, e.status))
    return {(Tier(row.tier), Status(row.status)): row.number for row in rows}


def _waiting_since(connection: Connection) -> Mapping[Tier, datetime]:
    e = t.escalations.c
    query = sa.select(e.tier, sa.func.min(e.opened_at).label("since")).where(
        e.open_key.is_not(None), e.status == Status.OPEN, ~e.canary
    )
    return {Tier(row.tier): row.since for row in connection.execute(query.group_by(e.tier))}


def _outbox(connection: Connection, table: sa.Table, state: str, now: datetime) -> Outbox:
    c = table.c
    query = sa.select(sa.func.count().label("number"), sa.func.min(c.due_at).label("oldest"))
    row = connection.execute(query.where(c.state == state, c.due_at <= now)).one()
    return Outbox(row.number, row.oldest)


def _page_delays(connection: Connection, now: datetime) -> tuple[timedelta, ...]:
    p, e = t.pages.c, t.escalations.c
    query = (
        sa.select(p.created_at, p.sent_at)
        .select_from(t.pages.join(t.escalations))
        .where(p.due_at > now - SPAN - _LONGEST_TRIES, p.sent_at > now - SPAN, ~e.canary)
    )
    return tuple(row.sent_at - row.created_at for row in connection.execute(query))


def _drilled(connection: Connection) -> datetime | None:
    e = t.escalations.c
    last: datetime | None = connection.execute(
        sa.select(sa.func.max(e.updated_at)).where(e.canary, e.status == Status.RESOLVED)
    ).scalar()
    return last
