"""What staff do with an escalation: acknowledge, take over, answer, hand back, resolve, reopen."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.clock import Clock
from bot.domain.conversation import Mode
from bot.domain.errors import AlreadyTaken, IllegalMove, LinkUsed, NotFound
from bot.domain.escalation import Escalation, Outcome, Status, Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.on_call import OnCall, Person
from bot.services.ladder import Ladder
from bot.services.live_ports import TYPING, Side
from bot.services.notices import Notices
from bot.services.outgoing import notify
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict
from bot.services.telephone_ports import Purpose


@dataclass(frozen=True, slots=True)
class PageView:
    """What somebody who was paged may see without signing in: nothing about the patient."""

    reference: str
    tier: Tier
    status: Status
    person: str
    owner: str | None
    opened_at: datetime
    is_used: bool
    is_theirs: bool

    @property
    def can_be_acknowledged(self) -> bool:
        """Whether nobody has it yet."""
        return self.status is Status.OPEN


class Handling:
    """Each move in a transaction of its own, with its line in the history.

    `by` is the id of a person of the on-call list, or another name of whoever
    acts. Raises NotFound, IllegalMove, AlreadyTaken, StorageUnavailable.
    """

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, clock: Clock, on_call: OnCall, ladder: Ladder, notices: Notices
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._on_call = on_call
        self._ladder = ladder
        self._notices = notices

    def acknowledge(self, reference: str, by: str, way: str, page_id: str | None = None) -> Escalation:
        """Somebody says "I have it". `way`: link, sms, call, console, cli. The same person twice is once.

        `page_id`: of the page whose link says so, which does it once. Raises LinkUsed.
        """

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if page_id is not None and not uow.page_links.use(page_id, now):
                raise LinkUsed
            if escalation.status in (Status.ACKNOWLEDGED, Status.WITH_STAFF):
                if escalation.owner == by:
                    return escalation
                raise AlreadyTaken(reference, self._name(escalation.owner))
            taken = escalation.moved(Status.ACKNOWLEDGED, now, owner=by)
            self._store(uow, escalation, taken)
            self._ladder.acknowledged(uow, taken, now)
            uow.escalations.record(taken.id, by, "acknowledged", {"way": way}, now)
            self._notices.seen(uow, taken, self._person(by), now)
            return taken

        return self._move(reference, move)

    def view(self, page_id: str) -> PageView | None:
        """What a page is about; None where there is no such page."""
        with self._unit_of_work() as uow:
            page = uow.pages.get(page_id)
            escalation = uow.escalations.get(page.escalation_id) if page else None
            is_used = uow.page_links.is_used(page_id)
        if page is None or escalation is None:
            return None
        return PageView(
            reference=escalation.reference,
            tier=escalation.tier,
            status=escalation.status,
            person=page.person,
            owner=self._name(escalation.owner),
            opened_at=escalation.opened_at,
            is_used=is_used,
            is_theirs=escalation.owner == page.person,
        )

    def take_over(self, reference: str, by: str, message_follows: bool = False) -> Escalation:
        """From now on a person speaks; the bot is silent in this conversation."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is Status.WITH_STAFF:
                if escalation.owner == by:
                    return escalation
                raise AlreadyTaken(reference, self._name(escalation.owner))
            taken = escalation.moved(Status.WITH_STAFF, now, owner=by)
            self._store(uow, escalation, taken)
            uow.conversations.set_mode(taken.conversation_id, Mode.STAFF, now)
            self._ladder.taken_over(uow, taken, now)
            uow.escalations.record(taken.id, by, "taken_over", {}, now)
            self._notices.joined(uow, taken, self._person(by), now, has_text=not message_follows)
            return taken

        return self._move(reference, move)

    def speaks(self, reference: str, by: str) -> Escalation:
        """Whoever acknowledged talks with the patient by telephone now: what is left is to close it."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is Status.ACKNOWLEDGED and escalation.owner == by:
                self._ladder.stop(uow, escalation)
                self._ladder.answered(uow, escalation, now)
                uow.escalations.record(escalation.id, by, "speaks_by_phone", {}, now)
            return escalation

        return self._move(reference, move)

    def not_connected(self, reference: str, by: str) -> Escalation:
        """The line went dead before the two were connected: to be taken over in time, as after any acknowledgement."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is Status.ACKNOWLEDGED and escalation.owner == by:
                self._ladder.acknowledged(uow, escalation, now)
                uow.escalations.record(escalation.id, by, "not_connected", {}, now)
            return escalation

        return self._move(reference, move)

    def say(self, reference: str, by: str, text: str) -> Escalation:
        """A person writes to the patient; whoever writes has taken over. Only the owner may."""
        self.take_over(reference, by, message_follows=True)

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is not Status.WITH_STAFF or escalation.owner != by:
                raise AlreadyTaken(reference, self._name(escalation.owner))
            reply = Reply(text=text, kind=ReplyKind.HANDOFF, topic="staff/message")
            author = f"staff:{self._name(by)}"
            said = uow.messages.add_notice(escalation.conversation_id, uuid.uuid4().hex, author, reply, now)
            if said is not None:
                notify(uow, escalation.conversation_id, said, Purpose.STAFF, now)
            self._ladder.answered(uow, escalation, now)
            uow.escalations.record(escalation.id, by, "wrote", {"characters": len(text)}, now)
            if uow.typing.until(escalation.conversation_id, Side.STAFF):
                uow.typing.set(escalation.conversation_id, Side.STAFF, None)
            return escalation

        return self._move(reference, move)

    def typing(self, reference: str, by: str, writing: bool = True) -> bool:
        """Show the patient that a person is writing, or has stopped; over by itself after TYPING. False: not the owner.

        Meant to be called every few seconds while they write. It leaves no line in the history.
        """
        with self._unit_of_work() as uow:
            escalation = uow.escalations.by_reference(reference.strip().upper())
            if escalation is None:
                raise NotFound(f"no escalation is called {reference}")
            if escalation.status is not Status.WITH_STAFF or escalation.owner != by:
                return False
            uow.typing.set(escalation.conversation_id, Side.STAFF, self._clock() + TYPING if writing else None)
            uow.commit()
            return True

    def hand_back(self, reference: str, by: str) -> Escalation:
        """The bot answers again; the escalation stays acknowledged by whoever had it."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is not Status.WITH_STAFF:
                raise IllegalMove(escalation.reference, escalation.status, "handed back")
            back = escalation.moved(Status.OPEN, now).moved(Status.ACKNOWLEDGED, now)
            self._store(uow, escalation, back)
            uow.conversations.set_mode(back.conversation_id, Mode.WAITING, now)
            self._ladder.stop(uow, back)
            self._ladder.answered(uow, back, now)
            uow.escalations.record(back.id, by, "handed_back", {}, now)
            return back

        return self._move(reference, move)

    def resolve(self, reference: str, by: str, outcome: Outcome, reason: str = "") -> Escalation:
        """It is over. The bot answers again."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            over = escalation.moved(Status.RESOLVED, now, owner=by, outcome=outcome)
            self._store(uow, escalation, over)
            uow.conversations.set_mode(over.conversation_id, Mode.BOT, now)
            self._ladder.stop(uow, over)
            uow.escalations.record(over.id, by, "resolved", {"outcome": outcome, "reason": reason}, now)
            self._notices.closed(uow, over, now)
            return over

        return self._move(reference, move)

    def _move(self, reference: str, move: Callable[[UnitOfWork, Escalation, datetime], Escalation]) -> Escalation:
        return again_on_conflict(lambda: self._move_once(reference, move))

    def _move_once(self, reference: str, move: Callable[[UnitOfWork, Escalation, datetime], Escalation]) -> Escalation:
        with self._unit_of_work() as uow:
            found = uow.escalations.by_reference(reference.strip().upper())
            escalation = uow.escalations.hold(found.id) if found else None
            if escalation is None:
                raise NotFound(f"no escalation is called {reference}")
            moved = move(uow, escalation, self._clock())
            uow.commit()
            return moved

    def _store(self, uow: UnitOfWork, seen: Escalation, moved: Escalation) -> None:
        """Only over the status that was read: of two at once, one wins and the other is told."""
        if not uow.escalations.update(moved, seen=seen.status):
            current = uow.escalations.get(seen.id)
            raise AlreadyTaken(seen.reference, self._name(current.owner if current else None))

    def _person(self, by: str) -> Person | None:
        return self._on_call.people.get(by)

    def _name(self, by: str | None) -> str | None:
        person = self._on_call.people.get(by or "")
        return person.name if person else by
