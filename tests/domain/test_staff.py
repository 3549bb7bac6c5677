"""Names, waits and roles of the staff."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.staff import Role, Staff, user_name, wait_after

MINUTES = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_the_wait_grows_from_the_fifth_failure_on_up_to_an_hour() -> None:
    assert [wait_after(failures, 5) / timedelta(minutes=1) for failures in range(13)] == MINUTES


def test_however_many_failures_there_were_the_wait_is_an_hour() -> None:
    assert wait_after(10**9, 5) == timedelta(hours=1)


@pytest.mark.parametrize("typed", ["noor", "Noor@Example.org ", "n2", "a.b_c-d+e@f"])
def test_a_user_name_is_stored_in_small_letters(typed: str) -> None:
    assert user_name(typed) == typed.strip().lower()


@pytest.mark.parametrize("typed", ["", "a", ".a", "noor lee", "näna", "a" * 65, "<b>"])
def test_what_is_no_user_name_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="2 to 64 characters"):
        user_name(typed)


@pytest.mark.parametrize(("person", "by"), [("noor", "noor"), (None, "noor@example.org")])
def test_who_is_on_call_acts_under_that_name(person: str | None, by: str) -> None:
    assert Staff("1", "noor@example.org", "Noor", Role.NURSE, person).by == by
