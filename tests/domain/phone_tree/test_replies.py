"""What the assistant says, as the phone tree takes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import wording
from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Button, Reply, ReplyKind, Source
from bot.domain.phone_tree.model import Case, Heard, Meaning
from bot.domain.phone_tree.replies import heard_of
from tests.harness.cast import CLINIC

ENGLISH = Language.ENGLISH
URGENT, ROUTINE = Case("K7QXM", Tier.URGENT), Case("K7QXM", Tier.ROUTINE)
SAFETY = wording.safety_reply(CLINIC, Tier.URGENT, ("cardiac",), "K7QXM")
ANSWER = Reply(
    "In full.",
    ReplyKind.ANSWER,
    topic="faq/driving",
    short="In short.",
    sources=(Source("Ketamine Therapy: What You Need to Know Before Your First Session (2nd edition)", "FAQ"),),
)


def heard(*replies: Reply, opened: Case | None = None) -> Heard:
    """In English."""
    return heard_of(replies, opened, ENGLISH)


def test_an_answer_is_its_short_form_and_the_telling_half_of_the_sources_title() -> None:
    assert heard(ANSWER).texts == (
        "In short.",
        "That is from: What You Need to Know Before Your First Session.",
    )


def test_two_answers_are_both_said() -> None:
    assert heard(ANSWER, replace(ANSWER, short="And this.", sources=())).texts[-1] == "And this."


def test_what_is_about_safety_is_said_alone() -> None:
    assert heard(SAFETY, ANSWER, opened=URGENT) == Heard(Meaning.REPORT, (SAFETY.text,), case=URGENT)


def test_a_report_that_could_not_be_stored_is_one() -> None:
    assert heard(SAFETY) == Heard(Meaning.REPORT, (SAFETY.text,))


def test_a_report_that_can_wait_until_today_is_an_answer() -> None:
    reply = wording.safety_reply(CLINIC, Tier.SAME_DAY, ("urinary",), "K7QXM")
    assert heard(reply, opened=Case("K7QXM", Tier.SAME_DAY)) == Heard(Meaning.ANSWER, (reply.text,))


def test_the_question_back_comes_before_an_answer_beside_it() -> None:
    question = wording.ask_back_reply(CLINIC)
    assert heard(question, ANSWER) == Heard(Meaning.QUESTION, (question.text,))


def test_the_reminder_of_an_open_report_is_the_trees_own() -> None:
    assert heard(wording.reminder_reply(CLINIC, "K7QXM"), ANSWER, opened=URGENT).texts[0] == "In short."


def test_a_wish_for_a_person_is_met_with_its_reference() -> None:
    reply = wording.handoff_reply(CLINIC, "K7QXM", wording.Asked.PERSON)
    assert heard(reply, opened=ROUTINE) == Heard(Meaning.PERSON, ("Your request is with our staff as K7QXM.",))


def test_a_wish_that_could_not_be_passed_on_is_met_with_the_truth() -> None:
    reply = wording.handoff_reply(CLINIC, None, wording.Asked.PERSON)
    assert heard(reply) == Heard(Meaning.PERSON, (reply.text,))


def test_choices_are_said_with_the_whole_text_since_the_short_form_lists_them() -> None:
    button = Button("Driving", "When can I drive?")
    reply = Reply(
        "Did you mean one of these?", ReplyKind.CLARIFY, "dialogue/did_you_mean", "Did you mean: Driving?", (button,)
    )
    assert heard(reply) == Heard(Meaning.ANSWER, (reply.text,), (button,), is_understood=False)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (wording.degraded_reply(CLINIC, "K7QXM"), Meaning.DOWN),
        (wording.not_my_language_reply(CLINIC, Language.SPANISH), Meaning.LANGUAGE),
        (Reply("I'm not sure what you mean.", ReplyKind.FALLBACK, "dialogue/default"), Meaning.LOST),
        (Reply("Hello!", ReplyKind.SMALLTALK, "smalltalk/greet"), Meaning.ANSWER),
    ],
)
def test_each_kind_of_reply_means_what_it_is(reply: Reply, meaning: Meaning) -> None:
    assert heard(reply, opened=ROUTINE).meaning is meaning


def test_silence_of_the_assistant_is_a_person_who_has_the_talk() -> None:
    assert heard() == Heard(Meaning.STAFF)
