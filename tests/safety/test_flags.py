"""Every line beside every flag: what it must find and what it must leave alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.escalation import Tier
from bot.domain.wording import CRISIS_CATEGORIES
from bot.safety.rules import Flag, load_rules
from bot.safety.screen import default_screen

FLAGS = load_rules().flags


def _lines(name: str) -> Iterator[object]:
    for flag in FLAGS:
        for number, line in enumerate(getattr(flag, name), 1):
            yield pytest.param(flag, line, id=f"{flag.id}-{number}")


def _found(text: str) -> set[str]:
    return {evidence.flag for evidence in default_screen()(text).evidence}


@pytest.mark.parametrize(("flag", "line"), _lines("must_flag"))
def test_a_flag_finds_what_it_must(flag: Flag, line: str) -> None:
    assert flag.id in _found(line)


@pytest.mark.parametrize(("flag", "line"), _lines("must_not_flag"))
def test_a_flag_leaves_alone_what_it_must(flag: Flag, line: str) -> None:
    assert flag.id not in _found(line)


@pytest.mark.parametrize("greeting", ["Hi, ", "hello there. ", "hey it's Ana\n"], ids=["hi", "hello", "hey"])
@pytest.mark.parametrize(("flag", "line"), _lines("must_flag"))
def test_a_greeting_in_front_loses_no_report(flag: Flag, line: str, greeting: str) -> None:
    assert flag.id in _found(greeting + line)


@pytest.mark.parametrize(("flag", "line"), _lines("must_flag"))
def test_shouting_loses_no_report(flag: Flag, line: str) -> None:
    assert flag.id in _found(line.upper())


@pytest.mark.parametrize(("flag", "line"), _lines("must_flag"))
def test_curly_apostrophes_lose_no_report(flag: Flag, line: str) -> None:
    assert flag.id in _found(line.replace("'", "\u2019"))


@pytest.mark.parametrize("flag", [f for f in FLAGS if f.id.startswith(("suicid", "self_harm"))], ids=lambda f: f.id)
def test_a_crisis_flag_leads_to_the_crisis_text(flag: Flag) -> None:
    assert flag.category in CRISIS_CATEGORIES


def test_a_flag_is_never_as_mild_as_a_plain_request() -> None:
    assert Tier.ROUTINE not in {flag.tier for flag in FLAGS}
