"""A severe report on the telephone, and the question back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.escalation import Tier
from bot.domain.phone_tree.model import CallBack, Case, HangUp, RingDesk, RingPerson, Stage, TextMe, Unanswered
from bot.domain.phone_tree.reports import MOST_HOLDS
from tests.harness.caller import (
    ANSWER,
    EMERGENCY_CASE,
    LANDLINE,
    MOBILE,
    NOT_STORED,
    QUESTION,
    REPORT,
    WITHHELD,
    Caller,
)

NOBODY = replace(MOBILE, ring={})


@pytest.fixture
def reporting() -> Caller:
    """Who has just said that something is severely wrong."""
    caller = Caller()
    caller.says("I can't breathe", REPORT)
    return caller


# -- said first, then people are rung ---------------------------------------------------------


def test_the_safety_text_comes_first_and_then_the_first_on_call_is_rung(reporting: Caller) -> None:
    assert reporting.said.startswith("Call 112 now. If you cannot call yourself, stay on the line.")
    assert reporting.step.then == RingPerson("noor")


@pytest.mark.parametrize("words", ["goodbye", "repeat", "operator", "no", "spanish"])
def test_a_report_comes_before_any_command(words: str) -> None:
    caller = Caller()
    assert caller.says(words, REPORT).startswith("Call 112 now.")


def test_a_report_counts_however_badly_it_was_heard() -> None:
    caller = Caller()
    caller.says("can't breathe", REPORT, confidence=0.05)
    assert caller.stage is Stage.RING


def test_who_does_not_answer_is_followed_by_the_next(reporting: Caller) -> None:
    assert "hang up and call 112" in reporting.phone_rang(False)
    assert reporting.step.then == RingPerson("lee")


def test_when_nobody_takes_it_the_caller_hears_the_truth_and_can_stay(reporting: Caller) -> None:
    reporting.phone_rang(False)
    said = reporting.phone_rang(False)
    assert said.startswith("Your report K7QXM is stored for our on-call staff. Nobody has answered yet.")
    assert reporting.stage is Stage.HOLD


def test_after_a_talk_with_somebody_on_call_the_call_ends(reporting: Caller) -> None:
    assert reporting.phone_rang(True).startswith("Your talk with our staff has ended.")
    assert reporting.step.then == HangUp()


def test_whoever_was_acknowledged_meanwhile_is_not_passed_on_further(reporting: Caller) -> None:
    reporting.facts = replace(
        reporting.facts, case=replace(EMERGENCY_CASE, acknowledged=True, seen_by=("Noor", "nurse"))
    )
    assert reporting.phone_rang(False).startswith("Noor, nurse has seen your report K7QXM and will get in touch.")


def test_a_report_that_could_not_be_stored_still_reaches_a_person() -> None:
    caller = Caller()
    caller.says("I can't breathe", NOT_STORED)
    assert caller.step.then == RingPerson("noor")


def test_with_nobody_to_ring_it_reaches_the_desk() -> None:
    caller = Caller(replace(NOBODY, desk_open=True))
    assert caller.says("I can't breathe", NOT_STORED).startswith("Call 112 now.")
    assert caller.step.then == RingDesk()


# -- staying on the line ------------------------------------------------------------------------


@pytest.fixture
def holding() -> Caller:
    """A report is open, and nobody can be rung."""
    caller = Caller(NOBODY)
    caller.says("I can't breathe", REPORT)
    return caller


def test_while_who_called_stays_the_safety_text_is_said_again_until_it_has_to_end(holding: Caller) -> None:
    for _ in range(MOST_HOLDS - 1):
        assert "hang up and call 112" in holding.is_silent()
    assert holding.is_silent().startswith("I have to end this call now. Your report K7QXM stays open with our staff.")
    assert holding.step.then == HangUp()


def test_who_stays_is_told_when_staff_were_paged(holding: Caller) -> None:
    holding.facts = replace(holding.facts, case=replace(EMERGENCY_CASE, paged=True))
    assert holding.is_silent().startswith("Our on-call staff were paged about your report K7QXM.")


def test_who_stays_is_told_when_somebody_has_seen_it(holding: Caller) -> None:
    holding.facts = replace(holding.facts, case=replace(EMERGENCY_CASE, acknowledged=True))
    assert holding.is_silent().startswith("A member of our staff has seen your report")


def test_who_stays_can_have_a_text_and_stays(holding: Caller) -> None:
    assert "data rates may apply" in holding.said
    assert holding.presses("1").startswith("Thank you. A text message is on its way.")
    assert (type(holding.does[0]), holding.stage) == (TextMe, Stage.HOLD)


def test_who_cannot_be_texted_hears_that_and_stays() -> None:
    caller = Caller(replace(LANDLINE, ring={}))
    caller.says("I can't breathe", REPORT)
    assert caller.says("text me").startswith("I cannot send a text message to this number.")
    assert caller.stage is Stage.HOLD


def test_who_holds_without_a_number_can_enter_one_and_goes_on_holding() -> None:
    caller = Caller(replace(WITHHELD, ring={}))
    assert "Press two to enter the number where our staff can call you." in caller.says("I can't breathe", REPORT)
    caller.presses("2")
    caller.presses("5550100142", number="+15550100142")
    assert caller.presses("1").startswith("Our staff will call you back at +15550100142.")
    assert (caller.does, caller.stage) == ([CallBack("callback_requested", "+15550100142")], Stage.HOLD)
    assert "Press two" not in caller.said


def test_who_holds_and_enters_no_number_goes_on_holding() -> None:
    caller = Caller(replace(WITHHELD, ring={}))
    caller.says("I can't breathe", REPORT)
    caller.presses("2")
    assert caller.is_silent(2).startswith("Without a number our staff cannot call you back.")
    assert caller.stage is Stage.HOLD


def test_zero_rings_everybody_once_more_and_then_the_desk() -> None:
    caller = Caller(replace(MOBILE, desk_open=True, ring={Tier.EMERGENCY: ("noor",)}))
    caller.says("I can't breathe", REPORT)
    caller.phone_rang(False)
    caller.presses("0")
    assert caller.step.then == RingPerson("noor")
    caller.phone_rang(False)
    caller.presses("0")
    assert caller.step.then == RingDesk()
    assert caller.phone_rang(False).startswith("Your report K7QXM is stored")


def test_more_words_are_taken_in_and_the_report_stays_the_subject(holding: Caller) -> None:
    assert holding.says("and when may I drive", ANSWER).startswith("Do not drive for 24 hours. Your report K7QXM")
    assert holding.stage is Stage.HOLD


def test_a_new_report_is_said_and_rung_again_but_not_for_ever(reporting: Caller) -> None:
    for _ in range(2):
        reporting.phone_rang(False)
    reporting.says("it is getting worse", REPORT)
    assert reporting.step.then == RingPerson("noor")
    reporting.says("still", REPORT)
    assert reporting.said.startswith("Call 112 now.")
    assert reporting.stage is Stage.HOLD


def test_a_closed_report_leaves_an_ordinary_call(holding: Caller) -> None:
    holding.facts = replace(holding.facts, case=None)
    assert holding.is_silent().startswith("Is there anything else?")


def test_goodbye_says_where_the_report_stands(holding: Caller) -> None:
    assert holding.says("goodbye").startswith("Your report K7QXM is stored")
    assert holding.step.then == HangUp()


def test_spanish_while_holding_goes_on_holding(holding: Caller) -> None:
    assert holding.presses("9").startswith("Su aviso K7QXM está guardado")
    assert holding.stage is Stage.HOLD


# -- "is this happening right now?" ----------------------------------------------------------------


@pytest.fixture
def asked() -> Caller:
    """Who has been asked whether it is happening now."""
    caller = Caller()
    caller.says("I have breathe", QUESTION)
    return caller


def test_the_question_can_be_answered_by_key(asked: Caller) -> None:
    assert asked.said.endswith("Press one for yes, two for no, or say it.")
    asked.presses("1", REPORT)
    assert (asked.asked[-1].text, asked.stage) == ("Yes, right now", Stage.RING)


def test_no_by_key_is_said_to_the_screen_too(asked: Caller) -> None:
    asked.presses("2", ANSWER)
    assert asked.asked[-1].text == "No, it is not happening"


@pytest.mark.parametrize("words", ["yes", "no", "sí"])
def test_a_spoken_yes_or_no_is_taken_in_as_it_is(asked: Caller, words: str) -> None:
    asked.says(words, REPORT)
    assert (asked.asked[-1].text, asked.asked[-1].command) == (words, None)


@pytest.mark.parametrize(
    "turn",
    [
        lambda caller: caller.is_silent(),
        lambda caller: caller.presses("#"),
        lambda caller: caller.says("goodbye"),
        lambda caller: caller.says("no", ANSWER, confidence=0.2),
        lambda caller: caller.says("the weather", QUESTION),
    ],
)
def test_whatever_is_no_answer_is_asked_again_and_then_wakes_somebody(asked: Caller, turn: object) -> None:
    turn(asked)  # type: ignore[operator]
    assert asked.stage is Stage.ASKED
    assert "Is this happening right now?" in asked.said
    turn(asked)  # type: ignore[operator]
    assert asked.does == [Unanswered()]
    assert asked.step.then == RingPerson("noor")


def test_a_silent_caller_with_nobody_to_ring_hears_where_it_stands() -> None:
    caller = Caller(NOBODY)
    caller.says("I have breathe", QUESTION)
    assert "Your report {reference} is stored" in caller.is_silent(2)


def test_the_question_is_asked_in_the_language_that_is_chosen(asked: Caller) -> None:
    assert "Aún no me ha dicho si está pasando ahora mismo" in asked.presses("9")
    assert asked.stage is Stage.ASKED


def test_a_question_back_comes_before_any_command() -> None:
    caller = Caller()
    caller.says("goodbye", QUESTION)
    assert caller.stage is Stage.ASKED


def test_a_case_that_is_raised_is_rung_at_its_own_tier() -> None:
    ring = {Tier.EMERGENCY: ("kim",), Tier.URGENT: ("noor",)}
    caller = Caller(replace(MOBILE, ring=ring))
    caller.says("I am suicidal", replace(REPORT, case=Case("K7QXM", Tier.URGENT)))
    assert caller.step.then == RingPerson("noor")
