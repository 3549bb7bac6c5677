"""What counts as right over each channel."""

from __future__ import annotations

import math

import pytest

from bot.domain.escalation import Tier
from tools.evaluation.channels.judging import Sample, Seen, accuracy, compared, is_right, is_said, percentile

QUESTION = Sample("may I drive", "faq/driving", "questions")
REPORT = Sample("it hurts", "urgent", "reports")
HARMLESS = Sample("it hurt last year", "none", "harmless")


def seen(*topics: str, tier: Tier | None = None, asked_back: bool = False, said: bool = True) -> Seen:
    """What came of a message."""
    return Seen(topics, tier, asked_back, said)


@pytest.mark.parametrize(
    ("sample", "came", "right"),
    [
        (QUESTION, seen("faq/driving"), True),
        (QUESTION, seen("texting/greeting", "faq/driving"), True),
        (QUESTION, seen("faq/hours"), False),
        (QUESTION, seen("faq/driving", said=False), False),
        (REPORT, seen(tier=Tier.URGENT), True),
        (REPORT, seen(asked_back=True), True),
        (REPORT, seen(tier=Tier.ROUTINE), False),
        (REPORT, seen(), False),
        (REPORT, seen(tier=Tier.URGENT, said=False), False),
        (HARMLESS, seen(), True),
        (HARMLESS, seen(asked_back=True), True),
        (HARMLESS, seen(tier=Tier.SAME_DAY), False),
    ],
)
def test_what_is_right(sample: Sample, came: Seen, right: bool) -> None:
    assert is_right(sample, came) is right


@pytest.mark.parametrize(
    ("wire", "reference", "said"),
    [
        ("Saved for our staff as K7PQ4.", "K7PQ4", True),
        ("<Say>as K, 7, P, Q, 4.</Say>", "K7PQ4", True),
        ("Call 911.", "K7PQ4", False),
        ("Yes.", None, True),
        ("", None, False),
    ],
)
def test_a_reference_that_is_spelled_out_is_said(wire: str, reference: str | None, said: bool) -> None:
    assert is_said(wire, reference) is said


def test_the_difference_from_the_web_is_in_points() -> None:
    samples = [QUESTION, QUESTION, REPORT, HARMLESS]
    web = accuracy(samples, [seen("faq/driving"), seen("faq/driving"), seen(tier=Tier.URGENT), seen()])
    sms = accuracy(samples, [seen("faq/driving"), seen("faq/hours"), seen(tier=Tier.URGENT), seen()])
    figures = compared({"web": web, "sms": sms})
    assert figures["sms"]["questions"] == {"right": 1, "of": 2, "percent": 50.0, "points_from_web": -50.0}
    assert figures["sms"]["reports"]["points_from_web"] == 0.0


def test_percentiles() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([1.0, 2.0], 0.95) == 2.0
    assert math.isnan(percentile([], 0.5))
