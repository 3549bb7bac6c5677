"""One escalation as staff see it: the talk with what was found in it, the history, how to reach the patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.errors import NotFound
from bot.domain.escalation import Escalation, Status
from bot.domain.on_call import OnCall
from bot.domain.staff import Role, Staff
from bot.services.live_ports import Side
from bot.services.ports import Conversation, HistoryEntry, TalkEntry, UnitOfWork, UnitOfWorkFactory
from bot.services.queue_ports import LastPage, MarkedWords
from bot.services.staff_names import all_names

TALK_PAGE = 100
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One message, with what the screen found in it and how far its text got."""

    entry: TalkEntry
    marks: Sequence[MarkedWords] = ()
    text_state: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one. `earlier`: there are messages before those shown. `number` is where to call back, E.164."""

    escalation: Escalation
    conversation: Conversation
    lines: tuple[Line, ...]
    earlier: bool
    position: int
    history: tuple[HistoryEntry, ...]
    pages: tuple[LastPage, ...]
    others: tuple[Escalation, ...]
    names: Mapping[str, str]
    forgotten: bool
    now: datetime
    writing_seconds: float
    number: str | None = field(default=None, repr=False)
    # The patient has stopped texts: nothing that is written here reaches them.
    stopped: bool = False


class CaseDesk:
    """Opens cases. Who reads a talk stands in the audit. Raises NotFound, StorageUnavailable."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, readers: UnitOfWorkFactory, on_call: OnCall, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._readers = readers
        self._on_call = on_call
        self._clock = clock

    def open(self, reference: str, by: Staff, before: int | None = None) -> Case:
        """The case with its newest messages, or those before a position."""
        with self._unit_of_work() as uow:
            escalation = _find(uow, reference)
            last = uow.queue.last_position(escalation.conversation_id)
            upper = last if before is None else min(last, before - 1)
            case = self._case(uow, escalation, max(0, upper - TALK_PAGE), TALK_PAGE)
            uow.audit.append(by.user_name, Action.TALK_READ, escalation.reference, {"up_to": upper}, self._clock())
            if before is None:
                self._mark_read(uow, escalation, by, last)
            uow.commit()
        return case

    def after(self, reference: str, position: int) -> Case:
        """What is new to somebody who has opened it: for a page that follows the talk."""
        with self._readers() as uow:
            return self._case(uow, _find(uow, reference), position, TALK_PAGE)

    def talk_of(self, reference: str) -> str:
        """The id of its talk."""
        with self._readers() as uow:
            return _find(uow, reference).conversation_id

    def seen(self, reference: str, by: Staff, position: int) -> None:
        """They have the talk before their eyes, up to a position."""
        with self._unit_of_work() as uow:
            escalation = _find(uow, reference)
            last = uow.queue.last_position(escalation.conversation_id)
            self._mark_read(uow, escalation, by, min(position, last))
            uow.commit()

    def _mark_read(self, uow: UnitOfWork, escalation: Escalation, by: Staff, position: int) -> None:
        # An auditor looks at it, and sees to nothing.
        if by.role is not Role.AUDITOR:
            uow.queue.read_up_to(escalation.conversation_id, position, self._clock())

    def _case(self, uow: UnitOfWork, escalation: Escalation, after: int, limit: int) -> Case:
        talk = escalation.conversation_id
        conversation = uow.conversations.get(talk)
        if conversation is None:
            raise NotFound(f"the talk of {escalation.reference} is not there")
        entries = uow.messages.talk(talk, after, limit)
        marks = uow.queue.marks(talk, [entry.position for entry in entries if entry.author == "patient"])
        states = uow.queue.text_states(talk)
        address = uow.addresses.of(talk)
        now = self._clock()
        until = uow.typing.until(talk, Side.PATIENT) if escalation.status is Status.WITH_STAFF else None
        return Case(
            escalation=escalation,
            conversation=conversation,
            lines=tuple(Line(e, marks.get(e.position, ()), states.get(e.position)) for e in entries),
            earlier=after > 0,
            position=entries[-1].position if entries else after,
            history=uow.escalations.history(escalation.id),
            pages=uow.queue.sent_pages(escalation.id, _MOST_PAGES),
            others=tuple(other for other in uow.queue.of_conversation(talk) if other.id != escalation.id),
            names=all_names(uow, self._on_call),
            forgotten=uow.forgetting.is_forgotten(talk),
            now=now,
            writing_seconds=max(0.0, (until - now).total_seconds()) if until else 0.0,
            number=conversation.callback_number or (address.number if address else None),
            stopped=address.stopped if address else False,
        )


def _find(uow: UnitOfWork, reference: str) -> Escalation:
    found = uow.escalations.by_reference(reference.strip().upper())
    if found is None:
        raise NotFound(f"no escalation is called {reference}")
    return found
