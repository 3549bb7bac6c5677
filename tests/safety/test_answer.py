"""Yes, no, or neither, to "is this happening right now?"."""

from __future__ import annotations

import pytest

from bot.domain.language import Language
from bot.domain.texts import TEXTS
from bot.safety.answer import answer_of


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "YES!!",
        "yeah its happening",
        "y",
        "right now",
        "no i mean right now",
        "no, it's still happening",
        "no but it is getting worse",
        "i dont know",
        "not sure",
        "help",
        "sí",
        "si, ahorita",
        "no sé",
        "no, sigue igual",
    ],
)
def test_a_yes_or_a_doubt_is_a_yes(text: str) -> None:
    assert answer_of(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No.",
        "nope just curious",
        "not right now",
        "no, it's not happening",
        "just asking for my mom's class",
        "its gone now",
        "I\u2019m fine, thanks",
        "no, no está pasando",
        "no ahora no",
        "solo preguntaba",
    ],
)
def test_a_plain_no_is_a_no(text: str) -> None:
    assert answer_of(text) is False


@pytest.mark.parametrize("text", ["how much is a session", "what do you mean", "", "?", "nobody told me about fasting"])
def test_anything_else_is_neither(text: str) -> None:
    assert answer_of(text) is None


@pytest.mark.parametrize("language", list(Language))
def test_the_buttons_that_go_with_the_question_are_understood(language: Language) -> None:
    texts = TEXTS[language]
    assert (answer_of(texts.ask_back_yes), answer_of(texts.ask_back_no)) == (True, False)
