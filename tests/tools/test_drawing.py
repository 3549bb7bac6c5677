"""Every kind of plot is drawn, with what is missing left out."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import pytest

from tools.evaluation import drawing, plots
from tools.evaluation.data import Question
from tools.evaluation.drawing import Curves
from tools.evaluation.model import Decision
from tools.evaluation.share import Share

PNG = b"\x89PNG"
ONE, OTHER = {"sms": Share(9, 10), "web": Share(0, 0)}, {"voice": Share(10, 10)}
LINE = Curves("limit", [0, 1], {"missed": [0, float("nan")]}, {"chosen": 0.5}, "set")
DECISIONS = [
    Decision(Question("a", "faq/cost"), "faq/cost", 0.9, 0.01),
    Decision(Question("b", "faq/food"), "faq/cost", 0.1, 0.02),
    Decision(Question("c", "ask_staff/dose"), "faq/cost", 0.6, 0.02),
]
DRAWN: dict[str, Callable[[], bytes]] = {
    "dots": lambda: drawing.dots({"recognised": {"first": ONE, "second": OTHER}, "false alarms": {"second": OTHER}}),
    "stacked": lambda: drawing.stacked({"a": {"both": 1.0}, "b": {}}, {"both": "#000000"}, "share"),
    "curves": lambda: drawing.curves([[LINE, LINE], [LINE, LINE]]),
    "histogram": lambda: drawing.histogram({"a": [1, 2, 3], "b": [2.0]}, "ms"),
    "grids": lambda: drawing.grids({"first": {"x": {"x": 3, "y": 0}, "y": {"x": 0}}}, "author", "screen"),
    "calibration": lambda: drawing.calibration({"a": [(0.1, Share(1, 10)), (0.9, Share(9, 9))], "b": []}),
    "thresholds": lambda: plots.thresholds(DECISIONS, 0.2),
    "confidence": lambda: plots.confidence(DECISIONS),
    "by topic": lambda: plots.by_topic(DECISIONS, 0.2),
    "latency": lambda: plots.latency(DECISIONS),
}


@pytest.mark.parametrize("kind", DRAWN)
def test_a_plot_is_a_picture_and_leaves_no_figure_open(kind: str) -> None:
    assert DRAWN[kind]().startswith(PNG)
    assert plt.get_fignums() == []


def test_another_share_makes_another_plot() -> None:
    assert drawing.dots({"a": {"b": {"c": Share(1, 2)}}}) != drawing.dots({"a": {"b": {"c": Share(2, 2)}}})
