"""What the words around a finding make of it."""

from __future__ import annotations

import pytest

from bot.domain.escalation import Tier
from bot.safety.screen import default_screen

REPORTS = [
    "no, I have chest pain",
    "No I have trouble breathing right now",
    "I can't stop the chest pain",
    "not only chest pain but hives",
    "my mom died and I want to die",
    "I had no trouble last week but now I can't breathe",
    "I never had chest pain before and now I have chest pain",
    "there was no side effect last time. today my chest hurts",
    "Is this normal? Ben can't breathe",
    "no fever, however my chest feels tight",
    "he's not waking up",
    "I didn't sleep. I can't breathe.",
    "not sure if it matters, but I have chest pain",
    "can someone help, I can't breathe",
    "What should I do I can't breathe",
    "I'm scared I can't breathe",
    "I have chest pain, is that a side effect",
    "is it normal that my chest hurts",
    "is it normal to still have chest pain",
    "is my chest pain from the ketamine",
    "I think Ben is having a seizure what do I do",
    "I'm not sure if my throat is closing",
    "my mom watches the news and I can't breathe",
    "no fever my chest feels tight",
    "es normal que me duela, no sé, me duele el pecho",
    "tengo miedo, no puedo respirar",
]
NO_REPORTS = [
    "I have no chest pain",
    "I don't have chest pain or trouble breathing",
    "what if I can't breathe in there?",
    "can ketamine cause chest pain?",
    "Cleo here, is chest pain a known side effect?",
    "I had chest pain ten years ago",
    "my uncle died of a heart attack",
    "I read an article about a man who couldn't breathe",
    "without any trouble breathing so far",
    "no fever, rash or chest pain",
    "what if my chest hurts and I can't breathe in there",
    "I'm worried I might stop breathing",
    "let's say I fainted at home, would you know",
    "I had a seizure when I was 12",
    "chest pain in 2015, nothing since",
    "I couldn't breathe from laughing",
    "when I saw the bill I almost had a heart attack",
    "my heart was racing during the infusion, the nurse checked",
    "nunca he tenido convulsiones",
    "hace años tuve convulsiones",
    "¿qué pasa si no puedo respirar?",
    "¿puede causar dolor de pecho?",
    "sin dolor de pecho",
]


@pytest.mark.parametrize("text", REPORTS)
def test_words_around_a_report_do_not_hide_it(text: str) -> None:
    assert default_screen()(text).is_report


@pytest.mark.parametrize("text", NO_REPORTS)
def test_what_is_denied_asked_past_or_elsewhere_is_no_report(text: str) -> None:
    assert not default_screen()(text).is_report


def test_a_denial_reaches_only_what_it_denies() -> None:
    verdict = default_screen()("I have no chest pain. I can't breathe.")
    assert verdict.categories == ("respiratory",)


def test_of_two_findings_the_more_serious_tier_counts() -> None:
    verdict = default_screen()("I am suicidal and I can't breathe")
    assert verdict.tier is Tier.EMERGENCY
    assert set(verdict.categories) == {"respiratory", "suicidality"}
