"""What every channel promises, as tests to inherit: a class with a fixture `wire` runs them over its own wire."""

from __future__ import annotations

from typing import Protocol

import pytest

from bot.app import build_house
from bot.domain import wording
from bot.domain.escalation import Tier
from bot.settings import Settings
from tests.channels.fake_rasa import FakeRasa
from tests.harness.cast import EMERGENCY

QUESTION = "When may Ana drive again?"


class Wire(Protocol):
    """One patient on a channel."""

    settings: Settings

    async def says(self, text: str, message_id: str | None = None) -> list[str]:
        """What the patient is answered."""

    async def says_unsigned(self, text: str) -> int:
        """The same without proof that it is the channel's: the status of the answer."""

    def form(self, text: str) -> str:
        """How the channel writes a text."""

    def message_id(self) -> str:
        """One of the channel's."""


class ChannelContract:
    """Inherit it, and give a fixture `wire`."""

    async def test_what_nobody_vouches_for_is_refused_and_leaves_nothing(self, wire: Wire) -> None:
        assert 400 <= await wire.says_unsigned(EMERGENCY) < 500
        assert build_house(wire.settings).desk.listing() == ()

    async def test_the_emergency_text_comes_word_for_word_and_first(self, wire: Wire) -> None:
        said = await wire.says(EMERGENCY)
        (case,) = build_house(wire.settings).desk.listing()
        safety = wording.safety_reply(wire.settings.clinic, Tier.EMERGENCY, ("respiratory",), case.reference)
        assert said[0] == wire.form(safety.text)

    async def test_rasa_is_not_asked_about_an_emergency(self, wire: Wire, rasa: FakeRasa) -> None:
        await wire.says(EMERGENCY)
        assert rasa.asked == []

    @pytest.mark.parametrize("text", [EMERGENCY, QUESTION])
    async def test_a_message_that_comes_twice_counts_once(self, wire: Wire, rasa: FakeRasa, text: str) -> None:
        message_id = wire.message_id()
        first = await wire.says(text, message_id)
        assert await wire.says(text, message_id) == first
        assert len(rasa.asked) <= 1
        assert len(build_house(wire.settings).desk.listing()) == (1 if text == EMERGENCY else 0)

    async def test_a_question_is_kept_for_the_staff_when_rasa_is_down(self, wire: Wire, rasa: FakeRasa) -> None:
        rasa.status = 500
        said = await wire.says(QUESTION)
        (case,) = build_house(wire.settings).desk.listing()
        degraded = wording.degraded_reply(wire.settings.clinic, case.reference)
        assert wire.form(degraded.text) in said
