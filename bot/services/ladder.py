"""Follows an escalation until somebody has seen it to the end: steps, timers, what each limit leads to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.domain.clock import Clock
from bot.domain.conversation import Mode
from bot.domain.escalation import Escalation, Status
from bot.domain.on_call import OnCall
from bot.domain.paging_policy import Position, advance
from bot.services.notices import Notices
from bot.services.ports import PagePlan, Timer, TimerKind, UnitOfWork, UnitOfWorkFactory

log = logging.getLogger(__name__)

ACTOR = "pager"
_BATCH = 20


class Ladder:
    """Starts, continues and stops the pages of an escalation, inside the caller's transaction."""

    def __init__(self, on_call: OnCall, notices: Notices) -> None:
        self._on_call = on_call
        self._notices = notices

    def start(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
        """From the first step, at the escalation's tier. What was still to go is taken back."""
        self.stop(uow, escalation)
        started = replace(escalation, cycle=escalation.cycle + 1, updated_at=now)
        uow.escalations.update(started)
        limits = self._on_call.limits[started.tier]
        self._timer(uow, started, TimerKind.ANSWER, now + limits.answer)
        self._step(uow, started, Position(), now)
        return started

    def stop(self, uow: UnitOfWork, escalation: Escalation) -> None:
        """Nobody needs to be reached any more."""
        uow.timers.clear(escalation.id)
        uow.pages.cancel(escalation.id)

    def acknowledged(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> None:
        """Somebody has it: the ladder rests, and somebody has to take it over in time."""
        self.stop(uow, escalation)
        self._limit(uow, escalation, TimerKind.TAKE_OVER, now)

    def taken_over(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> None:
        """Somebody speaks with the patient from now on: a first message is due in time."""
        self.stop(uow, escalation)
        self._limit(uow, escalation, TimerKind.FIRST_MESSAGE, now)

    def answered(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> None:
        """A person has written: what is left is to close it."""
        uow.timers.clear(escalation.id, TimerKind.FIRST_MESSAGE)
        self._limit(uow, escalation, TimerKind.CLOSE, now)

    def page_owner(self, uow: UnitOfWork, escalation: Escalation, reason: str, now: datetime) -> None:
        """Something new in a case that somebody has: that person is told, each time."""
        person = escalation.owner if escalation.owner in self._on_call.people else None
        people = (person,) if person else self._first_reached(escalation, now)
        stamp = f"{reason}@{now:%Y%m%d%H%M%S%f}"
        self._page(uow, escalation, stamp, people, now)

    def refused(self, uow: UnitOfWork, escalation: Escalation, step: str, now: datetime) -> None:
        """A way to a person is closed for good: their next one, and after the last, the next step at once."""
        prefix, person, contact = step.rsplit("/", 2)
        following = int(contact) + 1
        if person in self._on_call.people and following < len(self._on_call.people[person].contacts):
            uow.pages.add(PagePlan(escalation.id, f"{prefix}/{person}/{following}", person, following), now, now)
        elif uow.pages.pending(escalation.id) == 0 and escalation.status is Status.OPEN:
            uow.escalations.record(escalation.id, ACTOR, "step_reached_nobody", {"step": prefix}, now)
            self._hurry(uow, escalation, prefix, now)

    def due(self, uow: UnitOfWork, timer: Timer, now: datetime) -> None:
        """Do what a timer is for."""
        escalation = uow.escalations.get(timer.escalation_id)
        if escalation is None or escalation.status is Status.RESOLVED:
            return
        if timer.kind is TimerKind.LADDER:
            self._step(uow, escalation, timer.position, now)
        elif timer.kind is TimerKind.ANSWER:
            self._notices.nobody_yet(uow, escalation, now)
        elif timer.kind is TimerKind.CLOSE:
            uow.escalations.record(escalation.id, ACTOR, "still_open", {"owner": escalation.owner}, now)
            self.page_owner(uow, escalation, "still-open", now)
            self._limit(uow, escalation, TimerKind.CLOSE, now)
        else:
            self._resume(uow, escalation, timer.kind, now)

    def _resume(self, uow: UnitOfWork, escalation: Escalation, kind: TimerKind, now: datetime) -> None:
        """Acknowledged or taken over, and then nothing: everybody is paged again."""
        event = "acknowledgement_expired" if kind is TimerKind.TAKE_OVER else "silent_after_take_over"
        uow.escalations.record(escalation.id, ACTOR, event, {"owner": escalation.owner}, now)
        uow.conversations.set_mode(escalation.conversation_id, Mode.WAITING, now)
        self.start(uow, escalation.moved(Status.OPEN, now), now)

    def _step(self, uow: UnitOfWork, escalation: Escalation, position: Position, now: datetime) -> None:
        move = advance(self._on_call, escalation.tier, position, now)
        name = f"{escalation.cycle}.{move.taken.round}.{move.taken.step}"
        if move.people:
            self._page(uow, escalation, name, move.people, now)
            detail = {"step": name, "people": list(move.people), "last_resort": move.last_resort}
            uow.escalations.record(escalation.id, ACTOR, "step_taken", detail, now)
        if move.last_resort:
            log.error(
                "ladder_through reference=%s tier=%s round=%d", escalation.reference, escalation.tier, move.taken.round
            )
            self._notices.nobody_yet(uow, escalation, now)
        uow.timers.set(Timer(escalation.id, TimerKind.LADDER, move.following, move.due_at))

    def _page(self, uow: UnitOfWork, escalation: Escalation, step: str, people: Iterable[str], now: datetime) -> None:
        for person in people:
            uow.pages.add(PagePlan(escalation.id, f"{step}/{person}/0", person, 0), now, now)

    def _hurry(self, uow: UnitOfWork, escalation: Escalation, prefix: str, now: datetime) -> None:
        """The step after one that reached nobody is due at once, not after its delay."""
        cycle, round_, step = ([*prefix.split("."), "", ""])[:3]
        if cycle == str(escalation.cycle) and round_.isdigit() and step.isdigit():
            following = Position(int(round_), int(step) + 1)
            # At the end of a round the pause is kept: a provider that is down is not hammered.
            if following.step < len(self._on_call.ladders[escalation.tier].steps):
                uow.timers.set(Timer(escalation.id, TimerKind.LADDER, following, now))

    def _first_reached(self, escalation: Escalation, now: datetime) -> tuple[str, ...]:
        steps = self._on_call.paged(escalation.tier, now)
        return steps[0] if steps else self._on_call.last_resort

    def _limit(self, uow: UnitOfWork, escalation: Escalation, kind: TimerKind, now: datetime) -> None:
        limits = self._on_call.limits.get(escalation.tier)
        if limits is not None:  # plain requests have no clock
            self._timer(uow, escalation, kind, now + getattr(limits, kind))

    def _timer(self, uow: UnitOfWork, escalation: Escalation, kind: TimerKind, due_at: datetime) -> None:
        uow.timers.set(Timer(escalation.id, kind, Position(), due_at))


class Timekeeper:
    """Looks which timers are due and has done what they are for."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, ladder: Ladder, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._ladder = ladder
        self._clock = clock

    def tick(self) -> int:
        """Do what is due; returns how many timers. One transaction: a timer is gone only with what it did."""
        with self._unit_of_work() as uow:
            now = self._clock()
            due = uow.timers.take_due(now, _BATCH)
            for timer in due:
                self._ladder.due(uow, timer, now)
            if due:
                uow.commit()
            return len(due)
