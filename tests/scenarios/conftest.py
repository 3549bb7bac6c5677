"""The stage: a play begins with an empty house, and the curtain falls on whatever nobody expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.play import Play
from tests.harness.storage import copy_template

Stage = Callable[..., Play]


@pytest.fixture
def stage(template: Path, tmp_path: Path) -> Iterator[Stage]:
    """Sets up a play, with hours, a date or an impatient pager where it needs them."""
    plays: list[Play] = []

    def set_up(**options: object) -> Play:
        folder = tmp_path / f"play-{len(plays)}"
        folder.mkdir()
        plays.append(Play(copy_template(template, folder / "assistant.db"), folder, **options))
        return plays[-1]

    yield set_up
    for play in plays:
        play.curtain()


@pytest.fixture
def play(stage: Stage) -> Play:
    """The house as the cast has it."""
    return stage()
