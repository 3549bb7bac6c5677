"""Hours and days away are read as a manager writes them, or refused with the form."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from bot.domain.on_call import Window
from bot.on_call_settings.hours import read_away, read_hours
from bot.on_call_settings.notes import Notes


def _window(days: set[int], start: tuple[int, int], end: tuple[int, int]) -> Window:
    return Window(frozenset(days), time(*start), time(*end))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri 17:00-08:00", _window({0, 1, 2, 3, 4}, (17, 0), (8, 0))),
        ("sat,sun 00:00-24:00", _window({5, 6}, (0, 0), (0, 0))),
        ("wed 08:30-24:00", _window({2}, (8, 30), (0, 0))),
        ("fri-mon 00:00-23:59", _window({4, 5, 6, 0}, (0, 0), (23, 59))),
        ("mon-tue,thu,sat-sun 09:05-17:00", _window({0, 1, 3, 5, 6}, (9, 5), (17, 0))),
        ("mon-sun 08:00-08:00", _window(set(range(7)), (8, 0), (8, 0))),
        ("tue-tue 08:00-09:00", _window({1}, (8, 0), (9, 0))),
        ("  Mon-FRI   08:00 - 17:00 ", _window({0, 1, 2, 3, 4}, (8, 0), (17, 0))),
    ],
)
def test_hours_are_read(text: str, expected: Window) -> None:
    found: list[str] = []
    assert read_hours([text], Notes(found)) == (expected,)
    assert found == []


@pytest.mark.parametrize(
    "entry",
    [
        "mon-fri", "17:00-08:00", "mon-fri 17-8", "mon-fri 25:00-08:00", "mon-fri 24:00-08:00", "mon-fri 08:00-24:01",
        "mon-fri 8:00-17:00", "mon-fri 08:60-17:00", "monday 08:00-17:00", "mon- 08:00-17:00", "-fri 08:00-17:00",
        "mon,,tue 08:00-17:00", "mon–fri 08:00-17:00", "mon-fri 08:00-17:00 and more", "", 1020, None, ["mon"], {},
    ],
)  # fmt: skip
def test_hours_that_cannot_be_read_are_shown_with_the_form(entry: Any) -> None:
    found: list[str] = []
    assert read_hours([entry], Notes(found, "hours: ")) == ()
    (problem,) = found
    assert problem.startswith("hours: ")
    assert problem.endswith('is not readable: write days and hours, such as "mon-fri 17:00-08:00"')


@pytest.mark.parametrize(
    ("data", "words"),
    [([], "leave the key out for all hours"), ("mon 08:00-09:00", "is not a list"), (None, "an empty value")],
)
def test_hours_that_are_no_list_or_none_are_refused(data: Any, words: str) -> None:
    found: list[str] = []
    assert read_hours(data, Notes(found)) == ()
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("2026-12-24..2026-12-26", (date(2026, 12, 24), date(2026, 12, 26))),
        ("2028-02-29", (date(2028, 2, 29), date(2028, 2, 29))),
        (date(2026, 12, 24), (date(2026, 12, 24), date(2026, 12, 24))),
    ],
)
def test_days_away_are_read(entry: Any, expected: tuple[date, date]) -> None:
    found: list[str] = []
    assert read_away([entry], Notes(found)) == (expected,)
    assert found == []


@pytest.mark.parametrize(
    "entry",
    [
        "2026-13-01",
        "2026-02-29",
        "24.12.2026",
        "2026-12-24..",
        "2026-12-24-2026-12-26",
        "",
        5,
        datetime(2026, 1, 1, tzinfo=UTC),
        None,
    ],
)
def test_days_away_that_cannot_be_read_are_shown_with_the_form(entry: Any) -> None:
    found: list[str] = []
    assert read_away([entry], Notes(found)) == ()
    assert "write a day, or first and last" in found[0]


def test_days_away_that_end_before_they_begin_are_refused() -> None:
    found: list[str] = []
    read_away(["2026-12-26..2026-12-24"], Notes(found))
    assert found == ["'2026-12-26..2026-12-24' ends before it begins: write the first day first"]
