"""Time is taken around the screen and the dialogue, whatever becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

import pytest

from bot.domain.errors import DialogueUnavailable
from bot.domain.messages import ReplyKind
from bot.services.measures import TimedDialogue, TimedScreen
from tests.harness.cast import ANSWER, EMERGENCY
from tests.harness.dialogue import FakeDialogue
from tests.harness.screen import FakeScreen


class Kept:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.screened_seconds: list[float] = []
        self.problems: list[str | None] = []

    def answered(self, channel: str, kinds: Iterable[ReplyKind]) -> None:
        """Not of interest here."""

    def screened(self, seconds: float) -> None:
        """The screen has read."""
        self.screened_seconds.append(seconds)

    def asked(self, seconds: float, problem: str | None) -> None:
        """The dialogue was asked."""
        assert seconds > 0
        self.problems.append(problem)


@pytest.fixture
def kept() -> Kept:
    """Nothing was measured yet."""
    return Kept()


async def test_an_answer_comes_through_and_its_time_is_taken(kept: Kept) -> None:
    assert await TimedDialogue(FakeDialogue(), kept).ask("ana", "May I drive?", "m") == (ANSWER,)
    assert kept.problems == [None]


async def test_why_there_was_no_answer_is_kept(kept: Kept) -> None:
    dialogue = FakeDialogue()
    dialogue.goes_down()
    with pytest.raises(DialogueUnavailable):
        await TimedDialogue(dialogue, kept).ask("ana", "May I drive?", "m")
    assert kept.problems == ["timeout"]


async def test_a_question_that_is_given_up_counts_as_one(kept: Kept) -> None:
    dialogue = FakeDialogue()
    dialogue.hangs()
    asking = asyncio.create_task(TimedDialogue(dialogue, kept).ask("ana", "May I drive?", "m"))
    await dialogue.entered.wait()
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    assert kept.problems == ["given_up"]


async def test_health_is_that_of_the_dialogue(kept: Kept) -> None:
    dialogue = FakeDialogue()
    dialogue.goes_down()
    assert not await TimedDialogue(dialogue, kept).healthy()


def test_the_screen_finds_what_it_finds_and_its_time_is_taken(kept: Kept) -> None:
    assert TimedScreen(FakeScreen(), kept)(EMERGENCY, ()).is_report
    assert len(kept.screened_seconds) == 1
