"""Transactions with keys that are those of the database, or none at all."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import Engine

from bot.domain.errors import Conflict
from bot.storage.sealing import Sealer
from bot.storage.unit_of_work import SqlUnitOfWork


class GuardedUnitsOfWork:
    """Makes units of work; before the first one, the keys are checked against the database.

    Raises WrongKeys instead of a unit of work while they are others: what would
    be written with them, nobody else could read.
    """

    def __init__(self, engine: Engine, sealer: Sealer, on_change: Callable[[], None] | None = None) -> None:
        self._engine = engine
        self._sealer = sealer
        self._on_change = on_change
        self._checked = False

    def __call__(self) -> SqlUnitOfWork:
        """A transaction. Raises StorageUnavailable when the keys cannot be checked."""
        self._check_once()
        return SqlUnitOfWork(self._engine, self._sealer, on_change=self._on_change)

    def reader(self) -> SqlUnitOfWork:
        """A transaction that only reads, and waits for no writer. Raises StorageUnavailable as above."""
        self._check_once()
        return SqlUnitOfWork(self._engine, self._sealer, only_reads=True)

    def _check_once(self) -> None:
        if self._checked:
            return
        try:
            self._check()
        except Conflict:  # another process that started as well has just written the same
            self._check()
        self._checked = True

    def _check(self) -> None:
        with SqlUnitOfWork(self._engine, self._sealer) as uow:
            uow.keys.check()
            uow.commit()
