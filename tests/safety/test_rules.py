"""The loader refuses what has no proof beside it, and names everything at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import ConfigurationError
from bot.safety.rules import load_rules
from bot.safety.screen import Screen
from tests.harness.rules import CONTEXT, flag, write_rules


def _problems(folder: Path, *flags: Any, context: dict[str, Any] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_rules(*write_rules(folder, *flags, context=context))
    return caught.value.problems


def test_a_complete_flag_is_taken_and_works(tmp_path: Path) -> None:
    screen = Screen(load_rules(*write_rules(tmp_path, flag())))
    assert screen("Ben burned his left hand").categories == ("burns",)
    assert not screen("no burned hand").is_report
    assert not screen("Ana sells burned hand cream").is_report


def test_a_flag_may_need_company_anywhere_in_the_message(tmp_path: Path) -> None:
    screen = Screen(load_rules(*write_rules(tmp_path, flag(together_with=["blister~"]))))
    assert screen("Ben burned his left hand. It has blisters").is_report
    assert not screen("Ben burned his left hand").is_report
    assert not screen("Ben burned his left hand. No blisters").is_report


def test_a_flag_may_be_excused_anywhere_in_the_message(tmp_path: Path) -> None:
    screen = Screen(load_rules(*write_rules(tmp_path, flag(not_when=["healed"]))))
    assert screen("Ben burned his left hand").is_report
    assert screen("Ben burned his left hand. It has not healed").is_report
    assert not screen("Ben burned his left hand. It healed").is_report


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"must_flag": ["a burn"] * 4}, "must_flag needs at least 5 different lines, it has 1"),
        ({"must_flag": ["the same burn"] * 9}, "must_flag needs at least 5"),
        ({"must_not_flag": []}, "must_not_flag needs at least 5 different lines, it has 0"),
        ({"cancelled_by": ["negated", "sarcasm"]}, "cancelled_by sarcasm is not one of"),
        ({"patterns": ["burned @nowhere"]}, "unknown word list '@nowhere'"),
        ({"patterns": ["burned||burnt"]}, "empty alternative"),
        ({"patterns": ["*3 ?hand"]}, "would match nothing at all"),
        ({"unless": ["sun @nowhere"]}, "unknown word list '@nowhere'"),
        ({"together_with": ["{heat>=3}"]}, "unknown condition 'heat>=3'"),
        ({"not_when": ["a||b"]}, "empty alternative"),
        ({"togetherwith": ["blister~"]}, "unknown key togetherwith"),
        ({"source": "  "}, "source is empty"),
        ({"tier": "quite_bad"}, "quite_bad"),
        ({"category": None}, "category"),
        ({"must_flag": None}, "must_flag"),
    ],
)
def test_a_flag_that_proves_too_little_is_refused(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    (found,) = _problems(tmp_path, flag(**changes))
    assert "burns.burn" in found
    assert problem in found


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cancel": "sarcasm"}, "cancel 'sarcasm' is not one of"),
        ({"direction": "sideways"}, "direction 'sideways' is not forward, backward or sentence"),
        ({"commas": "sometimes"}, "commas 'sometimes' is not one of pass, stop, list"),
        ({"patterns": ["@nowhere"]}, "unknown word list '@nowhere'"),
    ],
)
def test_a_cue_that_cannot_work_is_refused(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    cue = {**CONTEXT["cues"][0], **changes}
    (found,) = _problems(tmp_path, flag(), context={**CONTEXT, "cues": [cue]})
    assert "cue negation" in found
    assert problem in found


def test_a_word_group_that_no_one_reads_is_refused(tmp_path: Path) -> None:
    problems = _problems(tmp_path, flag(), context={**CONTEXT, "statement": {"lihgt": "am is"}})
    assert problems == ("statement: unknown key lihgt",)


def test_two_flags_with_one_id_are_refused(tmp_path: Path) -> None:
    assert _problems(tmp_path, flag(), flag()) == ("flag burns.burn: the id is used twice",)


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    problems = _problems(
        tmp_path,
        flag(id="burns.a", must_flag=[], cancelled_by=["sarcasm"]),
        flag(id="burns.b", patterns=["a||b"]),
        flag(id="burns.c", tier="quite_bad"),
    )
    assert len(problems) == 4
    assert {name for name in ("burns.a", "burns.b", "burns.c") if any(name in p for p in problems)} == {
        "burns.a",
        "burns.b",
        "burns.c",
    }
