"""The ladder from voice to text, to a call back, to a message: bounded, and never a dead end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.phone_tree.model import CallBack, HangUp, Listen, Record, Stage, TextMe
from tests.harness.caller import ANSWER, LANDLINE, LOST, MOBILE, WITHHELD, Caller

NUMBER = "+15550100142"


@pytest.fixture
def offered() -> Caller:
    """Who was not heard twice, on a mobile, after hours."""
    caller = Caller()
    caller.is_silent(2)
    return caller


# -- a text -------------------------------------------------------------------------------


def test_one_is_yes_to_texts_and_the_talk_goes_on(offered: Caller) -> None:
    said = offered.presses("1")
    assert said.startswith("Thank you. A text message is on its way. Answer it to go on in writing.")
    assert [(type(effect), getattr(effect, "how", None)) for effect in offered.does] == [(TextMe, "pressed_key")]
    assert offered.stage is Stage.TALK


@pytest.mark.parametrize("words", ["yes", "yes please", "Sí.", "text me"])
def test_a_spoken_yes_counts_and_is_recorded_as_spoken(offered: Caller, words: str) -> None:
    offered.says(words)
    assert [getattr(effect, "how", None) for effect in offered.does] == ["said_yes"]


def test_a_badly_heard_yes_agrees_to_nothing(offered: Caller) -> None:
    assert "Press one, and" in offered.says("yes", confidence=0.3)
    assert offered.does == []


@pytest.mark.parametrize("turn", ["2", "no", "call me back"])
def test_whoever_does_not_want_a_text_is_called_back(offered: Caller, turn: str) -> None:
    said = offered.presses(turn) if turn == "2" else offered.says(turn)
    assert offered.does == [CallBack("callback_requested")]
    assert "Our staff will call you back" in said
    assert "Your request is kept as {reference}." in said  # filled in when it is stored


def test_whoever_only_asked_for_a_text_and_declines_is_not_called() -> None:
    caller = Caller()
    caller.says("When may I drive?")
    caller.presses("1")
    caller.says("no thanks")
    assert caller.does == []
    assert "Is there anything else?" in caller.said


def test_silence_after_the_offer_is_a_call_back_and_a_goodbye(offered: Caller) -> None:
    assert "Press one, and" in offered.is_silent()
    assert offered.is_silent().startswith("Our staff will call you back")
    assert (offered.does, offered.step.then) == ([CallBack("callback_requested")], HangUp())


def test_a_question_beside_the_offer_is_answered(offered: Caller) -> None:
    assert offered.says("when may I drive", ANSWER).startswith("Do not drive for 24 hours.")


def test_words_that_lead_nowhere_beside_the_offer_count_like_silence(offered: Caller) -> None:
    offered.says("mumble", LOST)
    offered.presses("8")
    assert offered.does == [CallBack("callback_requested")]


def test_whoever_is_settled_and_silent_hears_goodbye(offered: Caller) -> None:
    offered.presses("1")
    assert offered.is_silent(2).endswith("Goodbye.")


def test_without_a_way_to_text_the_staff_call_back_at_once() -> None:
    caller = Caller(LANDLINE)
    caller.presses("0")
    assert caller.does == [CallBack("callback_requested")]


# -- a number that is withheld ---------------------------------------------------------------


@pytest.fixture
def withheld() -> Caller:
    """Who does not show a number, and wants a person after hours."""
    caller = Caller(WITHHELD)
    caller.presses("0")
    return caller


def test_whoever_shows_no_number_is_asked_for_one_by_keys(withheld: Caller) -> None:
    assert "With the keys, enter the number where our staff can call you" in withheld.said
    assert withheld.step.then == Listen(keys=None, seconds=10)


def test_a_number_is_said_again_before_it_counts(withheld: Caller) -> None:
    said = withheld.presses("5550100142", number=NUMBER)
    assert said.startswith(f"The number is {NUMBER}. Press one if that is right")
    assert withheld.does == []
    withheld.presses("1")
    assert withheld.does == [CallBack("callback_requested", NUMBER)]


def test_a_spoken_number_counts_too_and_is_not_a_question(withheld: Caller) -> None:
    withheld.says("555 010 0142", number=NUMBER)
    assert withheld.asked[-1].screen_only
    withheld.says("yes")
    assert withheld.does == [CallBack("callback_requested", NUMBER)]


def test_a_wrong_number_is_entered_again(withheld: Caller) -> None:
    withheld.presses("5550100142", number=NUMBER)
    assert "enter the number" in withheld.presses("2")
    assert withheld.stage is Stage.NUMBER


def test_an_impossible_number_is_asked_for_once_more_and_then_the_truth_is_told(withheld: Caller) -> None:
    assert withheld.presses("12").startswith("That is not a telephone number")
    assert withheld.presses("12").startswith(
        "Without a number our staff cannot call you back. You can reach the clinic at"
    )
    assert (withheld.does, withheld.step.then) == ([], HangUp())


def test_silence_after_a_possible_number_keeps_it(withheld: Caller) -> None:
    withheld.presses("5550100142", number=NUMBER)
    withheld.is_silent(2)
    assert withheld.does == [CallBack("callback_requested", NUMBER)]
    assert withheld.step.then == HangUp()


def test_words_at_the_check_that_are_neither_yes_nor_no_are_asked_again_and_not_answered(withheld: Caller) -> None:
    withheld.presses("5550100142", number=NUMBER)
    assert withheld.says("what is this").startswith(f"The number is {NUMBER}.")
    assert withheld.asked[-1].screen_only


# -- a message ----------------------------------------------------------------------------------


def test_three_leaves_a_message_which_is_kept_before_anything_else(offered: Caller) -> None:
    assert "if this is an emergency, hang up and call 112" in offered.presses("3")
    assert offered.step.then == Record()
    assert offered.leaves(9).startswith("Thank you. Your message is kept for our staff as {reference}.")
    assert offered.does == [CallBack("voicemail", recording="RE1", seconds=9)]


def test_an_empty_message_is_offered_again(offered: Caller) -> None:
    offered.presses("3")
    assert "Press three to leave a message" in offered.leaves(0)
    assert offered.does == []


def test_whoever_leaves_a_message_without_a_number_is_asked_for_one_after_it_is_kept(withheld: Caller) -> None:
    withheld.says("leave a message")
    withheld.leaves()
    assert withheld.does == [CallBack("voicemail", recording="RE1", seconds=9)]
    assert withheld.stage is Stage.NUMBER
    withheld.presses("5550100142", number=NUMBER)
    withheld.presses("1")
    assert withheld.does[1:] == [CallBack("callback_requested", NUMBER)]


def test_a_message_in_spanish_is_listened_to_since_nobody_transcribes_it() -> None:
    caller = Caller()
    caller.presses("9")
    caller.presses("0")
    assert caller.presses("3").startswith("Diga ahora su mensaje.")
    caller.says("Necesito cambiar mi cita del martes")
    assert (caller.asked[-1].screen_only, caller.does[1:]) == (True, [CallBack("message")])


def test_while_the_desk_is_open_nobody_is_sent_to_a_message() -> None:
    caller = Caller(replace(MOBILE, desk_open=True))
    caller.is_silent(2)
    assert "leave a message" not in caller.said
