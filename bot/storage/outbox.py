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
        elsewhere a lease is taken only if it is still as it was read. What was
        stored in the future, or is leased for twice as long as a lease lasts,
        is from before the clock was set back: it does not wait for that hour again.
        """
        p = t.pages.c
        # Twice: the clock of whoever leased it may be a little ahead of this one.
        too_long = lease_until + (lease_until - now)
        free = sa.or_(p.leased_until.is_(None), p.leased_until < now, p.leased_until > too_long)
        due = sa.or_(p.due_at <= now, p.created_at > now)
        rows = self._connection.execute(
            _pages()
            .add_columns(p.leased_until)
            .where(p.state == "pending", due, free)
            .order_by(t.escalations.c.tier != Tier.EMERGENCY, p.due_at)
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
        """The page left the house, whatever was decided about it meanwhile; that it reached nobody may be known first."""
        p = t.pages.c
        state: Any = sa.case((p.state == "unanswered", p.state), else_="sent")
        query = t.pages.update().where(p.id == page_id)
        self._connection.execute(query.values(state=state, sent_at=now, leased_until=None))

    def mark_failed(self, page: Page, error: str, retry_at: datetime) -> bool:
        """The page did not leave; it is due again at `retry_at`. False as for `mark_refused`."""
        return self._end_try(page, last_error=error[:200], due_at=retry_at, leased_until=None)

    def mark_refused(self, page: Page, error: str) -> bool:
        """The page will never leave this way. False if that is no news: cancelled, sent, or tried by another since."""
        return self._end_try(page, state="refused", last_error=error[:200], leased_until=None)

    def mark_unanswered(self, page_id: str, reason: str) -> bool:
        """The page reached nobody after all. False if that is known, or was no news: cancelled, refused."""
        p = t.pages.c
        waiting = (p.id == page_id, p.state.in_(("pending", "sent")))
        values = {"state": "unanswered", "last_error": reason[:200], "leased_until": None}
        return bool(self._connection.execute(t.pages.update().where(*waiting).values(**values)).rowcount == 1)

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

    def states(self, escalation_id: str, prefix: str) -> frozenset[str]:
        """What became of the pages whose step starts with `prefix`."""
        p = t.pages.c
        query = sa.select(p.state).where(p.escalation_id == escalation_id, p.step.startswith(prefix, autoescape=True))
        return frozenset(row.state for row in self._connection.execute(query.distinct()))

    def _end_try(self, page: Page, **values: Any) -> bool:
        p = t.pages.c
        mine = (p.id == page.id, p.state == "pending", p.attempts == page.attempts)
        return bool(self._connection.execute(t.pages.update().where(*mine).values(**values)).rowcount == 1)


class SqlTimers:
    """Timers in SQL, one a kind and escalation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, timer: Timer, now: datetime) -> None:
        """Set a timer; one of the same kind is replaced."""
        self.clear(timer.escalation_id, timer.kind)
        self._connection.execute(
            t.timers.insert().values(
                escalation_id=timer.escalation_id,
                kind=timer.kind,
                due_at=timer.due_at,
                set_at=now,
                round=timer.position.round,
                step=timer.position.step,
            )
        )

    def clear(self, escalation_id: str, *kinds: TimerKind) -> None:
        """Remove timers; without kinds all of an escalation."""
        c = t.timers.c
        which = c.kind.in_(kinds) if kinds else sa.true()
        self._connection.execute(t.timers.delete().where(c.escalation_id == escalation_id, which))

    def get(self, escalation_id: str, kind: TimerKind) -> Timer | None:
        """One timer."""
        c = t.timers.c
        query = sa.select(t.timers).where(c.escalation_id == escalation_id, c.kind == kind)
        row = self._connection.execute(query).first()
        return _timer(row) if row else None

    def due(self, now: datetime, limit: int) -> tuple[Timer, ...]:
        """Timers that are due, longest first. They stay until somebody takes them."""
        self._keep_length(now)
        c = t.timers.c
        rows = self._connection.execute(sa.select(t.timers).where(c.due_at <= now).order_by(c.due_at).limit(limit))
        return tuple(map(_timer, rows))

    def take(self, timer: Timer) -> bool:
        """Whether it was still there, as it was read. It is gone with this transaction, and only then."""
        return self._change(timer, t.timers.delete())

    def _keep_length(self, now: datetime) -> None:
        """A timer that was set in the future is from before the clock was set back: it still takes as long."""
        query = sa.select(t.timers).where(t.timers.c.set_at > now).with_for_update(skip_locked=True)
        for row in self._connection.execute(query).all():
            changed = t.timers.update().values(due_at=row.due_at - (row.set_at - now), set_at=now)
            self._change(_timer(row), changed)

    def _change(self, timer: Timer, statement: Any) -> bool:
        c = t.timers.c
        same = (c.escalation_id == timer.escalation_id, c.kind == timer.kind, c.due_at == timer.due_at)
        place = (c.round == timer.position.round, c.step == timer.position.step)
        return bool(self._connection.execute(statement.where(*same, *place)).rowcount == 1)


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


def _timer(row: Any) -> Timer:
    return Timer(row.escalation_id, TimerKind(row.kind), Position(row.round, row.step), row.due_at)


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
        t.conversations.c.language,
        e.canary,
    ).select_from(t.pages.join(t.escalations).join(t.conversations))


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
