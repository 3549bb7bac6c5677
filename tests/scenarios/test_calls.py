"""Plays: somebody calls the clinic. What follows when they hang up, are put through, or go on by text."""

from __future__ import annotations

import pytest

from bot.domain.escalation import Status, Tier
from bot.domain.phone_tree.model import RingPerson
from bot.services.receipts import Fate
from tests.harness.cast import BENIGN, EMERGENCY
from tests.harness.play import Play
from tests.harness.switchboard import Switchboard
from tests.harness.texter import ANAS, Texter


@pytest.fixture
async def ana(play: Play) -> Switchboard:
    """Ana calls."""
    board = Switchboard(play.house, number=ANAS)
    await board.begins()
    return board


@pytest.fixture
def phone(play: Play) -> Texter:
    """Ana's phone, when it is texted."""
    return Texter(play.house)


def receives(phone: Texter) -> list[str]:
    """All that the outbox has for a phone, which it sends one by one."""
    received: list[str] = []
    while new := phone.receives():
        received += new
    return received


# -- severe --------------------------------------------------------------------------


async def test_a_report_and_a_hang_up_are_paged_until_somebody_has_it(play: Play, ana: Switchboard) -> None:
    assert (await ana.says(EMERGENCY)).startswith("This may be an emergency. Call 112 now")
    await ana.hangs_up()
    play.settle()
    play.rings("noor")
    play.after(minutes=3)
    play.rings("lee")
    play.acknowledges("lee")
    play.after(minutes=4)
    play.nobody_rings()
    assert "call_ended" in play.history()


async def test_a_hang_up_before_the_question_back_is_answered_is_paged(play: Play, ana: Switchboard) -> None:
    play.house.screen.doubts_about("I have breathe")
    assert "right now?" in await ana.says("I have breathe")
    await ana.hangs_up()
    play.settle()
    play.rings("noor")
    assert play.case.reason == "not_answered"


async def test_who_takes_the_call_is_not_paged_for_taking_over_while_they_talk(play: Play, ana: Switchboard) -> None:
    await ana.says(EMERGENCY)
    assert ana.then == RingPerson("noor")
    play.settle()
    play.rings("noor")  # the ladder's own page, beside the call that is passed on
    ana.whispers.take(ana.call_id, "noor")
    play.after(minutes=30)
    play.nobody_rings()
    assert (await ana.phone_rang(True, bridged=True)).startswith("Your talk with our staff has ended.")
    await ana.hangs_up()
    assert (play.case.status, play.case.owner) == (Status.ACKNOWLEDGED, "noor")
    play.after(hours=4)
    play.rings("noor")  # it is still to be closed


async def test_who_took_it_and_reached_nobody_has_to_get_in_touch_in_time(play: Play, ana: Switchboard) -> None:
    await ana.says(EMERGENCY)
    await ana.hangs_up()
    ana.whispers.take(ana.call_id, "noor")
    play.after(minutes=5)
    play.rings("noor")  # the take-over is overdue: the ladder begins again


async def test_a_severe_voicemail_is_paged(play: Play, ana: Switchboard) -> None:
    await ana.presses("0")
    await ana.presses("3")
    await ana.leaves()
    play.after(minutes=1)
    play.nobody_rings()
    await ana.transcribed(EMERGENCY)
    play.settle()
    play.rings("noor")


async def test_an_ordinary_voicemail_wakes_nobody(play: Play, ana: Switchboard) -> None:
    await ana.presses("0")
    await ana.presses("3")
    await ana.leaves()
    await ana.transcribed("please move my appointment to friday")
    play.after(hours=12)
    play.nobody_rings()
    assert (play.case.tier, play.case.reason) == (Tier.ROUTINE, "voicemail")


async def test_a_report_in_spanish_is_paged_as_spanish(play: Play, ana: Switchboard) -> None:
    await ana.presses("9")
    assert (await ana.says("no puedo respirar")).startswith("Esto puede ser una emergencia. Llame al 112 ahora")
    play.settle()
    (page,) = play.rings("noor")
    assert "The patient writes Spanish." in page.text


# -- on by text ------------------------------------------------------------------------


async def test_the_talk_goes_on_by_text_where_the_call_left_it(play: Play, ana: Switchboard, phone: Texter) -> None:
    await ana.says(BENIGN)
    await ana.presses("1")
    await ana.presses("1")
    await ana.hangs_up()
    greeting, answer = receives(phone)
    assert greeting.startswith("This is the automated assistant of Harbor Test Clinic")
    assert answer.startswith("Plan about two hours.")
    assert phone.consents()[0][:2] == ("given", "pressed_key")
    talk = phone.talk
    assert await phone.writes("and with a friend?") == ["Plan about two hours."]
    assert phone.talk == talk
    assert play.house.dialogue.asked == [BENIGN, "and with a friend?"]


async def test_a_report_by_text_after_a_call_is_the_same_case(play: Play, ana: Switchboard, phone: Texter) -> None:
    await ana.says(EMERGENCY)
    await ana.hangs_up()
    await phone.writes("I still can't breathe")
    play.settle()
    play.rings("noor")
    assert len(play.house.desk.listing()) == 1


async def test_who_agreed_on_the_phone_is_told_by_text_who_has_seen_it(
    play: Play, ana: Switchboard, phone: Texter
) -> None:
    await ana.presses("0")
    await ana.presses("1")
    receives(phone)
    await ana.says(EMERGENCY)
    await ana.hangs_up()
    play.settle()
    play.rings("noor")
    play.acknowledges("noor")
    assert any("Noor (nurse) saw your report" in text for text in receives(phone))


async def test_who_did_not_agree_is_texted_nothing(play: Play, ana: Switchboard, phone: Texter) -> None:
    await ana.says(EMERGENCY)
    await ana.hangs_up()
    play.settle()
    play.rings("noor")
    play.acknowledges("noor")
    assert receives(phone) == []


async def test_a_text_that_does_not_arrive_after_all_is_a_call_back(
    play: Play, ana: Switchboard, phone: Texter
) -> None:
    await ana.says(BENIGN)
    await ana.presses("1")
    await ana.presses("1")
    receives(phone)
    for text in phone.inbox:
        phone.receipt(text, Fate.FAILED)
    assert (play.case.tier, play.case.reason) == (Tier.ROUTINE, "text_not_delivered")


async def test_stop_by_text_ends_the_offer_of_texts_on_the_phone(play: Play, ana: Switchboard, phone: Texter) -> None:
    await ana.says(BENIGN)
    await phone.writes("STOP")
    await ana.is_silent()
    assert "Our staff will call you back" in await ana.is_silent()
    assert play.case.reason == "callback_requested"
