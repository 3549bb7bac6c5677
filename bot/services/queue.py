"""The queue of the console: what waits, for whom, since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.clock import Clock
from bot.domain.escalation import Status, Tier
from bot.domain.on_call import OnCall
from bot.services.ports import UnitOfWorkFactory
from bot.services.queue_ports import Counts, QueueFilter, QueueRow
from bot.services.staff_names import all_names

PAGE = 50
_MOST_ALARMS = 20


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the list. `names` are those of owners and of who was paged."""

    rows: tuple[QueueRow, ...]
    more: bool
    counts: Counts
    names: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """What every open console has to know. `unclaimed`: emergencies that nobody has acknowledged, by reference."""

    change: int
    waiting: int
    open: int
    unclaimed: tuple[str, ...]


class QueueDesk:
    """Reads the queue; changes nothing. Raises StorageUnavailable."""

    def __init__(self, readers: UnitOfWorkFactory, on_call: OnCall, clock: Clock) -> None:
        self._readers = readers
        self._on_call = on_call
        self._clock = clock

    def page(self, wanted: QueueFilter, number: int) -> QueuePage:
        """By its number, counted from 0."""
        with self._readers() as uow:
            found = uow.queue.rows(wanted, PAGE + 1, number * PAGE)
            return QueuePage(
                found[:PAGE], len(found) > PAGE, uow.queue.counts(), all_names(uow, self._on_call), self._clock()
            )

    def alarm(self) -> Alarm:
        """As of the newest change."""
        with self._readers() as uow:
            # Before the rest: what is committed meanwhile is a newer change.
            change = uow.changes.newest()
            counts = uow.queue.counts()
            unclaimed = uow.queue.unclaimed(Tier.EMERGENCY, _MOST_ALARMS)
        nobodys = sum(count for (_, status), count in counts.items() if status is Status.OPEN)
        return Alarm(change, sum(counts.values()), nobodys, unclaimed)
