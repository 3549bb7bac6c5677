"""Fixtures that every folder shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from tests.harness.clock import FakeClock
from tests.harness.house import House, build_house
from tests.harness.servers import Postgres, postgres_server, redis_server
from tests.harness.storage import Database, copy_template, make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file."""
    return make_template(tmp_path_factory.mktemp("template") / "template.db")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, for the tests that ask for one."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Where a real Redis is, for the tests that ask for one."""
    with redis_server() as url:
        yield url


@pytest.fixture
def engine(template: Path, tmp_path: Path) -> Engine:
    """An engine on a migrated, empty database of the test's own."""
    return copy_template(template, tmp_path / "assistant.db")


@pytest.fixture
def database(engine: Engine) -> Database:
    """Units of work that a test can take away."""
    return Database(engine)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test moves."""
    return FakeClock()


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    """The use cases over doubles."""
    return build_house(engine, tmp_path)
