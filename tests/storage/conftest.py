"""What the storage tests start from."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from bot.storage.engine import create_engine
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.servers import Postgres
from tests.harness.storage import SEALER, Database, copy_template

Engines = Callable[..., Engine]


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two it runs on: everything that is stored is tested on both."""
    return str(request.param)


@pytest.fixture
def new_engine(backend: str, template: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engines]:
    """Makes engines on databases of the test's own, by name; `empty` ones without tables."""
    with contextlib.ExitStack() as held:

        def make(name: str, empty: bool = False) -> Engine:
            if backend == "postgresql":
                server: Postgres = request.getfixturevalue("postgres")
                return held.enter_context(server.database(migrated=not empty))
            path = tmp_path / f"{name}.db"
            return create_engine(f"sqlite:///{path}") if empty else copy_template(template, path)

        yield make


@pytest.fixture
def engine(new_engine: Engines) -> Engine:
    """An engine on a migrated, empty database of the test's own, on each backend."""
    return new_engine("assistant")


@pytest.fixture
def uow(database: Database) -> Iterator[SqlUnitOfWork]:
    """An open transaction."""
    with SqlUnitOfWork(database.engine, SEALER) as unit:
        yield unit
