"""What staff do with an escalation: acknowledge, take over, answer, note, change its tier, hand back, resolve, reopen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.conversation import Mode
from bot.domain.errors import AlreadyTaken, AnotherOpen, IllegalMove, LinkUsed, NotFound, ReasonNeeded
from bot.domain.escalation import Escalation, Outcome, Status, Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.on_call import OnCall, Person
from bot.services.ladder import Ladder
from bot.services.live_ports import TYPING, Side
from bot.services.notices import Notices
from bot.services.outgoing import notify
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict
from bot.services.staff_names import acting_person, name_of
from bot.services.telephone_ports import Purpose

# Of a line in a history, what the audit says too: nothing that anybody wrote.
_AUDITED: Final = frozenset({"way", "outcome", "from", "to", "owner", "characters", "how"})


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

    `by` is the id of a person of the on-call list, the user name of an account,
    or another name of whoever acts. What is done stands in the audit as well.
    Raises NotFound, IllegalMove, AlreadyTaken, StorageUnavailable.
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
                raise AlreadyTaken(reference, self._name(uow, escalation.owner))
            taken = escalation.moved(Status.ACKNOWLEDGED, now, owner=by)
            self._store(uow, escalation, taken)
            self._ladder.acknowledged(uow, taken, now)
            _record(uow, taken, by, "acknowledged", {"way": way}, now)
            self._notices.seen(uow, taken, self._person(uow, by), now)
            return taken

        return self._move(reference, move)

    def view(self, page_id: str) -> PageView | None:
        """What a page is about; None where there is no such page."""
        with self._unit_of_work() as uow:
            page = uow.pages.get(page_id)
            escalation = uow.escalations.get(page.escalation_id) if page else None
            is_used = uow.page_links.is_used(page_id)
            owner = self._name(uow, escalation.owner) if escalation else None
        if page is None or escalation is None:
            return None
        return PageView(
            reference=escalation.reference,
            tier=escalation.tier,
            status=escalation.status,
            person=page.person,
            owner=owner,
            opened_at=escalation.opened_at,
            is_used=is_used,
            is_theirs=escalation.owner == page.person,
        )

    def take_over(
        self, reference: str, by: str, from_owner: str | None = None, message_follows: bool = False
    ) -> Escalation:
        """From now on a person speaks; the bot is silent in this conversation.

        `from_owner`: takes it out of the hands of whoever speaks with the patient now, who has to be that person.
        """

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is Status.WITH_STAFF:
                if escalation.owner == by:
                    return escalation
                if from_owner is None or escalation.owner != from_owner:
                    raise AlreadyTaken(reference, self._name(uow, escalation.owner))
                taken = replace(escalation, owner=by, updated_at=now)
                event, detail = "taken_from", {"owner": from_owner}
            else:
                taken, event, detail = escalation.moved(Status.WITH_STAFF, now, owner=by), "taken_over", {}
            self._store(uow, escalation, taken)
            uow.conversations.set_mode(taken.conversation_id, Mode.STAFF, now)
            self._ladder.taken_over(uow, taken, now)
            _record(uow, taken, by, event, detail, now)
            self._notices.joined(uow, taken, self._person(uow, by), now, has_text=not message_follows)
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
                raise AlreadyTaken(reference, self._name(uow, escalation.owner))
            self._write(uow, escalation.conversation_id, by, text, now)
            self._ladder.answered(uow, escalation, now)
            _record(uow, escalation, by, "wrote", {"characters": len(text)}, now)
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

    def hand_back(self, reference: str, by: str, overrule: bool = False) -> Escalation:
        """The bot answers again; the escalation stays acknowledged by whoever had it.

        `overrule`: also where somebody else speaks with the patient.
        """

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is not Status.WITH_STAFF:
                raise IllegalMove(escalation.reference, escalation.status, "handed back")
            self._check_owner(uow, escalation, by, overrule)
            back = escalation.moved(Status.OPEN, now).moved(Status.ACKNOWLEDGED, now)
            self._store(uow, escalation, back)
            uow.conversations.set_mode(back.conversation_id, Mode.WAITING, now)
            self._ladder.stop(uow, back)
            self._ladder.answered(uow, back, now)
            _record(uow, back, by, "handed_back", {}, now)
            return back

        return self._move(reference, move)

    def resolve(
        self, reference: str, by: str, outcome: Outcome, reason: str = "", overrule: bool = False
    ) -> Escalation:
        """It is over. The bot answers again. `overrule`: also where somebody else speaks with the patient."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            self._check_owner(uow, escalation, by, overrule)
            over = escalation.moved(Status.RESOLVED, now, owner=by, outcome=outcome)
            self._store(uow, escalation, over)
            uow.conversations.set_mode(over.conversation_id, Mode.BOT, now)
            self._ladder.stop(uow, over)
            _record(uow, over, by, "resolved", {"outcome": outcome, "reason": reason}, now)
            self._notices.closed(uow, over, now)
            return over

        return self._move(reference, move)

    def note(self, reference: str, by: str, text: str) -> Escalation:
        """What staff want each other to know; the patient never sees it."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            _record(uow, escalation, by, "noted", {"text": text}, now)
            return escalation

        return self._move(reference, move)

    def change_tier(self, reference: str, by: str, tier: Tier, reason: str = "") -> Escalation:
        """More serious: paged as such a report would be, unless who has it says so. Less serious: with a reason.

        Raises ReasonNeeded.
        """

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            if escalation.status is Status.RESOLVED:
                raise IllegalMove(escalation.reference, escalation.status, tier)
            if tier is escalation.tier:
                return escalation
            raised = tier.rank < escalation.tier.rank
            if not raised and not reason.strip():
                raise ReasonNeeded
            detail = {"from": escalation.tier, "to": tier, "reason": reason.strip()}
            _record(uow, escalation, by, "tier_changed", detail, now)
            changed = replace(escalation, tier=tier, updated_at=now)
            return self._raise(uow, changed, by, now) if raised else self._lower(uow, changed, now)

        return self._move(reference, move)

    def reopen(self, reference: str, by: str, reason: str = "") -> Escalation:
        """Not over after all: whoever says so has it. Raises AnotherOpen."""

        def move(uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
            other = uow.escalations.open_for(escalation.conversation_id)
            if other is not None and other.id != escalation.id:
                raise AnotherOpen(escalation.reference, other.reference)
            if escalation.status is not Status.RESOLVED:
                raise IllegalMove(escalation.reference, escalation.status, "reopened")
            opened = escalation.moved(Status.OPEN, now, outcome=None).moved(Status.ACKNOWLEDGED, now, owner=by)
            self._store(uow, escalation, opened)
            if opened.tier.wakes_staff:
                uow.conversations.set_mode(opened.conversation_id, Mode.WAITING, now)
            self._ladder.acknowledged(uow, opened, now)
            _record(uow, opened, by, "reopened", {"reason": reason.strip()}, now)
            return opened

        return self._move(reference, move)

    def answer_question(self, message_id: str, by: str, text: str) -> None:
        """Write to a patient whose question the assistant could not answer; the bot stays in the talk.

        Raises NotFound for a question that is not there any more, IllegalMove for one that was seen to.
        """
        again_on_conflict(lambda: self._answer_question(message_id, by, text))

    def _answer_question(self, message_id: str, by: str, text: str) -> None:
        with self._unit_of_work() as uow:
            question = uow.questions.get(message_id)
            if question is None:
                raise NotFound("that question is not there any more")
            uow.conversations.lock(question.conversation_id)
            now = self._clock()
            escalation = uow.escalations.open_for(question.conversation_id)
            if escalation is not None:
                self._check_owner(uow, escalation, by, overrule=False)
            if not uow.questions.finish(message_id, "answered", by, now):
                raise IllegalMove("this question", "seen to", "answered again")
            self._write(uow, question.conversation_id, by, text, now)
            if escalation is not None:
                uow.escalations.record(escalation.id, by, "answered_question", {"characters": len(text)}, now)
            uow.audit.append(by, Action.QUESTION_ANSWERED, message_id, {"characters": len(text)}, now)
            uow.commit()

    # -- pieces of them ----------------------------------------------------------

    def _write(self, uow: UnitOfWork, conversation_id: str, by: str, text: str, now: datetime) -> None:
        reply = Reply(text=text, kind=ReplyKind.HANDOFF, topic="staff/message")
        author = f"staff:{self._name(uow, by)}"
        said = uow.messages.add_notice(conversation_id, uuid.uuid4().hex, author, reply, now)
        if said is not None:
            notify(uow, conversation_id, said, Purpose.STAFF, now)

    def _check_owner(self, uow: UnitOfWork, escalation: Escalation, by: str, overrule: bool) -> None:
        if escalation.status is Status.WITH_STAFF and escalation.owner != by and not overrule:
            raise AlreadyTaken(escalation.reference, self._name(uow, escalation.owner))

    def _raise(self, uow: UnitOfWork, escalation: Escalation, by: str, now: datetime) -> Escalation:
        is_owner = escalation.status is not Status.OPEN and escalation.owner == by
        if is_owner or not escalation.tier.wakes_staff:
            uow.escalations.update(escalation)
            return escalation
        if escalation.status is Status.WITH_STAFF:
            uow.escalations.update(escalation)
            self._ladder.news(uow, escalation, "tier-raised", now)
            return escalation
        if escalation.status is Status.ACKNOWLEDGED:
            escalation = escalation.moved(Status.OPEN, now)
        uow.conversations.set_mode(escalation.conversation_id, Mode.WAITING, now)
        return self._ladder.start(uow, escalation, now)

    def _lower(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
        uow.escalations.update(escalation)
        if not escalation.tier.wakes_staff:
            self._ladder.stop(uow, escalation)
            if escalation.status is not Status.WITH_STAFF:
                uow.conversations.set_mode(escalation.conversation_id, Mode.BOT, now)
        return escalation

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
            raise AlreadyTaken(seen.reference, self._name(uow, current.owner if current else None))

    def _person(self, uow: UnitOfWork, by: str) -> Person | None:
        return acting_person(uow, self._on_call, by)

    def _name(self, uow: UnitOfWork, by: str | None) -> str | None:
        return name_of(uow, self._on_call, by)


def _record(
    uow: UnitOfWork, escalation: Escalation, by: str, event: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """A line in the history, and one in the audit."""
    uow.escalations.record(escalation.id, by, event, detail, now)
    told = {name: value for name, value in detail.items() if name in _AUDITED}
    uow.audit.append(by, Action(f"escalation.{event}"), escalation.reference, told, now)
