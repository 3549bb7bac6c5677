"""A bare answer in the symptom talk is judged by the talk, not guessed at by the learned reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import yaml

from bot.domain.escalation import Tier
from bot.safety.symptoms.screening import LEARNED, QUESTIONS, is_bare_answer, rules_alone, tier_in_talk
from bot.safety.verdict import Doubt, Evidence, Verdict
from bot.settings import ROOT

ASKED = "symptoms/since"
RULE = Evidence("cardiac.chest_pain", "cardiac", Tier.EMERGENCY, "chest pain", 0, 10)
GUESS = Evidence(LEARNED, "suicidality", Tier.EMERGENCY, "1 hour ago", 0, 10, 0.6)
TODAY = Evidence("persistent_symptom.worse", "persistent_symptom", Tier.SAME_DAY, "getting worse", 0, 13)
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["1 hour ago", "since yesterday", "3 days", "14 hrs", "2", "Since 2pm.", "mild", "7/10", "Severe", "it's getting worse",
     "about the same", "two or three hours I think", "since my session"],
)  # fmt: skip
def test_times_grades_and_directions_are_bare_answers(text: str) -> None:
    assert is_bare_answer(ASKED, text)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "I can't breathe", "since I took the pills", "worse, and my chest hurts", "I want to die", "he won't wake up",
     "3 days and blood in it", "getting worse, call 911", "my throat", "help", "the end", "1 hour ago I fell"],
)  # fmt: skip
def test_anything_more_is_no_bare_answer(text: str) -> None:
    assert not is_bare_answer(ASKED, text)


@pytest.mark.parametrize("asked", [None, "faq/driving", "safety/question", "symptoms/when_to_call", "symptoms/unsure"])
def test_without_an_open_question_of_the_talk_nothing_is_an_answer(asked: str | None) -> None:
    assert not is_bare_answer(asked, "1 hour ago")


def test_every_question_of_the_form_is_known_here() -> None:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    asks = {name: r[0]["custom"]["topic"] for name, r in responses.items() if name.startswith("utter_ask_symptom_form")}
    assert set(asks.values()) == QUESTIONS


def test_what_a_rule_wakes_the_staff_for_stands() -> None:
    assert rules_alone(Verdict((RULE, GUESS))) == Verdict((RULE,), bare_answer=True)
    assert rules_alone(Verdict((TODAY,))) == Verdict(bare_answer=True)
    assert rules_alone(Verdict((GUESS,))) == Verdict(bare_answer=True)
    assert rules_alone(Verdict(doubt=Doubt(0.2, Tier.URGENT, "panic", True))) == Verdict(bare_answer=True)


@pytest.mark.parametrize(
    ("asked", "text", "tier"),
    [
        (ASKED, "my stomach is getting worse", Tier.URGENT),
        (ASKED, "my stomach hurts still", Tier.SAME_DAY),
        (None, "my stomach is getting worse", Tier.SAME_DAY),
    ],
)
def test_a_report_in_the_talk_is_at_least_as_urgent_as_the_talk_makes_it(
    asked: str | None, text: str, tier: Tier
) -> None:
    assert tier_in_talk(asked, text, Tier.SAME_DAY, NOW) is tier
    assert tier_in_talk(asked, text, Tier.EMERGENCY, NOW) is Tier.EMERGENCY
