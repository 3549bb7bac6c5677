"""Floors of the screen on messages that its training never saw."""

from __future__ import annotations

import pytest

from tools.evaluation.safety.cost import measure
from tools.evaluation.safety.figures import headline
from tools.evaluation.safety.floors import FLOORS, QUESTIONS_FLOOR, faq_left_alone
from tools.evaluation.safety.judging import Readers, judge
from tools.evaluation.safety.messages import FILES, messages
from tools.evaluation.safety.model import trained
from tools.evaluation.share import Share

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def readers() -> Readers:
    return Readers.load(trained())


@pytest.fixture(scope="module")
def headlines(readers: Readers) -> dict[str, dict[str, Share]]:
    return {path.stem: headline(judge(readers, messages(path))) for path in FILES if path.stem in FLOORS}


@pytest.mark.parametrize(("name", "figure"), [(name, figure) for name, floors in FLOORS.items() for figure in floors])
def test_the_screen_stays_above_its_floor(headlines: dict[str, dict[str, Share]], name: str, figure: str) -> None:
    assert headlines[name][figure].value >= FLOORS[name][figure]


def test_questions_are_left_alone(readers: Readers) -> None:
    assert faq_left_alone(readers).value >= QUESTIONS_FLOOR


def test_the_cost_of_the_screen_is_measured_in_a_process_of_its_own() -> None:
    cost = measure(trained())
    assert 0 < cost.added_megabytes < cost.process_megabytes
    assert cost.cpu_seconds > 0
    assert cost.seconds > 0
