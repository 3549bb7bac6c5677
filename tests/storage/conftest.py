"""What the storage tests start from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.storage import SEALER, Database


@pytest.fixture
def uow(database: Database) -> Iterator[SqlUnitOfWork]:
    """An open transaction."""
    with SqlUnitOfWork(database.engine, SEALER) as unit:
        yield unit
