"""Actions on the doubles instead of the operator's settings."""

from __future__ import annotations

import pytest
from rasa_sdk.executor import CollectingDispatcher

from tests.harness.cast import CLINIC
from tests.harness.house import House


@pytest.fixture
def dispatcher() -> CollectingDispatcher:
    """Collects what an action says."""
    return CollectingDispatcher()


@pytest.fixture(autouse=True)
def _wired(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.escalate.desk", lambda: house.desk)
    monkeypatch.setattr("actions.escalate.clinic", lambda: CLINIC)
