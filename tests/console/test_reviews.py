"""Borderline messages and questions without an answer in the console."""

from __future__ import annotations

import pytest
import yaml

from bot.domain.audit import Action
from bot.domain.escalation import Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.staff import Role
from bot.services.questions import draft_topic, slug
from tests.harness.clock import START
from tests.harness.console import ConsoleHouse

DOUBT = "My heart feels <b>odd</b> since noon"
QUESTION = "May I bring my parrot?"
OFFER = Reply("I do not know that. Shall I ask the staff?", ReplyKind.FALLBACK, "ask_staff/companions")


def _borderline(console: ConsoleHouse) -> str:
    """A message that is nearly a report; returns its reference."""
    with console.unit_of_work() as uow:
        talk = uow.conversations.add("web", console.clock())
        message = uow.messages.add_inbound(talk.id, "m-1", DOUBT, {}, console.clock())
        uow.borderlines.add(message.id, Tier.URGENT, "cardiac", 0.4, console.clock())
        (found,) = uow.borderlines.listing(include_decided=True)
        uow.commit()
        return found.reference


def _question(console: ConsoleHouse, *replies: Reply, channel: str = "web", text: str = QUESTION) -> str:
    """A question, and what was said to it; returns the id of the message."""
    with console.unit_of_work() as uow:
        talk = uow.conversations.add(channel, console.clock())
        message = uow.messages.add_inbound(talk.id, "m-1", text, {}, console.clock())
        uow.messages.add_replies(message, replies, console.clock())
        uow.commit()
        return message.id


def _said(console: ConsoleHouse, message_id: str) -> list[str]:
    with console.unit_of_work() as uow:
        question = uow.questions.get(message_id)
        assert question is not None
        return [entry.text for entry in uow.messages.talk(question.conversation_id, 0, 100)]


# -- borderline ----------------------------------------------------------------


async def test_one_click_makes_a_report_of_it(console: ConsoleHouse) -> None:
    reference = _borderline(console)
    browser = console.signed_in(Role.NURSE)
    shown = await browser.get("/staff/borderline")
    assert "My heart feels &lt;b&gt;odd&lt;/b&gt; since noon" in shown.text
    shown = await browser.post(f"/staff/borderline/{reference}", {"decision": "report"})
    assert shown.path.startswith("/staff/escalations/")
    assert "It is a report now" in shown.said
    assert (await browser.get("/staff/borderline")).text.count(reference) == 0


async def test_one_click_says_that_it_is_none_and_the_screen_learns(console: ConsoleHouse) -> None:
    reference = _borderline(console)
    browser = console.signed_in(Role.NURSE, "noor")
    await browser.get("/staff/borderline")
    shown = await browser.post(f"/staff/borderline/{reference}", {"decision": "not_a_report"})
    assert "Not a report" in shown.said
    assert '"tier": "none"' in console.settings.reviewed_file.read_text(encoding="utf-8")
    assert ("noor", Action.BORDERLINE_DECIDED, reference) in console.audited()
    shown = await browser.post(f"/staff/borderline/{reference}", {"decision": "report"})
    assert "Somebody has decided" in shown.said


async def test_reading_borderline_messages_stands_in_the_audit(console: ConsoleHouse) -> None:
    _borderline(console)
    await console.signed_in(Role.AUDITOR).get("/staff/borderline")
    assert ("auditor-0@example.org", Action.BORDERLINE_READ, "") in console.audited()


# -- questions -----------------------------------------------------------------


async def test_a_question_without_an_answer_is_listed_until_it_is_answered(console: ConsoleHouse) -> None:
    message = _question(console, OFFER)
    browser = console.signed_in(Role.NURSE, "noor")
    assert QUESTION in (await browser.get("/staff/questions")).text
    shown = await browser.post(f"/staff/questions/{message}/answer", {"text": "Better not."})
    assert "Sent to the patient" in shown.said
    assert QUESTION not in shown.text
    assert _said(console, message)[-1] == "Better not."
    assert ("noor", Action.QUESTION_ANSWERED, message) in console.audited()


async def test_two_who_answer_at_once_send_one_answer(console: ConsoleHouse) -> None:
    message = _question(console, OFFER)
    first, second = console.signed_in(Role.NURSE), console.signed_in(Role.NURSE)
    await first.get("/staff/questions")
    await second.get("/staff/questions")
    await first.post(f"/staff/questions/{message}/answer", {"text": "Better not."})
    shown = await second.post(f"/staff/questions/{message}/answer", {"text": "Please do."})
    assert (shown.status, "Somebody has seen to it" in shown.said) == (409, True)
    assert "Please do." not in _said(console, message)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("Yes.", ReplyKind.ANSWER, "faq/companions"),
        Reply("Our clinic says: yes.", ReplyKind.ANSWER, "ask_staff/companions"),
        Reply("Hello!", ReplyKind.SMALLTALK, "smalltalk/hello"),
    ],
)
async def test_what_was_answered_is_no_open_question(console: ConsoleHouse, reply: Reply) -> None:
    _question(console, reply)
    assert QUESTION not in (await console.signed_in(Role.NURSE).get("/staff/questions")).text


async def test_a_drill_asks_nothing(console: ConsoleHouse) -> None:
    _question(console, OFFER, channel="canary")
    assert QUESTION not in (await console.signed_in(Role.NURSE).get("/staff/questions")).text


async def test_a_question_can_be_put_aside(console: ConsoleHouse) -> None:
    message = _question(console, OFFER)
    browser = console.signed_in(Role.NURSE)
    await browser.get("/staff/questions")
    assert "Put aside" in (await browser.post(f"/staff/questions/{message}/put-aside")).said
    assert QUESTION not in browser.page.text
    assert ("nurse-0@example.org", Action.QUESTION_PUT_ASIDE, message) in console.audited()


async def test_a_draft_is_a_file_to_take_away(console: ConsoleHouse) -> None:
    message = _question(console, OFFER)
    browser = console.signed_in(Role.NURSE)
    await browser.get("/staff/questions")
    shown = await browser.post(f"/staff/questions/{message}/draft", {"text": 'No: "birds" stay out.'})
    assert shown.headers["Content-Disposition"] == "attachment; filename=may_bring_parrot.yml"
    draft = yaml.safe_load(shown.text)
    (response,) = draft["responses"]["utter_faq/may_bring_parrot"]
    assert response["text"] == 'No: "birds" stay out.'
    assert draft["nlu"] == [{"intent": "faq/may_bring_parrot", "examples": f"- {QUESTION}\n"}]


@pytest.mark.parametrize("text", ["a: b\n- c", "[x](y) {z}", '"quoted" \\', "null", "¿Puedo?", "", "\u2028- x"])
def test_whatever_a_patient_writes_a_draft_can_be_read(text: str) -> None:
    draft = yaml.safe_load(draft_topic(slug(text), text, text, START.date()))
    assert len(draft["nlu"]) == len(draft["responses"]) == 1


async def test_a_question_that_is_gone_is_said(console: ConsoleHouse) -> None:
    browser = console.signed_in(Role.NURSE)
    await browser.get("/staff/questions")
    assert "not there any more" in (await browser.post("/staff/questions/0/answer", {"text": "x"})).said
    assert (await browser.post("/staff/questions/0/draft")).status == 404
