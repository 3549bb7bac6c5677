"""Follows an escalation until somebody has seen it to the end: steps, timers, what each limit leads to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.domain.conversation import Mode
from bot.domain.errors import StorageUnavailable
from bot.domain.escalation import Escalation, Status
from bot.domain.on_call import OnCall
from bot.domain.paging_policy import Position, advance
from bot.services.notices import Notices
from bot.services.ports import Page, PagePlan, Timer, TimerKind, UnitOfWork, UnitOfWorkFactory

log = logging.getLogger(__name__)

ACTOR = "pager"
# Between the reason and the time in the name of a page that is no step of the ladder.
NEWS = "@"
_BATCH = 20
_AFTER_A_FAULT = timedelta(minutes=1)


class Ladder:
    """Starts, continues and stops the pages of an escalation, inside the caller's transaction.

    The caller holds the escalation: nobody else changes it meanwhile.
    """

    def __init__(self, on_call: OnCall, notices: Notices) -> None:
        self._on_call = on_call
        self._notices = notices

    def start(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
        """From the first step, at the escalation's tier. What was still to go is taken back."""
        self.stop(uow, escalation)
        started = replace(escalation, cycle=escalation.cycle + 1, updated_at=now)
        uow.escalations.update(started)
        self._limit(uow, started, TimerKind.ANSWER, now)
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

    def news(self, uow: UnitOfWork, escalation: Escalation, reason: str, now: datetime) -> None:
        """Something new in a case that somebody has: that person is told, and has to act in time."""
        self.page_owner(uow, escalation, reason, now)
        with_staff = escalation.status is Status.WITH_STAFF
        kind = TimerKind.FIRST_MESSAGE if with_staff else TimerKind.TAKE_OVER
        if uow.timers.get(escalation.id, kind) is None:
            self._limit(uow, escalation, kind, now)

    def page_owner(self, uow: UnitOfWork, escalation: Escalation, reason: str, now: datetime) -> None:
        """Page who has it, once for each time; whoever is first in the ladder where we do not know that person."""
        person = escalation.owner if escalation.owner in self._on_call.people else None
        people = (person,) if person else self._first_reached(escalation, now)
        self._page(uow, escalation, f"{reason}{NEWS}{now:%Y%m%d%H%M%S%f}", people, now)

    def refused(self, uow: UnitOfWork, escalation: Escalation, page: Page, now: datetime) -> None:
        """A way to a person is closed for good: their next one, and after the last, others at once."""
        step, following = page.step.rsplit("/", 2)[0], page.contact + 1
        person = self._on_call.people.get(page.person)
        if person is not None and following < len(person.contacts):
            plan = PagePlan(escalation.id, f"{step}/{person.id}/{following}", person.id, following)
            uow.pages.add(plan, now, now)
        elif not uow.pages.states(escalation.id, f"{step}/") & {"pending", "sent"}:
            uow.escalations.record(escalation.id, ACTOR, "step_reached_nobody", {"step": step}, now)
            if NEWS in step:
                self._page_others(uow, escalation, step, now)
            else:
                self._hurry(uow, escalation, step, now)

    def unanswered(self, uow: UnitOfWork, escalation: Escalation, page: Page, reason: str, now: datetime) -> bool:
        """A page that was sent reached nobody: as if it had been refused. False if that is no news, or over."""
        if not _is_waited_for(escalation, page) or not uow.pages.mark_unanswered(page.id, reason):
            return False
        detail = {"step": page.step, "person": page.person, "reason": reason}
        uow.escalations.record(escalation.id, ACTOR, "page_unanswered", detail, now)
        self.refused(uow, escalation, page, now)
        return True

    def passed_on(self, uow: UnitOfWork, escalation: Escalation, page: Page, now: datetime) -> bool:
        """Whoever was paged cannot take it: whoever is next is paged at once. False as above."""
        if not _is_waited_for(escalation, page) or not uow.pages.mark_unanswered(page.id, "passed_on"):
            return False
        uow.escalations.record(escalation.id, page.person, "passed_on", {"step": page.step}, now)
        step = page.step.rsplit("/", 2)[0]
        if NEWS in step:
            self._page_others(uow, escalation, step, now)
        elif not self._is_last(escalation, step):
            self._hurry(uow, escalation, step, now)
        else:
            self._past_the_last(uow, escalation, step, page.person, now)
        return True

    def due(self, uow: UnitOfWork, escalation: Escalation, timer: Timer, now: datetime) -> None:
        """Do what a timer is for."""
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
        reached = "sent" in uow.pages.states(escalation.id, f"{escalation.cycle}.{position.round}.")
        move = advance(self._on_call, escalation.tier, position, now, reached)
        name = f"{escalation.cycle}.{move.taken.round}.{move.taken.step}"
        if move.people:
            self._page(uow, escalation, name, move.people, now)
            detail = {"step": name, "people": list(move.people), "last_resort": move.last_resort}
            uow.escalations.record(escalation.id, ACTOR, "step_taken", detail, now)
        if move.last_resort:
            log.error(
                "ladder_through reference=%s tier=%s round=%d", escalation.reference, escalation.tier, move.taken.round
            )
            # By the timer, not here: in the transaction of the report the safety text comes first.
            self._timer(uow, escalation, TimerKind.ANSWER, now, now)
        uow.timers.set(Timer(escalation.id, TimerKind.LADDER, move.following, move.due_at), now)

    def _page(self, uow: UnitOfWork, escalation: Escalation, step: str, people: Iterable[str], now: datetime) -> bool:
        """Whether any of these pages is new."""
        plans = [PagePlan(escalation.id, f"{step}/{person}/0", person, 0) for person in people]
        return any([uow.pages.add(plan, now, now) for plan in plans])

    def _page_others(self, uow: UnitOfWork, escalation: Escalation, step: str, now: datetime) -> None:
        """The owner cannot be reached: whoever else can."""
        for people in (self._first_reached(escalation, now), self._on_call.last_resort):
            if self._page(uow, escalation, step, people, now):
                return

    def _hurry(self, uow: UnitOfWork, escalation: Escalation, step: str, now: datetime) -> None:
        """What follows a step that reached nobody is due at once, not after its delay; unless it was taken by now.

        After the last step that is the end of the round, after which the pause
        is kept: a provider that is down is not hammered.
        """
        cycle, round_, number = map(int, step.split("."))
        following = Position(round_, number + 1)
        timer = uow.timers.get(escalation.id, TimerKind.LADDER)
        waiting = timer is not None and timer.position in (following, Position(round_ + 1, 0))
        if waiting and cycle == escalation.cycle:
            uow.timers.set(Timer(escalation.id, TimerKind.LADDER, following, now), now)

    def _is_last(self, escalation: Escalation, step: str) -> bool:
        ladder = self._on_call.ladders.get(escalation.tier)
        return ladder is None or int(step.rsplit(".", 1)[1]) + 1 >= len(ladder.steps)

    def _past_the_last(self, uow: UnitOfWork, escalation: Escalation, step: str, person: str, now: datetime) -> None:
        """Nobody is left in this round: the last resort, or else the next round, without the pause."""
        cycle, round_, number = map(int, step.split("."))
        end = f"{cycle}.{round_}.{number + 1}"
        if self._page(uow, escalation, end, (each for each in self._on_call.last_resort if each != person), now):
            return
        timer = uow.timers.get(escalation.id, TimerKind.LADDER)
        if timer is not None and timer.position == Position(round_ + 1, 0):
            uow.timers.set(Timer(escalation.id, TimerKind.LADDER, timer.position, now), now)

    def _first_reached(self, escalation: Escalation, now: datetime) -> tuple[str, ...]:
        steps = self._on_call.paged(escalation.tier, now)
        return steps[0] if steps else self._on_call.last_resort

    def _limit(self, uow: UnitOfWork, escalation: Escalation, kind: TimerKind, now: datetime) -> None:
        limits = self._on_call.limits.get(escalation.tier)
        if limits is not None:  # plain requests have no clock
            self._timer(uow, escalation, kind, now + getattr(limits, kind), now)

    def _timer(self, uow: UnitOfWork, escalation: Escalation, kind: TimerKind, due_at: datetime, now: datetime) -> None:
        uow.timers.set(Timer(escalation.id, kind, Position(), due_at), now)


