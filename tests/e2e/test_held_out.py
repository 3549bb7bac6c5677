"""Questions and talks that nothing was trained on: how many the trained model understands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.linear_model import LinearModel
from tools.evaluation.data import FINAL, HELD_OUT, exchanges, questions
from tools.evaluation.model import config, decide, load, summary, understood

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

SETS = {"test": HELD_OUT, "final": FINAL}
FLOORS = {"faq": 0.92, "ask_staff": 0.90, "out_of_scope": 0.92}
UNSURE_CEILING = 0.05


@pytest.fixture(scope="module")
def trained(model: Path) -> LinearModel:
    """The classifier out of the archive that is served."""
    return load(model)


@pytest.fixture(scope="module")
def figures(trained: LinearModel) -> dict[str, dict[str, dict[str, Any]]]:
    """Shares of right, unsure and wrong, by set and group."""
    chosen = config()
    return {name: summary(decide(trained, chosen, questions([path])), chosen.threshold) for name, path in SETS.items()}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("group", "floor"), FLOORS.items())
def test_held_out_questions_are_understood(figures: dict[str, Any], name: str, group: str, floor: float) -> None:
    row = figures[name][group]
    assert row["questions"] >= 50
    assert row["right"] >= floor


@pytest.mark.parametrize("name", SETS)
def test_few_held_out_questions_are_asked_back(figures: dict[str, Any], name: str) -> None:
    assert figures[name]["faq"]["unsure"] <= UNSURE_CEILING


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("follow_up", "floor"), [(False, 0.85), (True, 0.70)], ids=["double questions", "follow-ups"])
def test_held_out_talks_are_understood(trained: LinearModel, name: str, follow_up: bool, floor: float) -> None:
    talks = [talk for talk in exchanges(name) if bool(talk.before) is follow_up]
    right = [understood(trained, config(), talk) for talk in talks]
    assert len(right) >= 30
    assert sum(right) / len(right) >= floor
