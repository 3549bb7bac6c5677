"""What the tests of the use cases share."""

from __future__ import annotations

import pytest

from tests.harness.clock import FakeClock
from tests.harness.storage import Database
from tests.services.staff_cast import Accounts


@pytest.fixture
def accounts(database: Database, clock: FakeClock) -> Accounts:
    """Accounts, none yet; the second factor is optional."""
    return Accounts(database, clock)
