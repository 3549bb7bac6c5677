"""Slips of the thumb are repaired, real words are left alone."""

from __future__ import annotations

import pytest

from bot.safety.matching import tokenise
from bot.safety.screen import default_screen
from bot.safety.spelling import fold, normal


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("seizzure", "seizure"),
        ("siezure", "seizure"),
        ("chets", "chest"),
        ("unconsious", "unconscious"),
        ("presure", "pressure"),
        ("chesttt", "chest"),
        ("Desmayó", "desmayo"),
        ("breath", "breathe"),
    ],
)
def test_a_slip_is_repaired(typed: str, word: str) -> None:
    assert normal(typed) == normal(word)


@pytest.mark.parametrize(
    "word", ["cheats", "spelling", "founding", "stain", "cooked", "backed", "sharing", "fever", "gaping"]
)
def test_a_word_that_exists_is_left_alone(word: str) -> None:
    assert normal(word) == word


def test_accents_and_capitals_do_not_matter() -> None:
    assert fold("CONVULSIÓN") == fold("convulsion") == "convulsion"


def test_two_words_typed_as_one_are_two() -> None:
    assert tokenise("cnt").words == tokenise("can't").words == ("can", "not")


@pytest.mark.parametrize("text", ["cnt breathe", "chets pain", "hes unconsious", "im havin a seizzure"])
def test_a_report_in_hurried_typing_is_found(text: str) -> None:
    assert default_screen()(text).is_report
