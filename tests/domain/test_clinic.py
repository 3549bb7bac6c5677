"""The clinic's names and numbers in approved texts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.clinic import OWN_SECTION, OwnAnswer
from bot.domain.messages import Reply, ReplyKind, Source
from tests.harness.cast import CLINIC


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Call [clinic phone].", f"Call {CLINIC.phone}."),
        ("[clinic name], [clinic name]", f"{CLINIC.name}, {CLINIC.name}"),
        ("[emergency number] or [crisis number]", f"{CLINIC.emergency_number} or {CLINIC.crisis_number}"),
        ("no placeholder {here} [either]", "no placeholder {here} [either]"),
        ("", ""),
    ],
)
def test_placeholders_become_the_clinics_own(text: str, filled: str) -> None:
    assert CLINIC.fill(text) == filled


# -- the clinic's own answers --------------------------------------------------

OWN = replace(
    CLINIC,
    answers={
        "faq/insurance": OwnAnswer("We check Ana's plan. Call [clinic phone].", "We check it: [clinic phone]."),
        "faq/driving": OwnAnswer("Ben goes by taxi."),
        "ask_staff/hours": OwnAnswer("Open 8 to 17."),
    },
)
GENERAL = Reply(
    "Coverage varies.", ReplyKind.ANSWER, topic="faq/insurance", short="It varies.", sources=(Source("Guide", "FAQ"),)
)


def test_the_clinics_own_answer_leads_and_says_whose_it_is() -> None:
    text = OWN.with_own_answer(GENERAL).text
    assert text.startswith(f"{OWN.name} says: We check Ana's plan.")
    assert text.endswith(" In general: Coverage varies.")


def test_the_short_form_is_the_clinics_own() -> None:
    assert OWN.with_own_answer(GENERAL).short == f"{OWN.name}: We check it: {OWN.phone}."


def test_the_own_answer_is_not_said_twice() -> None:
    answer = OWN.with_own_answer(GENERAL)
    assert OWN.with_own_answer(answer) is answer


def test_the_clinic_is_named_as_a_source_before_the_documents() -> None:
    sources = OWN.with_own_answer(GENERAL).sources
    assert sources == (Source(OWN.name, OWN_SECTION), Source("Guide", "FAQ"))


def test_kind_and_topic_of_an_answer_stay() -> None:
    answer = OWN.with_own_answer(GENERAL)
    assert (answer.kind, answer.topic) == (ReplyKind.ANSWER, "faq/insurance")


@pytest.mark.parametrize(
    "reply",
    [
        replace(GENERAL, topic="faq/food"),
        replace(GENERAL, topic=None),
        replace(GENERAL, kind=ReplyKind.CLARIFY),
        Reply("Shall I ask?", ReplyKind.FALLBACK, topic="ask_staff/hours"),
        Reply(f"{OWN.name} says: Open 8 to 17.", ReplyKind.ANSWER, topic="ask_staff/hours"),
    ],
    ids=["other topic", "no topic", "no answer", "offer", "own answer alone"],
)
def test_what_is_no_general_answer_to_such_a_topic_is_left_alone(reply: Reply) -> None:
    assert OWN.with_own_answer(reply) is reply


def test_a_subject_for_the_staff_has_the_clinics_answer_alone() -> None:
    answer = OWN.own_answer("ask_staff/hours")
    assert answer is not None
    assert (answer.kind, answer.text) == (ReplyKind.ANSWER, f"{OWN.name} says: Open 8 to 17.")
    assert answer.sources == (Source(OWN.name, OWN_SECTION),)


def test_placeholders_in_an_own_answer_become_the_clinics_own() -> None:
    answer = OWN.own_answer("faq/insurance")
    assert answer is not None
    assert f"Call {OWN.phone}." in answer.text
    assert OWN.phone in (answer.short or "")


def test_an_own_answer_without_a_short_form_is_short_enough_itself() -> None:
    answer = OWN.own_answer("faq/driving")
    assert answer is not None
    assert answer.short == f"{OWN.name}: Ben goes by taxi."


@pytest.mark.parametrize("topic", ["faq/food", "hours", "", None])
def test_where_the_clinic_gave_no_answer_there_is_none(topic: str | None) -> None:
    assert OWN.own_answer(topic) is None
