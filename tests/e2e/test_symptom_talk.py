"""A patient mentions a mild symptom: the talk about it, its ends, and what interrupts it."""

from __future__ import annotations

import pytest

from bot.domain.documents import DOCUMENTS
from tests.e2e.server import Answer, Server, Talk

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

MENTION = "I feel queasy"


def after(server: Server, *texts: str) -> tuple[Talk, Answer]:
    """A talk about queasiness after some messages, and the last answer."""
    talk = server.talk()
    answer = talk.say(MENTION)
    for text in texts:
        answer = talk.say(text)
    return talk, answer


def test_a_mild_symptom_is_asked_about_with_whom_to_call_and_quick_replies(server: Server) -> None:
    _, answer = after(server)
    assert answer.topics == ["symptoms/severity"]
    assert "911" in answer.text
    assert answer.buttons == ["Mild", "Moderate", "Severe"]


def test_four_questions_lead_to_the_documents_answer_and_when_to_call(server: Server) -> None:
    talk = server.talk()
    topics = [talk.say(text).topics for text in (MENTION, "mild", "getting better", "an hour", "2 hours ago")]
    assert topics[:4] == [[f"symptoms/{name}"] for name in ("severity", "course", "since", "treatment")]
    assert topics[4] == ["faq/nausea", "symptoms/when_to_call"]


def test_the_documents_answer_names_its_sources_and_no_report_is_made(server: Server) -> None:
    _, answer = after(server, "mild", "getting better", "an hour", "2 hours ago")
    assert answer.sources
    assert [s for s in answer.sources if s[1] not in DOCUMENTS.get(s[0], {})] == []
    assert answer.tier is None


def test_typed_numbers_choose_the_quick_replies(server: Server) -> None:
    _, answer = after(server, "1", "1", "1", "1")
    assert answer.topics == ["faq/nausea", "symptoms/when_to_call"]


@pytest.mark.parametrize(
    ("texts", "tier"),
    [
        (["Severe"], "urgent"),
        (["8"], "urgent"),
        (["mild", "getting worse"], "urgent"),
        (["mild", "getting better", "3 days"], "same_day"),
        (["mild", "getting better", "since the session", "3 days ago"], "same_day"),
    ],
    ids=" ".join,
)
def test_worse_on_any_answer_reaches_the_staff(server: Server, texts: list[str], tier: str) -> None:
    _, answer = after(server, *texts)
    assert (answer.topics[-1], answer.tier) == ("safety/report", tier)
    assert answer.reference in answer.text
    assert any(line.startswith(f"{answer.reference}  {tier}") for line in server.escalations())


def test_a_severe_report_in_the_middle_is_a_report_and_ends_the_questions(server: Server) -> None:
    talk, answer = after(server, "I can't breathe")
    assert (answer.topics, answer.tier) == (["safety/report", "safety/callback"], "emergency")
    said = talk.say("What should Ana wear?")
    assert "faq/clothing" in said.topics
    assert not any(topic.startswith("symptoms/") for topic in said.topics)


def test_a_question_in_the_middle_is_answered_and_the_open_one_asked_again(server: Server) -> None:
    talk, answer = after(server, "What should Ana wear?")
    assert answer.topics == ["faq/clothing", "symptoms/severity"]
    assert talk.say("mild").topics == ["symptoms/course"]


def test_a_person_who_is_asked_for_in_the_middle_is_told_and_the_talk_is_over(server: Server) -> None:
    talk, answer = after(server, "mild", "a real person please")
    assert (answer.topics, answer.tier) == (["staff/handoff"], "routine")
    assert talk.say("What should Ana wear?").topics == ["faq/clothing"]


def test_never_mind_is_closed_with_when_to_call(server: Server) -> None:
    talk, answer = after(server, "mild", "never mind")
    assert (answer.topics, answer.tier) == (["symptoms/when_to_call"], None)
    assert talk.say("What should Ana wear?").topics == ["faq/clothing"]


def test_starting_over_ends_the_talk(server: Server) -> None:
    talk, answer = after(server, "start over")
    assert answer.topics == ["dialogue/start_over"]
    assert talk.say("What should Ana wear?").topics == ["faq/clothing"]


def test_an_answer_that_is_never_understood_leads_to_an_offer_of_the_staff(server: Server) -> None:
    talk, answer = after(server, "mild", "getting better", "purple", "purple", "2 hours ago")
    assert answer.topics == ["faq/nausea", "symptoms/unsure"]
    assert talk.say(answer.buttons[0]).topics == ["staff/handoff"]
