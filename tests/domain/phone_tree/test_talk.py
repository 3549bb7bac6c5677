"""Greeting, menu, answers, a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.language import Language
from bot.domain.phone_tree import PhoneTree
from bot.domain.phone_tree.model import (
    CallBack,
    ChangeLanguage,
    Fetch,
    HangUp,
    Line,
    Listen,
    RingDesk,
    Stage,
    TextMe,
    Why,
)
from bot.domain.phone_tree.scene import texts_in
from tests.harness.caller import ANSWER, CHOICE, LANDLINE, LATE, LONG, LOST, MENU, MOBILE, PERSON, Caller
from tests.harness.cast import CLINIC

OPEN = replace(MOBILE, desk_open=True)


@pytest.fixture
def caller() -> Caller:
    """On a mobile, after hours."""
    return Caller()


# -- greeting and menu ---------------------------------------------------------------


def test_the_first_words_are_the_clinic_and_the_emergency_number(caller: Caller) -> None:
    assert caller.said.startswith(
        f"Thank you for calling {CLINIC.name}. If this is an emergency, hang up and call 112."
    )
    assert "116 123" in caller.said


def test_a_caller_is_told_that_nobody_listens(caller: Caller) -> None:
    assert "automated assistant. No person is listening." in caller.said


def test_spanish_is_offered_in_spanish(caller: Caller) -> None:
    assert Line("Para español, oprima nueve.", Language.SPANISH) in caller.step.says


def test_the_menu_has_the_topics_in_the_order_of_the_keys(caller: Caller) -> None:
    assert "Or press 1 for Driving afterwards, 2 for Nausea and vomiting." in caller.said
    assert caller.step.then == Listen()


def test_a_key_of_the_menu_asks_its_question_as_the_callers_own(caller: Caller) -> None:
    said = caller.presses("2")
    assert [ask.text for ask in caller.asked] == [MENU[1].question]
    assert said.startswith("Do not drive for 24 hours.")


def test_words_are_taken_in_as_they_were_heard(caller: Caller) -> None:
    caller.says("When may I drive home?")
    (ask,) = caller.asked
    assert (ask.text, ask.command, ask.unclear, ask.screen_only) == ("When may I drive home?", None, False, False)


def test_without_a_menu_there_is_still_a_way_to_ask() -> None:
    caller = Caller(tree=PhoneTree(CLINIC))
    assert "Tell me in a few words" in caller.said
    assert "Or press" not in caller.said


@pytest.mark.parametrize("keys", ["7", "88", "1#"])
def test_a_key_that_means_nothing_is_not_understood(caller: Caller, keys: str) -> None:
    assert caller.presses(keys).startswith("I am sorry, I did not understand that.")


def test_star_says_the_same_again(caller: Caller) -> None:
    caller.says("When may I drive?")
    assert caller.presses("*") == caller.says("repeat that please") != ""
    assert caller.said.startswith("Do not drive for 24 hours.")


def test_pound_leads_to_the_menu(caller: Caller) -> None:
    caller.says("When may I drive?")
    assert "1 for Driving afterwards" in caller.presses("#")
    assert caller.presses("1").startswith("Do not drive")


# -- answers ---------------------------------------------------------------------------


def test_after_an_answer_the_caller_is_asked_what_else(caller: Caller) -> None:
    said = caller.says("When may I drive?")
    assert said.startswith("Do not drive for 24 hours.")
    assert "Is there anything else?" in said


def test_an_answer_too_long_to_say_is_offered_as_a_text(caller: Caller) -> None:
    said = caller.says("tell me everything", LONG)
    assert said.startswith("The answer to that is too long to say on the telephone. Press one, and")
    assert caller.presses("1").startswith("Thank you. A text message is on its way.")
    assert caller.does[0].how == "pressed_key"


def test_what_is_texted_is_the_answer_to_the_words_that_were_said(caller: Caller) -> None:
    caller.presses("#")
    caller.says("tell me everything", LONG)
    assert caller.state.asked == 2


def test_a_key_for_a_text_leads_to_the_words_that_are_agreed_to(caller: Caller) -> None:
    caller.says("When may I drive?")
    assert "data rates may apply" in caller.presses("1")
    assert caller.does == []
    caller.presses("1")
    (text,) = caller.does
    assert isinstance(text, TextMe)
    assert text.words.startswith(f"Press one, and {CLINIC.name} texts you at the number that you are calling from.")


def test_whoever_agreed_before_is_texted_at_once() -> None:
    caller = Caller(replace(MOBILE, agreed=True))
    caller.says("When may I drive?")
    assert caller.presses("1").startswith("Thank you. A text message is on its way.")
    assert caller.does == [TextMe("pressed_key", "If you would like that as a text message, press one.")]


def test_choices_have_keys_and_are_sent_as_the_callers_own(caller: Caller) -> None:
    assert caller.says("how much is it", CHOICE).endswith("For Yes, press 1. For No, press 2.")
    caller.presses("2")
    assert caller.asked[-1].text == "No, thank you"


def test_a_spoken_no_to_a_choice_is_no_goodbye(caller: Caller) -> None:
    caller.says("how much is it", CHOICE)
    caller.says("no thank you")
    assert caller.asked[-1].command is None
    assert caller.stage is Stage.TALK


@pytest.mark.parametrize("words", ["no", "goodbye", "that's all thanks", "no thank you"])
def test_whoever_has_nothing_else_hears_goodbye(caller: Caller, words: str) -> None:
    caller.says("When may I drive?")
    assert caller.says(words).endswith("In an emergency, call 112. Goodbye.")
    assert caller.step.then == HangUp()


# -- an answer that takes long ------------------------------------------------------------


def test_whoever_waits_for_an_answer_is_told_so_and_comes_back_for_it(caller: Caller) -> None:
    assert caller.says("When may I drive?", LATE).startswith("One moment")
    assert caller.step.then == Fetch()
    assert caller.waits(ANSWER).startswith("Do not drive")
    assert caller.state.asked == 1


def test_what_does_not_come_is_offered_as_a_text(caller: Caller) -> None:
    caller.says("When may I drive?", LATE)
    caller.waits(LATE)
    assert caller.waits(LATE).startswith("It takes me longer than it should to find the answer. Press one")
    assert caller.state.asked == 1


# -- not heard, not understood -------------------------------------------------------------


def test_one_silence_is_met_with_the_question_again(caller: Caller) -> None:
    assert caller.is_silent().startswith("I did not hear anything. ")
    assert caller.stage is Stage.TALK


@pytest.mark.parametrize(
    "turns",
    [
        lambda caller: caller.is_silent(2),
        lambda caller: (caller.is_silent(), caller.says("mumble", confidence=0.2)),
        lambda caller: (caller.says("mumble", LOST), caller.is_silent()),
        lambda caller: (caller.presses("7"), caller.says("mumble", LOST)),
    ],
)
def test_after_two_turns_in_a_row_that_were_lost_a_text_is_offered(caller: Caller, turns: object) -> None:
    turns(caller)  # type: ignore[operator]
    assert caller.stage is Stage.OFFER
    assert "we do not understand each other well by voice" in caller.said


def test_an_answer_between_two_lost_turns_counts_them_anew(caller: Caller) -> None:
    caller.is_silent()
    caller.says("When may I drive?")
    caller.is_silent()
    assert caller.stage is Stage.TALK


def test_words_heard_badly_are_taken_in_for_the_screen_alone(caller: Caller) -> None:
    assert caller.says("mumble mumble", confidence=0.2).startswith("I am sorry, I did not understand")
    assert caller.asked[0].unclear
    assert caller.asked[0].screen_only


@pytest.mark.parametrize("confidence", [None, 0.0, 0.45, 1.0])
def test_a_recogniser_that_does_not_tell_how_sure_it_is_counts_as_sure(
    caller: Caller, confidence: float | None
) -> None:
    caller.says("When may I drive?", confidence=confidence)
    assert not caller.asked[0].unclear


def test_a_badly_heard_command_commands_nothing(caller: Caller) -> None:
    caller.says("goodbye", confidence=0.2)
    assert caller.stage is Stage.TALK


# -- a person --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["0", "operator", "Person, please.", "hablar con una persona"])
def test_while_the_desk_is_open_a_person_is_the_desk(how: str) -> None:
    caller = Caller(OPEN)
    said = caller.presses(how) if how == "0" else caller.says(how)
    assert caller.step.then == RingDesk()
    assert said.startswith("I am connecting you with our desk.")


def test_a_wish_that_the_dialogue_understood_leads_there_too() -> None:
    caller = Caller(OPEN)
    assert caller.says("I would rather have a nurse", PERSON).startswith("Your request is with our staff as K7QXM.")
    assert caller.step.then == RingDesk()


def test_after_hours_a_text_a_call_or_a_message_is_offered(caller: Caller) -> None:
    said = caller.presses("0")
    assert said.startswith("Nobody is at our desk at the moment. Press one, and")
    assert "Press two, and our staff call you back. Press three to leave a message" in said


def test_a_desk_that_does_not_answer_is_not_rung_twice() -> None:
    caller = Caller(OPEN)
    caller.presses("0")
    assert caller.phone_rang(False).startswith("Nobody at our desk could answer just now. Press one")
    assert caller.presses("0").startswith("Nobody at our desk could answer just now.")


def test_after_a_talk_with_the_desk_the_call_ends() -> None:
    caller = Caller(OPEN)
    caller.presses("0")
    assert caller.phone_rang(True).endswith("In an emergency, call 112. Goodbye.")
    assert caller.step.then == HangUp()


# -- Spanish -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["9", "Español.", "Spanish please", "en español"])
def test_a_key_or_the_word_changes_to_spanish(caller: Caller, how: str) -> None:
    said = caller.presses(how) if how == "9" else caller.says(how)
    assert said.startswith(f"Gracias por llamar a {CLINIC.name}. Si es una emergencia, cuelgue y llame al 112.")
    assert caller.does == [ChangeLanguage(Language.SPANISH)]
    assert Line("For English, press nine.", Language.ENGLISH) in caller.step.says


def test_the_spanish_menu_offers_what_exists_in_spanish(caller: Caller) -> None:
    assert "Driving" not in caller.presses("9")
    assert caller.presses("1").startswith("Perdone, no le entendí.")


def test_and_back_again(caller: Caller) -> None:
    caller.presses("9")
    caller.presses("9")
    assert not caller.speaks_spanish()


def test_a_question_in_spanish_leads_to_a_person_or_a_way_to_one(caller: Caller) -> None:
    caller.presses("9")
    heard = replace(ANSWER, meaning=type(ANSWER.meaning).LANGUAGE)
    assert caller.says("¿Cuánto cuesta?", heard).startswith(
        "Por ahora solo puedo responder preguntas en inglés. Oprima uno"
    )


def test_what_takes_for_ever_ends_in_an_offer(caller: Caller) -> None:
    for _ in range(39):
        caller.says("When may I drive?")
    assert caller.says("When may I drive?").startswith("We have talked for a while.")
    assert caller.state.why is Why.ENOUGH


def test_a_landline_is_never_offered_a_text() -> None:
    caller = Caller(LANDLINE)
    caller.is_silent(2)
    assert caller.does == [CallBack("callback_requested")]
    assert "text" not in caller.said.replace("Text", "text")
    assert "Our staff will call you back at the number that you are calling from." in caller.said


def test_every_text_of_the_tree_exists_in_both_languages() -> None:
    english, spanish = texts_in(Language.ENGLISH), texts_in(Language.SPANISH)
    assert {why.value for why in Why} == set(english.why) == set(spanish.why)
    assert set(english.tiers) == set(spanish.tiers)
