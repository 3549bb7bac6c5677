"""Shares and their intervals."""

from __future__ import annotations

import math

import pytest

from tools.evaluation.share import Share, share


@pytest.mark.parametrize(
    ("good", "total", "low", "high"), [(50, 100, 0.404, 0.596), (10, 10, 0.722, 1.0), (0, 10, 0.0, 0.278)]
)
def test_the_interval_is_the_one_of_wilson(good: int, total: int, low: float, high: float) -> None:
    assert Share(good, total).interval() == pytest.approx((low, high), abs=0.001)


def test_of_nothing_nothing_is_known() -> None:
    nothing = Share(0, 0)
    assert math.isnan(nothing.value)
    assert nothing.interval() == (0.0, 1.0)
    assert nothing.to_dict()["value"] is None
    assert str(nothing) == "none"


def test_a_share_counts_what_is_good() -> None:
    assert share([1, 2, 3, 4], lambda n: n > 1) == Share(3, 4)
    assert str(Share(3, 4)) == "75.0% of 4 (30.1% to 95.4%)"
