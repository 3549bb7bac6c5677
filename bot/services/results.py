"""What came of sending, stored in order; while the database is away it waits here."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from bot.domain.clock import Clock
from bot.domain.errors import StorageUnavailable
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict

log = logging.getLogger(__name__)

Result = Callable[[UnitOfWork, datetime], None]


class Results:
    """Each in a transaction of its own. Until the database has them nothing more is to be sent:
    what was accepted would be sent again.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[Result] = []

    def keep(self, result: Result) -> None:
        """Store it now, or when `store` is called with the database back."""
        with self._lock:
            self._waiting.append(result)
        try:
            self.store()
        except StorageUnavailable as error:
            log.error("result_waits error=%s", type(error).__name__)
        except Exception:  # a worker's loop: the lease runs out, and it is tried again
            log.exception("result_failed")

    def store(self) -> None:
        """Store all that waits. Raises StorageUnavailable; then it stays to be stored."""
        while True:
            with self._lock:
                if not self._waiting:
                    return
                result = self._waiting.pop(0)
            try:
                again_on_conflict(functools.partial(self._store, result))
            except StorageUnavailable:
                with self._lock:
                    self._waiting.insert(0, result)
                raise

    def _store(self, result: Result) -> None:
        with self._unit_of_work() as uow:
            result(uow, self._clock())
            uow.commit()
