"""Which passwords are good enough."""

from __future__ import annotations

import pytest

from bot.domain.passwords import LONGEST, normalised, weakness


@pytest.mark.parametrize(
    "password",
    ["seven plain teacups waltz", "correct-ly 9 horses", "ünïcödé wörds hélp", "x7#Kq!pL0m$z", "a" * 6 + "bcdefg" * 2],
)
def test_a_long_password_of_ones_own_is_good(password: str) -> None:
    assert weakness(password, "noor@example.org") is None


@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_a_short_one_is_not(password: str) -> None:
    assert "12 characters or more" in (weakness(password) or "")


def test_one_that_would_take_long_to_hash_is_not() -> None:
    assert weakness("abcdefg" * LONGEST) == f"Use at most {LONGEST} characters."


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password-1234",
        "CHANGE ME 1234",
        "123456789012",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "ketamine-clinic",
    ],
)
def test_one_that_is_tried_first_is_not(password: str) -> None:
    assert "first that would be tried" in (weakness(password) or "")


@pytest.mark.parametrize("password", ["noor is the best nurse", "the best is NOOR"])
def test_one_with_the_user_name_in_it_is_not(password: str) -> None:
    assert "user name" in (weakness(password, "noor@example.org") or "")


def test_a_user_name_of_two_letters_may_stand_in_many_words() -> None:
    assert weakness("a lemon in the shade", "le") is None


def test_a_password_is_the_same_however_a_keyboard_writes_it() -> None:
    assert normalised("cafe\u0301") == normalised("caf\u00e9")