def _is_waited_for(escalation: Escalation, page: Page) -> bool:
    """Whether it still matters that somebody answers this page: nobody has the case, or its owner has to hear news."""
    if NEWS in page.step:
        return escalation.status in (Status.ACKNOWLEDGED, Status.WITH_STAFF)
    return escalation.status is Status.OPEN and page.step.startswith(f"{escalation.cycle}.")


class Timekeeper:
    """Looks which timers are due and has done what they are for."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, ladder: Ladder, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._ladder = ladder
        self._clock = clock

    def tick(self) -> int:
        """Do what is due; returns how many timers. Each in a transaction of its own, which it goes with."""
        with self._unit_of_work() as uow:
            due = uow.timers.due(self._clock(), _BATCH)
            uow.commit()
        return sum(map(self._do, due))

    def _do(self, timer: Timer) -> bool:
        try:
            return self._take(timer)
        except StorageUnavailable:
            raise
        except Exception:  # a worker's loop: one case that cannot go on must not keep all others waiting
            log.exception("timer_failed kind=%s", timer.kind)
            self._put_off(timer)
            return False

    def _take(self, timer: Timer) -> bool:
        with self._unit_of_work() as uow:
            escalation = uow.escalations.hold(timer.escalation_id)
            # Somebody who acted, or another pager, may have been first.
            if escalation is None or not uow.timers.take(timer):
                return False
            self._ladder.due(uow, escalation, timer, self._clock())
            uow.commit()
            return True

    def _put_off(self, timer: Timer) -> None:
        with self._unit_of_work() as uow:
            uow.escalations.hold(timer.escalation_id)
            now = self._clock()
            if uow.timers.take(timer):
                uow.timers.set(replace(timer, due_at=now + _AFTER_A_FAULT), now)
            uow.commit()
