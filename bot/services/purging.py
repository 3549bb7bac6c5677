"""Deletes what is kept no longer, a little at a time; never what belongs to an open escalation."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.retention import Limits, Retention
from bot.services.forgetting import KEPT_AFTER_CLOSING
from bot.services.ports import UnitOfWorkFactory
from bot.services.retries import again_on_conflict

log = logging.getLogger(__name__)

ACTOR: Final = "retention"
_EVERY: Final = timedelta(hours=1)
# So few that whoever waits for the database does not notice.
_TALKS_AT_A_TIME: Final = 20
_ROWS_AT_A_TIME: Final = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went, or would go."""

    talks: int = 0
    feedback: int = 0
    memories: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.talks + self.feedback + self.memories


@dataclass(frozen=True, slots=True)
class Memory:
    """What the dialogue keeps: of one talk, and of all that rest (until a moment, at most so many)."""

    forget: Callable[[str], object]
    forget_before: Callable[[datetime, int], int]


class Purge:
    """Work of the pager process, and a command. Several may do it. Raises StorageUnavailable."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, retention: Retention, clock: Clock, memory: Memory) -> None:
        self._unit_of_work = unit_of_work
        self._retention = retention
        self._clock = clock
        self._memory = memory
        self._rests_since: datetime | None = None

    def tick(self) -> int:
        """Once an hour, in steps until nothing is left; returns how much was deleted."""
        now = self._clock()
        # A clock that was set back does it at once.
        if self._rests_since is not None and abs(now - self._rests_since) < _EVERY:
            return 0
        done = self.once().total
        if done == 0:
            self._rests_since = now
        return done

    def due(self) -> Purged:
        """What `once` would delete by now, all together; what Rasa remembers is not counted."""
        now = self._clock()
        limits = Limits.of(self._retention, now)
        with self._unit_of_work() as uow:
            return Purged(
                talks=uow.retention.count_talks(limits, now - KEPT_AFTER_CLOSING),
                feedback=uow.retention.count_feedback(limits.feedback),
            )

    def once(self) -> Purged:
        """One step. It stands in the audit, with numbers alone."""
        now = self._clock()
        limits = Limits.of(self._retention, now)
        with self._unit_of_work() as uow:
            due = uow.retention.talks(limits, now - KEPT_AFTER_CLOSING, _TALKS_AT_A_TIME)
        talks = sum(again_on_conflict(functools.partial(self._forget, talk, limits, now)) for talk in due)
        memories = self._memory.forget_before(limits.memory, _ROWS_AT_A_TIME)
        with self._unit_of_work() as uow:
            feedback = uow.retention.delete_feedback(limits.feedback, _ROWS_AT_A_TIME)
            purged = Purged(talks, feedback, memories)
            if purged.total:
                detail = {"talks": talks, "feedback": feedback, "memories": memories}
                uow.audit.append(ACTOR, Action.PURGED, "", detail, now)
                log.info("purged talks=%d feedback=%d memories=%d", talks, feedback, memories)
            uow.commit()
        return purged

    def _forget(self, conversation_id: str, limits: Limits, now: datetime) -> bool:
        """Delete a talk, unless something has happened in it since it was found."""
        with self._unit_of_work() as uow:
            uow.conversations.lock(conversation_id)
            if not uow.retention.is_due(conversation_id, limits, now - KEPT_AFTER_CLOSING):
                return False
            latest = uow.escalations.latest_for(conversation_id)
            uow.forgetting.ask(conversation_id, now)
            uow.forgetting.forget(conversation_id, now)
            if latest is not None:
                uow.escalations.record(latest.id, ACTOR, "forgotten", {}, now)
            self._memory.forget(conversation_id)
            uow.commit()
            return True
