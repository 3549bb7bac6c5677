"""Pages, timers and heartbeats in SQL. No commit happens here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.conversation import new_id
from bot.domain.escalation import Tier
from bot.domain.paging_policy import Position
from bot.services.ports import Page, PagePlan, Timer, TimerKind
from bot.storage import tables as t


class SqlPages:
    """The outbox of pages in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, plan: PagePlan, due_at: datetime, now: datetime) -> bool:
        """Queue a page; False if this step of this escalation has one."""
        p = t.pages.c
        known = sa.select(p.id).where(p.escalation_id == plan.escalation_id, p.step == plan.step)
        if self._connection.execute(known).first():
            return False
        self._connection.execute(
            t.pages.insert().values(
                id=new_id(),
                escalation_id=plan.escalation_id,
                step=plan.step,
                person=plan.person,
                contact=plan.contact,
                state="pending",
                due_at=due_at,
                attempts=0,
                created_at=now,
            )
        )
        return True

    def get(self, page_id: str) -> Page | None:
        """One page, whatever its state."""
        row = self._connection.execute(_pages().where(t.pages.c.id == page_id)).first()
        return _page(row) if row else None

    def lease_due(self, now: datetime, lease_until: datetime, limit: int) -> tuple[Page, ...]:
        """Take pages that are due and that nobody else is sending.

        Where the engine can, rows that another pager holds are passed over;
        elsewhere a lease is taken only if it is still as it was read.
        """
        p = t.pages.c
        free = sa.or_(p.leased_until.is_(None), p.leased_until < now)
        rows = self._connection.execute(
            _pages()
            .add_columns(p.leased_until)
            .where(p.state == "pending", p.due_at <= now, free)
            .order_by(p.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True, of=t.pages)
        ).all()
        return tuple(_page(row) for row in rows if self._lease(row.id, row.leased_until, lease_until))

    def _lease(self, page_id: str, seen: datetime | None, until: datetime) -> bool:
        p = t.pages.c
        unchanged = p.leased_until.is_(None) if seen is None else p.leased_until == seen
        result = self._connection.execute(
            t.pages.update()
            .where(p.id == page_id, p.state == "pending", unchanged)
            .values(leased_until=until, attempts=p.attempts + 1)
        )
        return bool(result.rowcount == 1)

    def mark_sent(self, page_id: str, now: datetime) -> None:
        """The page left the house."""
        self._set(page_id, state="sent", sent_at=now, leased_until=None)

    def mark_failed(self, page_id: str, error: str, retry_at: datetime) -> None:
        """The page did not leave; it is due again at `retry_at`, unless it was cancelled meanwhile."""
        self._set(page_id, last_error=error[:200], due_at=retry_at, leased_until=None)

    def mark_refused(self, page_id: str, error: str) -> None:
        """The page will never leave this way."""
        self._set(page_id, state="refused", last_error=error[:200], leased_until=None)

    def sent(self, escalation_id: str) -> str | None:
        """The newest page of an escalation that has left, if any."""
        p = t.pages.c
        query = sa.select(p.id).where(p.escalation_id == escalation_id, p.state == "sent").order_by(p.sent_at.desc())
        found: str | None = self._connection.execute(query.limit(1)).scalar()
        return found

    def cancel(self, escalation_id: str) -> int:
        """Nobody needs to be reached any more; returns how many pages were still to go."""
        p = t.pages.c
        result = self._connection.execute(
            t.pages.update().where(p.escalation_id == escalation_id, p.state == "pending").values(state="cancelled")
        )
        return int(result.rowcount)

    def pending(self, escalation_id: str) -> int:
        """How many pages of an escalation are still to go."""
        p = t.pages.c
        count = sa.select(sa.func.count()).where(p.escalation_id == escalation_id, p.state == "pending")
        return int(self._connection.execute(count).scalar_one())

    def _set(self, page_id: str, **values: Any) -> None:
        self._connection.execute(t.pages.update().where(t.pages.c.id == page_id).values(**values))


class SqlTimers:
    """Timers in SQL, one a kind and escalation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, timer: Timer) -> None:
        """Set a timer; one of the same kind is replaced."""
        self.clear(timer.escalation_id, timer.kind)
        self._connection.execute(
            t.timers.insert().values(
                escalation_id=timer.escalation_id,
                kind=timer.kind,
                due_at=timer.due_at,
                round=timer.position.round,
                step=timer.position.step,
            )
        )

    def clear(self, escalation_id: str, *kinds: TimerKind) -> None:
        """Remove timers; without kinds all of an escalation."""
        c = t.timers.c
        which = c.kind.in_(kinds) if kinds else sa.true()
        self._connection.execute(t.timers.delete().where(c.escalation_id == escalation_id, which))

    def take_due(self, now: datetime, limit: int) -> tuple[Timer, ...]:
        """Take timers that are due: they are gone with this transaction, and only then."""
        c = t.timers.c
        rows = self._connection.execute(
            sa.select(t.timers).where(c.due_at <= now).order_by(c.due_at).limit(limit).with_for_update(skip_locked=True)
        ).all()
        taken = [row for row in rows if self._take(row)]
        return tuple(Timer(r.escalation_id, TimerKind(r.kind), Position(r.round, r.step), r.due_at) for r in taken)

    def _take(self, row: Any) -> bool:
        c = t.timers.c
        result = self._connection.execute(
            t.timers.delete().where(c.escalation_id == row.escalation_id, c.kind == row.kind, c.due_at == row.due_at)
        )
        return bool(result.rowcount == 1)


class SqlHeartbeats:
    """Signs of life in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beat(self, name: str, now: datetime) -> None:
        """Say that a process is at work."""
        h = t.heartbeats
        if self._connection.execute(h.update().where(h.c.name == name).values(at=now)).rowcount == 0:
            self._connection.execute(h.insert().values(name=name, at=now))

    def last(self, name: str) -> datetime | None:
        """When it last was; None for never."""
        found: datetime | None = self._connection.execute(
            sa.select(t.heartbeats.c.at).where(t.heartbeats.c.name == name)
        ).scalar()
        return found


def _pages() -> Any:
    e = t.escalations.c
    return sa.select(
        t.pages.c.id,
        t.pages.c.escalation_id,
        t.pages.c.step,
        t.pages.c.person,
        t.pages.c.contact,
        t.pages.c.attempts,
        e.reference,
        e.tier,
        e.opened_at,
        e.language,
        e.canary,
    ).join(t.escalations)


def _page(row: Any) -> Page:
    return Page(
        id=row.id,
        escalation_id=row.escalation_id,
        step=row.step,
        person=row.person,
        contact=row.contact,
        reference=row.reference,
        tier=Tier(row.tier),
        opened_at=row.opened_at,
        language=row.language,
        canary=row.canary,
        attempts=row.attempts + 1,
    )
