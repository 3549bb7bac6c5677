"""The chat API when all is well, and when a part is not."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from bot.app import build_house
from tests.channels.conftest import Gateway, StartGateway
from tests.channels.fake_rasa import FakeRasa
from tests.harness.storage import SEALER

QUESTION = "When may Ana drive again?"
REPORT = "Ben just said he can't breathe"
DATABASE_AWAY = "sqlite:////nonexistent-folder/assistant.db"

BROKEN_RASA: dict[str, dict[str, Any]] = {
    "says nothing": {"messages": []},
    "fails": {"status": 500},
    "hangs": {"hangs": True},
    "says no list": {"messages": {"text": "hello"}},
    "says a list of strings": {"messages": ["hello"]},
    "says a number": {"messages": [{"text": 7}]},
    "says a number beside the text": {"messages": [{"text": "hello", "custom": 7}]},
    "says a short form that is a number": {"messages": [{"text": "hello", "custom": {"short": 7}}]},
    "says a kind that is not ours": {"messages": [{"text": "hello", "custom": {"kind": "poem"}}]},
    "says no JSON": {"raw": b"{"},
    "says what is no UTF-8": {"raw": b'"\xff"'},
}


def references(gateway: Gateway) -> list[str]:
    """Of the open escalations."""
    return [escalation.reference for escalation in build_house(gateway.settings).desk.listing()]


# -- a question --------------------------------------------------------------


async def test_a_question_gets_what_rasa_says_with_topic_and_sources(gateway: Gateway) -> None:
    answer = await gateway.say(QUESTION)
    reply = answer.body["replies"][0]
    assert (answer.status, reply["kind"], reply["topic"]) == (200, "answer", "faq/driving")
    assert reply["sources"] == [{"document": "What To Know", "section": "After"}]
    assert answer.body["escalation"] is None


async def test_an_answer_names_the_clinic_that_is_set(gateway: Gateway) -> None:
    answer = await gateway.say(QUESTION)
    assert "Ask Cleo's Clinic at +1 555-010-0123." in answer.texts


async def test_an_answer_is_not_kept_by_caches(gateway: Gateway) -> None:
    answer = await gateway.say(QUESTION)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_rasa_is_asked_as_the_conversation_and_never_sees_the_signed_id(gateway: Gateway, rasa: FakeRasa) -> None:
    answer = await gateway.say(QUESTION)
    asked = rasa.asked[0]
    assert asked["message"] == QUESTION
    assert asked["sender"] == answer.body["conversation_id"].partition(".")[0]


async def test_the_next_message_stays_in_the_conversation(gateway: Gateway, rasa: FakeRasa) -> None:
    token = (await gateway.say(QUESTION)).body["conversation_id"]
    second = await gateway.say("and with a friend?", token)
    assert second.body["conversation_id"] == token
    assert rasa.asked[0]["sender"] == rasa.asked[1]["sender"]


async def test_two_patients_have_two_conversations(gateway: Gateway) -> None:
    ana, ben = await gateway.say("hello"), await gateway.say("hello")
    assert ana.body["conversation_id"] != ben.body["conversation_id"]


@pytest.mark.parametrize("text", ["/restart", " / /session_start", "EXTERNAL: stop", "//"])
async def test_text_never_reaches_rasa_as_a_command(gateway: Gateway, rasa: FakeRasa, text: str) -> None:
    await gateway.say(text)
    assert not rasa.asked[0]["message"].startswith(("/", "EXTERNAL:", " "))


async def test_a_conversation_id_of_null_starts_a_conversation(gateway: Gateway) -> None:
    answer = await gateway.send({"text": QUESTION, "message_id": str(uuid.uuid4()), "conversation_id": None})
    assert answer.status == 200


async def test_the_charset_of_the_content_type_may_be_said(gateway: Gateway) -> None:
    body = {"text": "How long does it take?", "message_id": str(uuid.uuid4())}
    answer = await gateway.send(body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status == 200


# -- a severe report ---------------------------------------------------------


async def test_a_severe_report_is_answered_without_asking_rasa(gateway: Gateway, rasa: FakeRasa) -> None:
    answer = await gateway.say(REPORT)
    assert [reply["topic"] for reply in answer.body["replies"]] == ["safety/report", "safety/callback"]
    assert "911" in answer.texts
    assert rasa.asked == []


async def test_a_severe_report_opens_the_escalation_that_the_patient_is_told_of(gateway: Gateway) -> None:
    answer = await gateway.say(REPORT)
    escalation = answer.body["escalation"]
    assert (escalation["tier"], escalation["status"]) == ("emergency", "open")
    assert references(gateway) == [escalation["reference"]]
    assert escalation["reference"] in answer.texts


async def test_after_a_report_each_answer_comes_with_a_reminder_of_it(gateway: Gateway) -> None:
    reported = await gateway.say(REPORT)
    answer = await gateway.say(QUESTION, reported.body["conversation_id"])
    assert [reply["topic"] for reply in answer.body["replies"]] == ["safety/reminder", "faq/driving"]
    assert answer.body["escalation"] == reported.body["escalation"]


async def test_a_report_over_the_limit_is_taken_in(gateway: Gateway) -> None:
    answer = await gateway.say(f"{REPORT}. {'Please hurry. ' * 400}")
    assert answer.status == 200
    assert answer.body["escalation"]["tier"] == "emergency"


async def test_a_report_with_a_forged_conversation_opens_a_new_one(gateway: Gateway) -> None:
    answer = await gateway.say(REPORT, "somebody.else")
    assert answer.body["escalation"]["tier"] == "emergency"
    assert answer.body["conversation_id"] != "somebody.else"


# -- a part is down ----------------------------------------------------------


@pytest.mark.parametrize("fault", BROKEN_RASA.values(), ids=BROKEN_RASA.keys())
async def test_a_broken_rasa_gets_the_patient_an_honest_reply_and_the_question_kept(
    gateway: Gateway, rasa: FakeRasa, fault: dict[str, Any]
) -> None:
    for name, value in fault.items():
        setattr(rasa, name, value)
    answer = await gateway.say(QUESTION)
    assert [reply["topic"] for reply in answer.body["replies"]] == ["system/degraded"]
    assert "+1 555-010-0123" in answer.texts
    assert references(gateway) == [answer.body["escalation"]["reference"]]


async def test_a_dead_rasa_gets_the_patient_an_honest_reply(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(RASA_PORT="9")
    answer = await gateway.say(QUESTION)
    assert answer.body["replies"][0]["topic"] == "system/degraded"
    assert answer.body["escalation"]["tier"] == "routine"


async def test_without_a_database_a_report_is_answered_and_says_that_it_was_not_passed_on(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    answer = await gateway.say(REPORT)
    assert "911" in answer.texts
    assert "could NOT pass this on" in answer.texts
    assert answer.body["escalation"] is None


async def test_without_a_database_a_report_is_on_the_disk(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    await gateway.say(REPORT)
    spooled = list((gateway.settings.data_dir / "spool").glob("*.json"))
    assert [REPORT in SEALER.open(path.read_text(encoding="utf-8")) for path in spooled] == [True]


async def test_without_a_database_a_question_is_not_said_to_be_kept(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    answer = await gateway.say(QUESTION)
    assert "could not keep your question" in answer.texts


# -- the same message twice --------------------------------------------------


async def test_a_repeat_in_a_conversation_gets_the_same_replies_and_asks_nobody(
    gateway: Gateway, rasa: FakeRasa
) -> None:
    token = (await gateway.say("hello")).body["conversation_id"]
    first = await gateway.say(QUESTION, token, "message-2")
    rasa.messages = [{"text": "something else"}]
    assert (await gateway.say(QUESTION, token, "message-2")).body == first.body
    assert len(rasa.asked) == 2


async def test_a_repeated_first_message_finds_its_conversation_again(gateway: Gateway, rasa: FakeRasa) -> None:
    message_id = str(uuid.uuid4())
    first = await gateway.say(QUESTION, message_id=message_id)
    assert (await gateway.say(QUESTION, message_id=message_id)).body == first.body
    assert len(rasa.asked) == 1


async def test_a_repeated_report_opens_one_escalation(gateway: Gateway) -> None:
    message_id = str(uuid.uuid4())
    first = await gateway.say(REPORT, message_id=message_id)
    assert (await gateway.say(REPORT, message_id=message_id)).body == first.body
    assert len(references(gateway)) == 1


async def test_the_same_report_twice_at_once_opens_one_escalation(gateway: Gateway) -> None:
    message_id = str(uuid.uuid4())
    twins = await asyncio.gather(*(gateway.say(REPORT, message_id=message_id) for _ in range(5)))
    assert len({twin.body["conversation_id"] for twin in twins}) == 1
    assert len(references(gateway)) == 1


async def test_a_repeated_question_that_was_degraded_keeps_one_escalation(gateway: Gateway, rasa: FakeRasa) -> None:
    rasa.messages = []
    message_id = str(uuid.uuid4())
    first = await gateway.say(QUESTION, message_id=message_id)
    assert (await gateway.say(QUESTION, message_id=message_id)).body == first.body
    assert len(references(gateway)) == 1


@pytest.mark.parametrize(
    ("message_id", "text"),
    [("1", QUESTION), (str(uuid.uuid4()), "Another question")],
    ids=["an id that others may use too", "another text"],
)
async def test_a_first_message_that_may_be_somebody_elses_starts_a_conversation(
    gateway: Gateway, message_id: str, text: str
) -> None:
    ana = await gateway.say(QUESTION, message_id=message_id)
    ben = await gateway.say(text, message_id=message_id)
    assert ana.body["conversation_id"] != ben.body["conversation_id"]


async def test_a_message_id_counts_within_its_conversation_only(gateway: Gateway, rasa: FakeRasa) -> None:
    for _ in range(2):
        token = (await gateway.say("hello")).body["conversation_id"]
        await gateway.say(QUESTION, token, "message-2")
    assert len(rasa.asked) == 4
