"""Severe reports, on the gateway's way and on Rasa's own."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.own_keys import SECRET_HEADER, shared_secret
from tests.e2e.server import Server, Talk, request

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

REPORT = "Ben's lips are turning blue and the mauve umbrella fell over"
DIRECT = "My husband has stopped breathing"


def direct(server: Server, sender: str, message_id: str) -> str:
    """What Rasa's own REST channel says to a report, past the gateway."""
    body = {"sender": sender, "message": DIRECT, "metadata": {"message_id": message_id}}
    ours = {SECRET_HEADER: shared_secret((server.data_dir / "secret.key").read_bytes())}
    status, messages = request(server.rasa_port, "POST", "/webhooks/rest/webhook", body, ours)
    assert status == 200, messages
    return "\n".join(message.get("text", "") for message in messages)


def test_nobody_without_our_secret_speaks_with_rasa_or_its_actions(server: Server) -> None:
    said = {"sender": "a stranger", "message": DIRECT}
    assert request(server.rasa_port, "POST", "/webhooks/rest/webhook", said)[0] == 401
    assert request(server.actions_port, "POST", "/webhook", {"next_action": "action_escalate"})[0] == 401


def reference_in(text: str) -> str:
    """The reference that a text names."""
    found = re.search(r"as ([3479ACDEFGHJKMNPQRTWXY]{5})\b", text)
    assert found is not None, text
    return found[1]


@pytest.mark.parametrize(
    ("text", "tier", "number"),
    [
        ("Cleo collapsed and does not answer", "emergency", "911"),
        ("my chest is tight and it hurts down my arm", "emergency", "911"),
        ("I'm going to kill myself tonight", "emergency", "988"),
        ("I have thoughts of suicide, no plan", "urgent", "988"),
    ],
)
def test_a_severe_report_is_escalated_and_answered_with_whom_to_call(
    server: Server, text: str, tier: str, number: str
) -> None:
    answer = server.talk().say(text)
    assert (answer.topics, answer.tier) == (["safety/report", "safety/callback"], tier)
    assert number in answer.text
    assert answer.reference in answer.text


def test_a_report_is_listed_for_the_staff_without_the_patients_words(server: Server) -> None:
    reference = server.talk().say(REPORT).reference
    listed = server.escalations()
    assert any(re.match(rf"{reference}  emergency  open .* respiratory$", line) for line in listed)
    assert "umbrella" not in "\n".join(listed)


def test_the_staff_are_paged_without_the_patients_words(server: Server) -> None:
    reference = server.talk().say(REPORT).reference
    server.wait_for(f"PAGE Riverbend Ketamine Clinic: emergency report {reference}")
    assert "umbrella" not in server.output


def test_the_most_serious_are_listed_first(server: Server) -> None:
    server.talk().say("Ben would like to speak to somebody on the team")
    server.talk().say(REPORT)
    tiers = [line.split()[1] for line in server.escalations()]
    assert tiers == sorted(tiers, key=["emergency", "urgent", "same_day", "routine"].index)


def test_a_question_after_a_report_is_answered_with_a_reminder(server: Server) -> None:
    talk = server.talk()
    reference = talk.say(REPORT).reference
    answer = talk.say("What should Ana wear?")
    assert (answer.topics, answer.reference) == (["safety/reminder", "faq/clothing"], reference)


def test_the_same_report_twice_is_one_escalation(server: Server) -> None:
    message_id = str(uuid.uuid4())
    before = len(server.escalations())
    first, second = (server.talk().say(REPORT, message_id) for _ in range(2))
    assert first == second
    assert len(server.escalations()) == before + 1


def test_the_same_report_many_times_at_once_is_one_escalation(server: Server) -> None:
    message_id = str(uuid.uuid4())

    def report(_: int) -> str:
        return Talk(server.port).say(REPORT, message_id).reference

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(report, range(8)))) == 1


def test_the_same_question_twice_gets_the_same_answer(server: Server) -> None:
    talk, message_id = server.talk(), str(uuid.uuid4())
    talk.say("hello")
    assert talk.say("What should Ana wear?", message_id) == talk.say("What should Ana wear?", message_id)


def test_a_request_for_a_person_sent_twice_is_one_escalation(server: Server) -> None:
    message_id = str(uuid.uuid4())
    before = len(server.escalations())
    first, second = (server.talk().say("a real person please", message_id) for _ in range(2))
    assert first == second
    assert len(server.escalations()) == before + 1


def test_a_report_past_the_gateway_opens_one_escalation_however_often_it_comes(server: Server) -> None:
    message_id = uuid.uuid4().hex
    before = len(server.escalations())
    first, second = direct(server, "ana", message_id), direct(server, "ana", message_id)
    assert "911" in first
    assert reference_in(first) == reference_in(second)
    assert len(server.escalations()) == before + 1


def test_another_report_of_the_same_person_is_added_to_the_first(server: Server) -> None:
    first, second = (direct(server, "ben", uuid.uuid4().hex) for _ in range(2))
    listed = [line for line in server.escalations() if line.startswith(reference_in(first))]
    assert reference_in(first) == reference_in(second)
    assert len(listed) == 1
