"""What the actions share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa_sdk.executor import ActionExecutor

import actions
from actions import wiring
from tests.harness.cast import CLINIC
from tests.harness.settings import environment
from tests.harness.tracker import make_tracker


@pytest.fixture
def _operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings from the environment, read anew, and forgotten after."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    for cached in (wiring.clinic, wiring.desk):
        cached.cache_clear()
    yield
    for cached in (wiring.clinic, wiring.desk):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("latest", "found"),
    [
        ({"metadata": {"message_id": "gateway-1"}}, "gateway-1"),
        ({"metadata": {}}, "rasa-1"),
        ({"metadata": None}, "rasa-1"),
        ({"metadata": {"message_id": ""}}, "rasa-1"),
        ({"message_id": None}, ""),
    ],
)
def test_a_message_has_the_gateways_id_or_else_rasas(latest: dict[str, object], found: str) -> None:
    assert wiring.message_id(make_tracker("hello", **latest)) == found


@pytest.mark.usefixtures("_operator")
def test_the_clinic_is_the_operators_and_read_once() -> None:
    assert wiring.clinic() == CLINIC
    assert wiring.clinic() is wiring.clinic()


@pytest.mark.usefixtures("_operator")
def test_the_desk_is_made_once() -> None:
    assert wiring.desk() is wiring.desk()


def test_rasa_finds_each_action_by_its_own_name() -> None:
    names = [getattr(actions, name)().name() for name in actions.__all__]
    assert len(set(names)) == len(names)
    assert all(name.startswith(("action_", "validate_")) for name in names)


def test_the_action_server_registers_every_action_when_it_starts() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    assert {getattr(actions, name)().name() for name in actions.__all__} <= set(executor.actions)
