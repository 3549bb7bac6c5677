"""Rotation of the keys: everything that is stored is sealed with the first one, while everything runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from bot.domain.errors import AssistantError
from bot.storage.keys import Batch, SqlKeys, sealed_tables
from bot.storage.spool import FileSpool
from bot.storage.unit_of_work import SqlUnitOfWork

_ROWS = 200
_PASSES = 5
_PAUSE_SECONDS = 1.0


class StillSealed(AssistantError):
    """Somebody seals with a former key while it is rotated out."""

    def __init__(self, values: int) -> None:
        super().__init__(
            f"{values} values are still under former keys: some process seals with one. Give all processes the new "
            "key first, start them again, and run `python -m bot keys rotate` again. Keep the former keys until then"
        )


@dataclass(frozen=True, slots=True)
class Rotation:
    """Goes over all that is stored in short transactions, so that nobody waits long for it.

    `pause` takes seconds. What was done stays done when it is broken off.
    """

    unit_of_work: Callable[[], SqlUnitOfWork]
    spool: FileSpool
    say: Callable[[str], None]
    pause: Callable[[float], None] = time.sleep

    def run(self) -> None:
        """Seal with the first key what is not. Raises CannotOpen when a key is missing, StillSealed when new ones come."""
        for _ in range(_PASSES):
            self._reseal()
            left = self._left()
            self.say(f"under former keys: {left}")
            if left == 0:
                return self._settle()
            self.pause(_PAUSE_SECONDS)  # somebody was changing those rows
        raise StillSealed(left)

    def _reseal(self) -> None:
        self.spool.reseal()
        for table in sealed_tables():
            done = 0
            for batch in self._batches(SqlKeys.reseal, table):
                done += batch.values
                if batch.values:
                    self.say(f"{table.name}: {done} values sealed with the first key")

    def _left(self) -> int:
        return sum(batch.values for table in sealed_tables() for batch in self._batches(SqlKeys.count, table))

    def _batches(self, work: Callable[[SqlKeys, sa.Table, object, int], Batch], table: sa.Table) -> Iterator[Batch]:
        after: object = None
        while True:
            began = time.monotonic()
            with self.unit_of_work() as uow:
                batch = work(uow.keys, table, after, _ROWS)
                uow.commit()
            if batch.last is None:
                return
            yield batch
            after = batch.last
            # SQLite has one writer at a time: the others get as long as this took.
            self.pause(time.monotonic() - began)

    def _settle(self) -> None:
        with self.unit_of_work() as uow:
            uow.keys.settle()
            uow.commit()
