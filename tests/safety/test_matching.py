"""The pattern language that a clinician reads."""

from __future__ import annotations

import pytest

from bot.safety.matching import PatternSet, tokenise
from bot.safety.patterns import compile_pattern

LISTS = {"not": ("not", "never")}


def _matches(pattern: str, text: str) -> list[str]:
    tokens = tokenise(text)
    return [tokens.cut(span)[0] for span in PatternSet({"it": [pattern]}, LISTS).find(tokens)]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("hives", "I got hives", ["hives"]),
        ("hives", "I got Hives.", ["Hives"]),
        ("hives", "archives", []),
        ("hive|rash", "a rash", ["rash"]),
        ("hive~", "hives, hived", ["hives", "hived"]),
        ("hive~", "beehive", []),
        ("@not well", "never well", ["never well"]),
        ("can @not walk", "I can't walk", ["can't walk"]),
        ("can @not walk", "i cant walk", ["cant walk"]),
        ("can not walk", "I can\u2019t walk", ["can\u2019t walk"]),
        ("legs *2 numb", "legs numb", ["legs numb"]),
        ("legs *2 numb", "legs went all numb", ["legs went all numb"]),
        ("legs *2 numb", "legs went all the way numb", []),
        ("legs *2 numb", "legs fine. Arm numb", []),
        ("legs *2 numb", "legs fine\nnumb", []),
        ("legs ?are numb", "legs are numb", ["legs are numb"]),
        ("legs ?are numb", "legs numb", ["legs numb"]),
        ("legs ?are numb", "legs is numb", []),
        ("throat &2 thick", "throat so thick", ["throat so thick"]),
        ("throat &2 thick", "a thick old throat", ["thick old throat"]),
        ("throat &2 thick", "throat is fine. Thick soup", []),
        ("legs *3 numb", "legs are not numb", []),
        ("asleep *2 {hours>=6}", "asleep for nine hours", ["asleep for nine hours"]),
        ("asleep *2 {hours>=6}", "asleep for two hours", []),
        ("asleep *2 {hours>=6}|forever", "asleep forever", ["asleep forever"]),
        ("weight #>=180", "weight 190", ["weight 190"]),
        ("garganta", "La Gargánta", ["Gargánta"]),
        ("rash~ *1 arm", "rash on arm and rashes near arm", ["rash on arm", "rashes near arm"]),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, text: str, found: list[str]) -> None:
    assert _matches(pattern, text) == found


@pytest.mark.parametrize(
    "pattern",
    ["", "   ", "*3", "?rash", "*1 ?rash *2", "a||b", "|", "@nowhere", "{hours>=x}", "&3 rash", "a &1 b &1 c"],
)
def test_a_pattern_that_cannot_work_is_refused(pattern: str) -> None:
    with pytest.raises(
        ValueError, match=r"match nothing|empty alternative|unknown word list|unknown condition|more than one"
    ):
        compile_pattern(pattern, LISTS)


def test_an_unknown_word_list_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"@nowhere.*known: not"):
        compile_pattern("@nowhere", LISTS)


def test_of_overlapping_matches_the_longest_is_kept() -> None:
    assert _matches("legs *3 numb", "legs legs so numb") == ["legs legs so numb"]


def test_sets_are_found_independently() -> None:
    spans = PatternSet({"one": ["numb legs"], "two": ["legs"]}, LISTS).find(tokenise("numb legs"))
    assert {(span.label, span.start, span.end) for span in spans} == {("one", 0, 2), ("two", 1, 2)}
