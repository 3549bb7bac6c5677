""" "Forget this talk": at once, or when the staff do not need it any more."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.domain.errors import UnknownConversation
from bot.domain.language import Language
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict

log = logging.getLogger(__name__)

# So long after its end a case may be taken up again, and what was said in it be needed for a report of it.
KEPT_AFTER_CLOSING = timedelta(hours=24)
_BATCH = 20


class Forgetter:
    """Deletes talks; a case that staff see to keeps its talk until it is over.

    `forget_memory` deletes what the dialogue keeps of a talk. Raises StorageUnavailable.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock, forget_memory: Callable[[str], object]) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._forget_memory = forget_memory

    def ask(self, conversation_id: str) -> tuple[bool, Language]:
        """The patient wants it forgotten: whether it is already, and the language in which to say so.

        Raises UnknownConversation, StorageUnavailable.
        """
        return again_on_conflict(lambda: self._ask(conversation_id))

    def _ask(self, conversation_id: str) -> tuple[bool, Language]:
        with self._unit_of_work() as uow:
            uow.conversations.lock(conversation_id)
            found = uow.conversations.get(conversation_id)
            if found is None or uow.forgetting.is_forgotten(conversation_id):
                raise UnknownConversation
            now = self._clock()
            if uow.forgetting.ask(conversation_id, now):
                _tell_staff(uow, conversation_id, now)
            done = self._forget_if_free(uow, conversation_id, now)
            uow.commit()
        return done, found.language

    def tick(self) -> int:
        """Delete what nobody needs any more; returns how many talks."""
        with self._unit_of_work() as uow:
            due = uow.forgetting.due(self._clock() - KEPT_AFTER_CLOSING, _BATCH)
        return sum(again_on_conflict(functools.partial(self._forget, each)) for each in due)

    def _forget(self, conversation_id: str) -> bool:
        with self._unit_of_work() as uow:
            uow.conversations.lock(conversation_id)
            if uow.forgetting.is_forgotten(conversation_id):
                return False
            done = self._forget_if_free(uow, conversation_id, self._clock())
            uow.commit()
            return done

    def _forget_if_free(self, uow: UnitOfWork, conversation_id: str, now: datetime) -> bool:
        if not uow.forgetting.is_free(conversation_id, now - KEPT_AFTER_CLOSING):
            return False
        latest = uow.escalations.latest_for(conversation_id)
        uow.forgetting.forget(conversation_id, now)
        if latest is not None:
            uow.escalations.record(latest.id, "patient", "forgotten", {}, now)
        self._forget_memory(conversation_id)
        log.info("talk_forgotten conversation=%s", conversation_id)
        return True


def _tell_staff(uow: UnitOfWork, conversation_id: str, now: datetime) -> None:
    escalation = uow.escalations.open_for(conversation_id)
    if escalation is not None:
        uow.escalations.record(escalation.id, "patient", "asked_to_forget", {}, now)
