"""The other end of a transfer: an on-call person hears what it is about, and takes it with a key."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bot.domain.clock import Clock
from bot.domain.errors import AlreadyTaken, IllegalMove, NotFound, StorageUnavailable
from bot.domain.phone_tree.model import Case
from bot.services.call_records import CallRecords
from bot.services.handling import Handling
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict


class Taken(enum.Enum):
    """What pressing the key has led to. Whatever it is, the two are connected while the caller is there."""

    YES = enum.auto()
    BY_OTHER = enum.auto()  # somebody else had it already
    GONE = enum.auto()  # the caller has hung up: there is nobody to talk to
    NOT_STORED = enum.auto()


@dataclass(frozen=True, slots=True)
class Take:
    """How it went; `who` has it, where that is somebody else."""

    taken: Taken
    who: str = ""
    reference: str = ""


class Whispers:
    """Acknowledges in the name of whoever pressed the key."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, records: CallRecords, handling: Handling, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._records = records
        self._handling = handling
        self._clock = clock

    def about(self, call_id: str) -> Case | None:
        """What the call is about; None where nothing is stored."""
        with self._unit_of_work() as uow:
            return self._case(uow, call_id)

    def _case(self, uow: UnitOfWork, call_id: str) -> Case | None:
        call = uow.calls.get(call_id)
        if call is None:
            return None
        return self._records.case(uow, uow.escalations.open_for(self._records.conversation(uow, call).id))

    def take(self, call_id: str, person: str) -> Take:
        """The key was pressed."""
        try:
            return self._take(call_id, person)
        except (StorageUnavailable, NotFound, IllegalMove):
            return Take(Taken.NOT_STORED)

    def _take(self, call_id: str, person: str) -> Take:
        case = self.about(call_id)
        if case is None:
            return Take(Taken.NOT_STORED)
        other = ""
        try:
            self._handling.acknowledge(case.reference, person, "call")
        except AlreadyTaken as error:
            other = error.owner or ""
        if not again_on_conflict(lambda: self._connect(call_id, person)):
            return Take(Taken.GONE, other, case.reference)
        if other:
            return Take(Taken.BY_OTHER, other, case.reference)
        self._handling.speaks(case.reference, person)
        return Take(Taken.YES, reference=case.reference)

    def _connect(self, call_id: str, person: str) -> bool:
        """Whether the caller is still there."""
        with self._unit_of_work() as uow:
            call = uow.calls.get(call_id)
            if call is None or call.ended:
                return False
            uow.calls.set_state(call_id, {**call.state, "taken_by": person}, self._clock())
            uow.commit()
            return True
