"""Plays: a patient texts. What comes to her phone by itself, and what happens when no text may or can."""

from __future__ import annotations

import pytest

from bot.domain.escalation import Outcome, Status
from bot.domain.keywords import Keyword
from bot.services.receipts import Fate
from bot.services.telephone_ports import TextRefused
from bot.storage import tables
from tests.harness.cast import EMERGENCY
from tests.harness.play import Play
from tests.harness.texter import Texter


@pytest.fixture
async def ana(play: Play) -> Texter:
    """She has reported by text, Noor's phone has rung, a minute is over."""
    ana = Texter(play.house)
    await ana.writes(EMERGENCY)
    for text in ana.inbox:
        ana.receipt(text, Fate.DELIVERED)
    play.after(minutes=1)
    play.rings("noor")
    return ana


def came(ana: Texter) -> list[str]:
    """The first words of each text that came since she looked last."""
    new = ana.inbox[ana.read :]
    ana.read = len(ana.inbox)
    return [" ".join(text.body.split()[:4]) for text in new]


def callbacks(play: Play) -> list[str]:
    """Why staff are told to phone."""
    history = play.house.desk.history(play.case.reference)
    return [entry.detail["why"] for entry in history if entry.detail.get("reason") == "text_not_delivered"]


# -- what comes by itself --------------------------------------------------------


async def test_that_staff_were_paged_is_no_text(play: Play, ana: Texter) -> None:
    assert "patient_told" in play.history()
    assert came(ana) == []


async def test_who_has_seen_it_and_that_it_is_closed_comes_as_a_text(play: Play, ana: Texter) -> None:
    play.acknowledges("noor")
    play.settle()
    assert came(ana) == ["Noor (nurse) saw your"]
    play.house.handling.resolve(play.case.reference, "noor", Outcome.HANDLED)
    play.settle()
    assert came(ana) == ["Our staff have closed"]


async def test_that_nobody_has_answered_comes_as_a_text_in_time(play: Play, ana: Texter) -> None:
    play.after(minutes=5)
    play.let_them_ring()
    assert came(ana) == ["Nobody has answered your"]


async def test_whoever_writes_is_not_announced_first(play: Play, ana: Texter) -> None:
    play.says("noor", "Hello Ana, this is Noor. Can you speak?")
    play.settle()
    assert came(ana) == ["Hello Ana, this is"]


async def test_whoever_takes_over_without_a_word_is_announced(play: Play, ana: Texter) -> None:
    play.takes_over("noor")
    play.settle()
    assert came(ana) == ["Noor (nurse) has joined"]


async def test_a_talk_with_staff_goes_to_and_fro(play: Play, ana: Texter) -> None:
    play.says("noor", "Are you alone?")
    assert await ana.writes("yes I am") == []
    play.says("noor", "I am calling you now.")
    play.settle()
    assert [text.body for text in ana.inbox[-2:]] == ["Are you alone?", "I am calling you now."]


# -- a provider that is down -------------------------------------------------------


async def test_what_could_not_leave_for_a_while_comes_once_and_in_order(play: Play, ana: Texter) -> None:
    play.house.telephony.errors = [OSError() for _ in range(5)]
    for text in ("One.", "Two.", "Three."):
        play.says("noor", text)
    play.after(minutes=4)
    play.rings("noor")  # no text has left for a minute: somebody has to phone
    assert [text.body for text in ana.inbox[ana.read :]] == ["One.", "Two.", "Three."]
    assert callbacks(play) == ["provider_away"]


async def test_a_patient_who_cannot_be_texted_is_phoned(play: Play, ana: Texter) -> None:
    play.acknowledges("noor")
    play.house.telephony.errors = [TextRefused("landline")]
    play.settle()
    assert callbacks(play) == ["landline"]
    play.rings("noor")


async def test_a_safety_text_that_does_not_arrive_is_news_for_staff(play: Play) -> None:
    ana = Texter(play.house)
    await ana.writes(EMERGENCY)
    play.settle()
    play.acknowledges("noor")
    ana.receipt(ana.inbox[0], Fate.FAILED, reason="landline")
    play.settle()
    play.rings("noor", "noor")
    assert callbacks(play) == ["landline"]


async def test_an_answer_that_got_lost_on_its_way_comes_within_two_minutes(play: Play) -> None:
    ana = Texter(play.house)
    await ana.hands_in(EMERGENCY)
    play.after(minutes=2)
    play.rings("noor")
    assert came(ana) == ["This may be an", "This is the automated"]


# -- stop --------------------------------------------------------------------------


async def test_after_a_stop_nothing_comes_and_staff_are_told_to_phone(play: Play, ana: Texter) -> None:
    assert len(await ana.writes("STOP")) == 1
    play.acknowledges("noor")
    play.after(minutes=1)
    assert came(ana) == []
    assert callbacks(play) == ["stopped"]
    play.rings("noor")


async def test_a_stop_does_not_stop_the_ladder(play: Play, ana: Texter) -> None:
    await ana.writes("STOP")
    play.after(minutes=5)
    play.rings("lee", "kim", "lee")
    assert came(ana) == []


async def test_a_report_of_a_number_that_the_provider_blocks_pages_all_the_same(play: Play) -> None:
    ana = Texter(play.house)
    await ana.writes("STOP", by_provider=Keyword.STOP)
    assert await ana.writes(EMERGENCY) == []
    play.settle()
    play.rings("noor")
    assert "texts_stopped" in play.history()


async def test_after_a_new_start_notices_come_again(play: Play, ana: Texter) -> None:
    await ana.writes("STOP")
    await ana.writes("START")
    play.acknowledges("noor")
    play.settle()
    assert came(ana) == ["Noor (nurse) saw your"]


# -- pleas -------------------------------------------------------------------------


async def test_a_bare_help_in_a_case_rings_whoever_has_it(play: Play, ana: Texter) -> None:
    play.acknowledges("noor")
    await ana.writes("HELP")
    play.settle()
    play.rings("noor")
    assert "has a new report" in play.last_page.text


async def test_a_bare_end_soon_after_a_case_opens_it_again(play: Play, ana: Texter) -> None:
    play.house.handling.resolve(play.case.reference, "noor", Outcome.HANDLED)
    play.after(hours=3)
    await ana.writes("END")
    play.settle()
    play.rings("noor")
    assert play.case.status is Status.OPEN
    assert not ana.address.stopped


# -- the house restarts --------------------------------------------------------------


async def test_a_restart_sends_what_waits_and_nothing_twice(play: Play, ana: Texter) -> None:
    play.says("noor", "One.")
    play.says("noor", "Two.")
    play.the_pager_dies()
    play.everything_restarts()
    play.settle()
    assert [text.body for text in ana.inbox[ana.read :]] == ["One.", "Two."]
    assert {row.state for row in play.database.rows(tables.texts)} == {"delivered", "sent"}
