"""How long ago, in patients' words."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.symptoms.times import hours_ago

WEDNESDAY_AT_3 = datetime(2026, 11, 18, 15, 0)  # noqa: DTZ001 - the clocks where the patient is


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("14 hrs", 14),
        ("14h", 14),
        ("about 5 hours", 5),
        ("1.5 hours", 1.5),
        ("an hour", 1),
        ("an hour and a half", 1.5),
        ("two and a half hours", 2.5),
        ("half an hour", 0.5),
        ("a half hour", 0.5),
        ("45 min", 0.75),
        ("twenty minutes", 1 / 3),
        ("forty-five minutes", 0.75),
        ("forty five minutes", 0.75),
        ("a couple of hours", 2),
        ("couple hours ago", 2),
        ("a few hours", 3),
        ("several hours", 5),
        ("1 hour 30 minutes", 1.5),
        ("2 days and 3 hours", 51),
        ("3 days", 72),
        ("2d", 48),
        ("two nights", 48),
        ("a week", 168),
        ("For TWO weeks now", 336),
    ],
)
def test_an_amount_of_time_is_read(text: str, hours: float) -> None:
    assert hours_ago(text, WEDNESDAY_AT_3) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2-3 hours", 3),
        ("2 or 3 hours", 3),
        ("two to three hours", 3),
        ("a day or two", 48),
        ("an hour or so", 1),
        ("Less than 2 hours", 2),
        ("2 to 4 hours", 4),
        ("4 to 24 hours", 24),
        ("over 24 hours", 30),
        ("more than a day", 30),
        ("for hours", 5),
        ("days", 72),
        ("forever", 8760),
    ],
)
def test_of_a_range_the_longer_time_is_taken(text: str, hours: float) -> None:
    assert hours_ago(text, WEDNESDAY_AT_3) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("since this morning", 7),
        ("since I woke up", 7),
        ("at noon", 3),
        ("since lunch", 3),
        ("since 2", 1),
        ("2pm", 1),
        ("since 11:30", 3.5),
        ("10 o'clock", 5),
        ("at ten this morning", 5),
        ("since 9am", 6),
        ("since eight in the evening", 19),
        ("all day", 7),
        ("last night", 18),
        ("yesterday", 27),
        ("yesterday evening", 21),
        ("had it at 7 yesterday morning", 32),
        ("day before yesterday", 51),
        ("since Monday", 51),
        ("on sunday", 75),
        ("Tuesday night", 18),
        ("last week", 171),
        ("today", 7),
        ("earlier", 7),
    ],
)
def test_a_moment_is_counted_from_the_clock(text: str, hours: float) -> None:
    assert hours_ago(text, WEDNESDAY_AT_3) == pytest.approx(hours)


def test_a_weekday_on_that_day_is_the_one_a_week_ago() -> None:
    assert hours_ago("since Wednesday", WEDNESDAY_AT_3) == pytest.approx(171)


@pytest.mark.parametrize("text", ["just now", "it just started", "right now", "this evening", "tonight"])
def test_what_begins_now_is_not_in_the_future(text: str) -> None:
    assert hours_ago(text, WEDNESDAY_AT_3) == pytest.approx(0.25)


@pytest.mark.parametrize(
    "text", ["", "asdf", "3", "seven", "7/10", "I don't know", "ever since the session", "sat on the sunbed", "mild"]
)
def test_what_names_no_time_is_no_time(text: str) -> None:
    assert hours_ago(text, WEDNESDAY_AT_3) is None


def test_today_is_a_time_only_where_it_need_not_be_exact() -> None:
    assert hours_ago("today", WEDNESDAY_AT_3, exact=True) is None
    assert hours_ago("this morning", WEDNESDAY_AT_3, exact=True) == pytest.approx(7)


@given(st.integers(1, 400), st.sampled_from(["h", " hrs", " hours", "hours ago"]))
def test_any_number_of_hours_is_that_many(number: int, unit: str) -> None:
    assert hours_ago(f"since {number}{unit}", WEDNESDAY_AT_3) == pytest.approx(number)


@given(st.text(max_size=60), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_no_text_fails_and_no_time_is_before_now(text: str, now: datetime) -> None:
    hours = hours_ago(text, now)
    assert hours is None or hours >= 0
