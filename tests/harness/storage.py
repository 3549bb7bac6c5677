"""A real database in a temporary file, which a test can take away."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.errors import StorageUnavailable
from bot.services.ports import UnitOfWork
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from bot.storage.sealing import Sealer
from bot.storage.tables import SealedJson, SealedText
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.settings import DATA_KEY, SECRET

SEALER = Sealer(lambda: (DATA_KEY,), SECRET.encode())


def make_template(path: Path) -> Path:
    """A migrated, empty database to copy: migrating once a session is enough."""
    engine = create_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        # The write-ahead log goes into the file, so that one file is all.
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def copy_template(template: Path, path: Path) -> Engine:
    """A migrated, empty database of one's own."""
    shutil.copyfile(template, path)
    return create_engine(f"sqlite:///{path}")


class _Away:
    """What entering a transaction is like while the database is gone."""

    def __enter__(self) -> None:
        raise StorageUnavailable("the test took it away")

    def __exit__(self, *_: object) -> None:
        """Never entered."""


class Database:
    """Calls like a unit-of-work factory; `down` takes the database away."""

    def __init__(self, engine: Engine, sealer: Sealer = SEALER) -> None:
        self.engine = engine
        self.sealer = sealer
        self.down = False
        self.transactions_left: int | None = None
        self._answers = threading.Event()
        self._answers.set()

    def __call__(self) -> UnitOfWork:
        return self._begin(only_reads=False)

    def reader(self) -> UnitOfWork:
        """A transaction that only reads."""
        return self._begin(only_reads=True)

    def _begin(self, only_reads: bool) -> UnitOfWork:
        self._answers.wait()
        if self.transactions_left is not None:
            self.transactions_left -= 1
            self.down = self.down or self.transactions_left < 0
        if self.down:
            return _Away()  # type: ignore[return-value]
        return SqlUnitOfWork(self.engine, self.sealer, only_reads=only_reads)

    def goes_down(self, after_transactions: int = 0) -> None:
        """Away after so many more transactions."""
        self.transactions_left = after_transactions

    def hangs(self) -> None:
        """From now on a transaction begins only after `comes_back`."""
        self._answers.clear()

    def comes_back(self) -> None:
        """There again."""
        self._answers.set()
        self.down, self.transactions_left = False, None

    def rows(self, table: sa.Table) -> list[Any]:
        """Everything that is committed in a table, opened."""
        opened = [{c.name: _opened(c, row[c.name]) for c in table.columns} for row in self.stored(table)]
        return [SimpleNamespace(**values) for values in opened]

    def stored(self, table: sa.Table) -> list[Any]:
        """Everything that is committed in a table, as it is there."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(table)).mappings().all()

    def count(self, table: sa.Table) -> int:
        """How many rows are committed in a table."""
        return len(self.rows(table))


def _opened(column: sa.Column[Any], value: Any) -> Any:
    """What a column holds, as it was given to a repository."""
    if isinstance(column.type, SealedText) and value is not None:
        return SEALER.open(value)
    return SEALER.open_json(value) if isinstance(column.type, SealedJson) else value
