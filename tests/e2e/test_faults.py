"""Parts are killed, and the patient is told the truth; then all is well again.

The tests of this module look at one life of one server, told by fixtures that
follow each other: Rasa is killed, then the action server, the gateway, the end.
"""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.processes import alive
from tests.e2e.server import Answer, Server, until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

QUESTION = "What should Ana wear?"
REPORT = "Cleo collapsed and does not answer"
PERSON = "Ben would like to speak to somebody on the team"
PHONE = "+1 555-010-0199"
WELL = dict.fromkeys(("pager", "screen", "database", "rasa", "actions"), True)


@dataclass(frozen=True)
class Outage:
    """What patients were told while a part was dead, and after."""

    asked: Answer
    reported: Answer
    parts: dict[str, bool]
    listed: list[str]
    again: Answer


@dataclass(frozen=True)
class End:
    """How it ended."""

    status: int
    left: set[int]
    output: str


@pytest.fixture(scope="module")
def victim(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own."""
    victim = Server(tmp_path_factory.mktemp("victim"))
    try:
        yield victim.start()
    finally:
        victim.stop()


def outage(victim: Server, port: int, text: str) -> Outage:
    """Kill what listens on a port and say `text`; when all is well, say it again."""
    talk = victim.talk()
    talk.say("hello")
    victim.kill(port)
    asked, reported, (_, parts) = talk.say(text), victim.talk().say(REPORT), victim.ready()
    listed = victim.escalations()
    victim.wait_until_ready()
    again = until(lambda: _unless_degraded(talk.say(text)), 60, "an answer")
    return Outage(asked, reported, parts, listed, again)


def _unless_degraded(answer: Answer) -> Answer | None:
    return None if "system/degraded" in answer.topics else answer


@pytest.fixture(scope="module")
def rasa_killed(victim: Server) -> Outage:
    """Rasa is dead while a question is asked."""
    return outage(victim, victim.rasa_port, QUESTION)


@pytest.fixture(scope="module")
def actions_killed(victim: Server, rasa_killed: Outage) -> Outage:
    """The action server is dead while a person is asked for."""
    return outage(victim, victim.actions_port, PERSON)


@pytest.fixture(scope="module")
def gateway_killed(victim: Server, actions_killed: Outage) -> tuple[Answer, Answer, Answer]:
    """A question, its repeat after the gateway came back, and the next one."""
    talk, message_id = victim.talk(), str(uuid.uuid4())
    first = talk.say(QUESTION, message_id)
    victim.kill(victim.port)
    victim.wait_until_ready()
    return first, talk.say(QUESTION, message_id), talk.say("May Ben take his car the same evening?")


@pytest.fixture(scope="module")
def end(victim: Server, gateway_killed: object) -> End:
    """SIGTERM."""
    children = victim.children
    assert len(children) >= 4
    return End(victim.stop(), alive(children), victim.output)


# -- Rasa is killed ----------------------------------------------------------


def test_without_rasa_a_question_gets_an_honest_reply_with_the_phone_number(rasa_killed: Outage) -> None:
    assert rasa_killed.asked.topics == ["system/degraded"]
    assert PHONE in rasa_killed.asked.text


def test_without_rasa_the_question_is_kept_for_the_staff(rasa_killed: Outage) -> None:
    reference = rasa_killed.asked.reference
    assert f"kept your question for our staff as {reference}" in rasa_killed.asked.text
    assert any(line.startswith(f"{reference}  routine") for line in rasa_killed.listed)


def test_without_rasa_a_report_is_stored_and_answered(rasa_killed: Outage) -> None:
    assert (rasa_killed.reported.topics, rasa_killed.reported.tier) == (
        ["safety/report", "safety/callback"],
        "emergency",
    )
    assert "911" in rasa_killed.reported.text
    assert any(line.startswith(f"{rasa_killed.reported.reference}  emergency") for line in rasa_killed.listed)


def test_without_rasa_it_says_which_part_is_down(rasa_killed: Outage) -> None:
    assert rasa_killed.parts == {**WELL, "rasa": False}


def test_rasa_is_started_again_and_answers_in_the_same_talk(rasa_killed: Outage) -> None:
    assert rasa_killed.again.topics == ["faq/clothing"]
    assert rasa_killed.again.body["conversation_id"] == rasa_killed.asked.body["conversation_id"]


# -- the action server is killed ---------------------------------------------


def test_without_the_action_server_a_wish_for_a_person_is_not_met_with_silence(actions_killed: Outage) -> None:
    assert actions_killed.asked.topics == ["system/degraded"]
    assert PHONE in actions_killed.asked.text
    assert any(line.startswith(f"{actions_killed.asked.reference}  routine") for line in actions_killed.listed)


def test_without_the_action_server_a_report_is_stored_and_answered(actions_killed: Outage) -> None:
    assert actions_killed.reported.topics == ["safety/report", "safety/callback"]
    assert any(line.startswith(f"{actions_killed.reported.reference}  emergency") for line in actions_killed.listed)


def test_without_the_action_server_it_says_which_part_is_down(actions_killed: Outage) -> None:
    assert actions_killed.parts == {**WELL, "actions": False}


def test_the_action_server_is_started_again_and_the_person_is_told(actions_killed: Outage) -> None:
    assert actions_killed.again.topics == ["staff/handoff"]
    assert actions_killed.again.reference == actions_killed.asked.reference


# -- the gateway is killed ---------------------------------------------------


def test_a_gateway_that_was_killed_repeats_what_it_had_said(gateway_killed: tuple[Answer, Answer, Answer]) -> None:
    first, repeated, _ = gateway_killed
    assert repeated == first


def test_a_gateway_that_was_killed_goes_on_with_the_talk(gateway_killed: tuple[Answer, Answer, Answer]) -> None:
    first, _, following = gateway_killed
    assert following.topics == ["faq/driving"]
    assert following.body["conversation_id"] == first.body["conversation_id"]


# -- starting and ending -----------------------------------------------------


def test_a_second_start_needs_no_training(end: End) -> None:
    assert "no training needed" in end.output
    assert "training the model" not in end.output


def test_a_deliberate_end_is_a_success_and_leaves_no_process(end: End) -> None:
    assert end.status == 0
    assert end.left == set()
    assert end.output.rstrip().endswith("stopped")


def test_nobodys_words_are_in_the_output(end: End) -> None:
    assert [words for words in ("Cleo", "wear", "like to speak") if words in end.output] == []


def test_a_supervisor_that_is_killed_leaves_no_process(model: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Server(tmp_path_factory.mktemp("orphans")).launch().wait_for("starting Rasa")
    children = until(lambda: found if len(found := server.children) >= 4 else None, 20, "four children")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    until(lambda: not alive(children), 30, "no child is left")
    assert alive(children) == set()
