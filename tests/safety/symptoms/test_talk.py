"""One turn of the symptom talk after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.safety.symptoms import Heard, Message, Talk, begin, hear
from bot.safety.symptoms.rules import COURSE, FACTS, HOW_BAD, SINCE, TREATMENT, UNKNOWN, WHAT
from bot.safety.symptoms.table import OTHER

NOW = datetime(2026, 11, 18, 15, 0)  # noqa: DTZ001 - a Wednesday, where the patient is


def asked(fact: str, **more: Any) -> Talk:
    """A talk in which everything before this question is answered mildly."""
    told = {WHAT: ["nausea"], HOW_BAD: 2.0, COURSE: "better", SINCE: 1.0}
    return replace(Talk({f: told[f] for f in FACTS[: FACTS.index(fact)]}, fact, asked=1), **more)


def test_a_named_symptom_is_not_asked_for_again() -> None:
    assert begin("I feel queasy", NOW).open_question == HOW_BAD


def test_what_is_not_named_is_asked_for() -> None:
    assert begin("I feel strange", NOW).open_question == WHAT


def test_what_was_told_is_not_asked_again() -> None:
    assert begin("a mild headache since noon", NOW).open_question == COURSE


@pytest.mark.parametrize("text", ["a severe headache", "dizzy and it is getting worse", "nausea, 8/10"])
def test_what_is_bad_in_the_first_message_needs_no_question(text: str) -> None:
    assert begin(text, NOW).open_question is None


def test_each_answer_leads_to_the_next_question() -> None:
    talk = begin("I feel queasy", NOW)
    seen = []
    for text in ("mild", "getting better", "two hours", "yesterday evening"):
        seen.append(talk.open_question)
        heard, talk = hear(talk, Message(text, "nlu_fallback"), NOW)
        assert heard is Heard.ANSWER
    assert seen == [HOW_BAD, COURSE, SINCE, TREATMENT]
    assert talk.open_question is None
    assert talk.told == {WHAT: ["nausea"], SINCE: 2, HOW_BAD: 2, COURSE: "better", TREATMENT: 21}


def test_never_more_than_four_questions_are_asked() -> None:
    talk = begin("I feel strange", NOW)
    questions = 0
    while talk.open_question:
        questions += 1
        text = {WHAT: "dizzy", SINCE: "an hour", HOW_BAD: "3", COURSE: "better"}[talk.open_question]
        _, talk = hear(talk, Message(text), NOW)
    assert questions == 4


def test_one_answer_may_hold_several_facts() -> None:
    _, talk = hear(asked(SINCE), Message("3 hours, mild and getting better"), NOW)
    assert (talk.told[SINCE], talk.told[HOW_BAD], talk.told[COURSE]) == (3, 2, "better")
    assert talk.open_question == TREATMENT


@pytest.mark.parametrize(("fact", "text"), [(HOW_BAD, "Severe"), (HOW_BAD, "9"), (COURSE, "Getting worse")])
def test_a_bad_answer_ends_the_questions(fact: str, text: str) -> None:
    heard, talk = hear(asked(fact), Message(text), NOW)
    assert (heard, talk.open_question) == (Heard.ANSWER, None)


def test_what_lasts_too_long_ends_the_questions_once_it_is_known_not_to_be_urgent() -> None:
    _, talk = hear(asked(SINCE), Message("3 days"), NOW)
    assert talk.open_question is None
    assert begin("dizzy for 3 days", NOW).open_question == HOW_BAD


def test_a_typed_number_is_the_button_in_that_place() -> None:
    heard, talk = hear(asked(COURSE), Message("1", chosen="Getting better"), NOW)
    assert (heard, talk.told[COURSE]) == (Heard.ANSWER, "better")


@pytest.mark.parametrize("intent", ["faq", "nlu_fallback", "out_of_scope", "deny"])
def test_an_answer_is_an_answer_whatever_the_classifier_makes_of_it(intent: str) -> None:
    heard, _ = hear(asked(SINCE), Message("about 14 hrs", intent, 0.9), NOW)
    assert heard is Heard.ANSWER


# -- nonsense -------------------------------------------------------------------------


@pytest.mark.parametrize("fact", FACTS)
def test_nonsense_is_asked_again_once_and_then_left_open(fact: str) -> None:
    heard, talk = hear(asked(fact), Message("blub", "nlu_fallback"), NOW)
    assert (heard, talk.open_question) == (Heard.NOT_UNDERSTOOD, fact)
    heard, talk = hear(talk, Message("blub", "nlu_fallback"), NOW)
    assert heard is Heard.NOT_UNDERSTOOD
    assert talk.open_question != fact
    assert talk.told[fact] == UNKNOWN


def test_a_miss_does_not_count_for_the_next_question() -> None:
    _, talk = hear(asked(HOW_BAD), Message("blub"), NOW)
    _, talk = hear(talk, Message("mild"), NOW)
    _, talk = hear(talk, Message("blub"), NOW)
    assert talk.open_question == COURSE


def test_a_symptom_that_the_table_does_not_know_is_kept_as_another() -> None:
    heard, talk = hear(asked(WHAT), Message("my ears feel odd", "report_side_effect", 0.9), NOW)
    assert (heard, talk.told[WHAT]) == (Heard.ANSWER, [OTHER])


def test_a_further_symptom_is_kept_and_the_question_stands() -> None:
    heard, talk = hear(asked(SINCE), Message("and my head hurts", "report_side_effect", 0.9), NOW)
    assert (heard, talk.open_question) == (Heard.AGAIN, SINCE)
    assert talk.told[WHAT] == ["nausea", "headache"]


def test_something_bad_said_beside_the_question_ends_the_talk() -> None:
    heard, talk = hear(asked(SINCE), Message("it is getting worse", "report_side_effect", 0.9), NOW)
    assert (heard, talk.open_question) == (Heard.AGAIN, None)


def test_who_asks_what_the_question_was_is_asked_again() -> None:
    assert hear(asked(SINCE), Message("what did you say", "repeat", 0.9), NOW) == (Heard.AGAIN, asked(SINCE))


# -- something else -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("can I drive tomorrow?", "faq", 0.9),
        ("can I drive after 24 hours?", "faq", 0.3),
        ("what does it cost?", "ask_staff", 0.3),
        ("insurance", "faq", 0.9),
        ("can you write a poem?", "out_of_scope", 0.9),
        ("thank you", "thank", 0.9),
        ("start over", "start_over", 0.9),
        ("I can't breathe", "report_severe", 1.0),
    ],
)
@pytest.mark.parametrize("fact", FACTS)
def test_something_else_leaves_the_talk_as_it_is(fact: str, text: str, intent: str, confidence: float) -> None:
    assert hear(asked(fact), Message(text, intent, confidence), NOW) == (Heard.INTERRUPTION, asked(fact))


@pytest.mark.parametrize(("intent", "confidence"), [("faq", 0.7), ("out_of_scope", 0.99), ("thank", 0.3)])
def test_a_guess_of_the_classifier_does_not_interrupt(intent: str, confidence: float) -> None:
    assert hear(asked(SINCE), Message("blub", intent, confidence), NOW)[0] is Heard.NOT_UNDERSTOOD


@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_a_yes_or_no_to_the_offer_of_the_staff_is_for_the_offer(intent: str) -> None:
    message = Message("2", intent, 0.9, chosen="No, thank you", offered=True)
    assert hear(asked(SINCE), message, NOW)[0] is Heard.INTERRUPTION


@pytest.mark.parametrize(
    ("text", "intent", "heard"),
    [
        ("never mind", "deny", Heard.STOP),
        ("stop", "nlu_fallback", Heard.STOP),
        ("bye then", "goodbye", Heard.STOP),
        ("a person please", "ask_human", Heard.PERSON),
    ],
)
def test_a_patient_can_leave_the_talk(text: str, intent: str, heard: Heard) -> None:
    assert hear(asked(COURSE), Message(text, intent, 0.9), NOW) == (heard, asked(COURSE))
