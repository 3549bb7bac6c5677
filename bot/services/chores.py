"""What is cleared away now and then: old changes and webhook deliveries, and talks that are to be forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.services.forgetting import Forgetter
from bot.services.ports import UnitOfWorkFactory

_EVERY = timedelta(minutes=1)
# Whoever follows talks has read a change long before.
_CHANGES_KEPT = timedelta(hours=1)
# No provider repeats a delivery after that.
_DELIVERIES_KEPT = timedelta(hours=48)
_AT_A_TIME = 1000


class Chores:
    """Work of the pager process that need not be done in each of its turns. Several may do it."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, forgetter: Forgetter, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._forgetter = forgetter
        self._clock = clock
        self._done: datetime | None = None

    def tick(self) -> int:
        """Once a minute; returns how many talks were forgotten."""
        now = self._clock()
        # A clock that was set back does it at once.
        if self._done is not None and abs(now - self._done) < _EVERY:
            return 0
        with self._unit_of_work() as uow:
            uow.changes.prune(now - _CHANGES_KEPT)
            uow.webhooks.forget(now - _DELIVERIES_KEPT, _AT_A_TIME)
            uow.commit()
        forgotten = self._forgetter.tick()
        self._done = now
        return forgotten
