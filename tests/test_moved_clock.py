"""A clock that can be moved is for the demonstration: it follows a file, and is refused anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import moved_clock
from bot.domain import clock
from bot.domain.clock import utc_now
from bot.domain.errors import ConfigurationError
from bot.moved_clock import ClockFile
from bot.settings import load_settings


@pytest.fixture(autouse=True)
def _set_back() -> Iterator[None]:
    yield
    clock.move(lambda: timedelta(0))


def ahead() -> timedelta:
    """Of the real time, to the minute."""
    return timedelta(minutes=round((utc_now() - datetime.now(UTC)) / timedelta(minutes=1)))


def test_the_time_follows_the_file_whenever_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    moved_clock.follow(path)
    assert ahead() == timedelta(0)
    path.write_text("600")
    assert ahead() == timedelta(minutes=10)
    path.write_text("28800")
    assert ahead() == timedelta(hours=8)


def test_without_a_file_it_is_the_real_time() -> None:
    moved_clock.follow(None)
    assert ahead() == timedelta(0)


@pytest.mark.parametrize("content", ["", "ten", "1e9", "\u00fc"])
def test_what_is_no_number_leaves_the_clock_where_it_was(tmp_path: Path, content: str) -> None:
    path = tmp_path / "clock"
    file = ClockFile(path)
    path.write_text("60")
    assert file.shift() == timedelta(minutes=1)
    path.write_text(content, encoding="utf-8")
    assert file.shift() == timedelta(minutes=1)


def test_it_is_never_set_back_nor_to_the_end_of_the_calendar(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    path.write_text("-60")
    assert ClockFile(path).shift() == timedelta(0)
    path.write_text("9" * 15)
    assert ClockFile(path).shift() == timedelta(days=100)


def test_a_clinic_that_others_reach_cannot_have_one(tmp_path: Path) -> None:
    environment = {"DATA_DIR": str(tmp_path), "CLOCK_FILE": str(tmp_path / "clock")}
    assert load_settings(environment).clock_file == tmp_path / "clock"
    with pytest.raises(ConfigurationError, match="CLOCK_FILE is set, and PUBLIC_URL is not an address of this machine"):
        load_settings({**environment, "PUBLIC_URL": "https://chat.example.org"})
