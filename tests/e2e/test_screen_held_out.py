"""Floors of the screen on messages that its training never saw."""

from __future__ import annotations

import asyncio

import pytest

from bot.safety.joined import JoinedScreen
from bot.safety.screen import default_screen
from bot.settings import load_settings
from bot.supervise.training import screen_model_path, train_screen
from tools.evaluation.safety import FLOORS, Share, shares

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def table() -> dict[str, Share]:
    settings = load_settings()
    model = screen_model_path(settings)
    if not model.exists():
        asyncio.run(train_screen(settings))
    return shares(JoinedScreen(default_screen(), model))


@pytest.mark.parametrize("name", FLOORS)
def test_the_screen_stays_above_its_floor(table: dict[str, Share], name: str) -> None:
    assert table[name].value >= FLOORS[name]
