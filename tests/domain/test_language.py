"""English or Spanish, or too little to tell."""

from __future__ import annotations

import pytest

from bot.domain.language import Language, language_of


@pytest.mark.parametrize(
    "text",
    [
        "mi esposo no respira bien",
        "no quiero seguir viviendo",
        "me duele el pecho desde ayer",
        "QUE HAGO MI HIJO SE TOMO LAS PASTILLAS",
        "le dio un ataque después de la infusion",
        "¿me ayuda?",
        "tengo fiebre y escalofrios desde ayer, help",
    ],
)
def test_spanish_is_recognised(text: str) -> None:
    assert language_of(text) is Language.SPANISH


@pytest.mark.parametrize(
    "text",
    [
        "my husband isn't breathing right",
        "how long is a session",
        "I want to die",
        "MY CHEST HURTS",
        "can you help me, I don't feel so good, no bueno",
    ],
)
def test_english_is_recognised(text: str) -> None:
    assert language_of(text) is Language.ENGLISH


@pytest.mark.parametrize("text", ["ok", "911", "\U0001f62d", "", "no", "xyz qwerty"])
def test_too_little_to_tell_is_no_language(text: str) -> None:
    assert language_of(text) is None
