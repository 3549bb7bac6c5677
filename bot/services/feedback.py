"""What patients say of answers: helpful or not."""

from __future__ import annotations

from bot.domain.clock import Clock
from bot.domain.errors import UnknownConversation
from bot.services.ports import UnitOfWorkFactory
from bot.services.retries import again_on_conflict


class FeedbackBox:
    """Takes it, once for each answer; the last word counts."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def rate(self, conversation_id: str, position: int, helpful: bool | None) -> bool:
        """Store it; None takes it back. False where no answer is at that position.

        Raises UnknownConversation, StorageUnavailable.
        """
        return again_on_conflict(lambda: self._rate(conversation_id, position, helpful))

    def _rate(self, conversation_id: str, position: int, helpful: bool | None) -> bool:
        with self._unit_of_work() as uow:
            if uow.conversations.get(conversation_id) is None or uow.forgetting.is_forgotten(conversation_id):
                raise UnknownConversation
            answer = uow.feedback.answer(conversation_id, position)
            if answer is None:
                return False
            uow.feedback.rate(answer, helpful, self._clock())
            uow.changes.note(conversation_id)
            uow.commit()
            return True
