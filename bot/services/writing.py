"""That a patient is writing, for whoever speaks with them."""

from __future__ import annotations

from bot.domain.clock import Clock
from bot.domain.conversation import Mode
from bot.domain.errors import UnknownConversation
from bot.services.live_ports import TYPING, Side
from bot.services.ports import UnitOfWorkFactory


class PatientWriting:
    """Kept only while a member of staff has the talk: nobody else would see it."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, readers: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._readers = readers
        self._clock = clock

    def says(self, conversation_id: str, writing: bool) -> bool:
        """The patient is writing, or has stopped: whether anybody can see it.

        Raises UnknownConversation, StorageUnavailable.
        """
        with self._readers() as uow:
            found = uow.conversations.get(conversation_id)
            if found is None or uow.forgetting.is_forgotten(conversation_id):
                raise UnknownConversation
        if found.mode is not Mode.STAFF:
            return False
        with self._unit_of_work() as uow:
            uow.typing.set(conversation_id, Side.PATIENT, self._clock() + TYPING if writing else None)
            uow.commit()
        return True
