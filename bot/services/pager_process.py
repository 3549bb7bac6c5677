"""The pager's own loop: works, says that it is alive, and says loudly when it cannot."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.domain.errors import StorageUnavailable
from bot.services.ports import UnitOfWorkFactory
from bot.services.retries import again_on_conflict

log = logging.getLogger(__name__)

NAME = "pager"
# Past this age of its last sign of life the pager counts as silent.
SILENT_AFTER = timedelta(seconds=30)
_PAUSE_SECONDS = 0.25
_RETRY_SECONDS = 2.0
_TRIES_AT_START = 20
_PAUSE_AT_START_SECONDS = 0.5
_BEAT_EVERY = timedelta(seconds=5)


class PagerProcess:
    """Calls each piece of work over and over; one that fails does not keep the others from their turn."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock, work: Sequence[Callable[[], int]]) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._work = work
        self._beaten: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Until told to stop. What is due is done without a pause between."""
        self._await_storage(stop)
        while not stop.is_set():
            done = self.once()
            if done is None:
                stop.wait(_RETRY_SECONDS)
            elif done == 0:
                stop.wait(_PAUSE_SECONDS)

    def _await_storage(self, stop: threading.Event) -> None:
        """At a first start the gateway makes the tables meanwhile; what takes longer is an error and said as one."""
        for _ in range(_TRIES_AT_START):
            try:
                with self._unit_of_work() as uow:
                    uow.heartbeats.last(NAME)
            except StorageUnavailable:
                log.info("pager_waits_for_storage")
            else:
                return
            if stop.wait(_PAUSE_AT_START_SECONDS):
                return

    def once(self) -> int | None:
        """One turn of all the work: how much was done, or None where something failed.

        A turn that failed gives no sign of life: whoever watches must hear of it.
        """
        results = [self._try(work) for work in self._work]
        if None in results or self._try(self._beat) is None:
            return None
        return sum(result or 0 for result in results)

    def _try(self, work: Callable[[], int]) -> int | None:
        try:
            return work()
        except StorageUnavailable as error:
            log.error("pager_without_storage error=%s", type(error).__name__)
        except Exception:
            log.exception("pager_failed")
        return None

    def _beat(self) -> int:
        now = self._clock()
        # A clock that was set back beats at once.
        if self._beaten is None or abs(now - self._beaten) >= _BEAT_EVERY:
            again_on_conflict(lambda: self._write(now))
            self._beaten = now
        return 0

    def _write(self, now: datetime) -> None:
        with self._unit_of_work() as uow:
            uow.heartbeats.beat(NAME, now)
            uow.commit()


class PagerWatch:
    """Whether a pager is at work, for whoever must hear of it when none is."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def age(self) -> timedelta | None:
        """Time since its last sign of life; None if it never gave one."""
        with self._unit_of_work() as uow:
            last = uow.heartbeats.last(NAME)
        return None if last is None else self._clock() - last

    def is_silent(self) -> bool:
        """Nobody is paged while this is so. A sign from the future is from before the clock was set back."""
        age = self.age()
        return age is None or abs(age) > SILENT_AFTER

    def look(self) -> int:
        """Say it loudly, each time it is looked at."""
        if self.is_silent():
            log.critical("pager_silent nobody_is_paged=true what_to_do='restart it: python -m bot pager'")
        return 0
