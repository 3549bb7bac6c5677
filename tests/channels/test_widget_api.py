"""Texts and numbers, feedback, typing and forgetting, as the chat element asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.clock import utc_now
from bot.storage import tables
from bot.storage.talks import Talks, talks_engine
from tests.channels.conftest import CLINIC, Gateway, Response, StartGateway
from tests.channels.fake_rasa import FakeRasa
from tests.channels.talks import Talk, report, stored
from tests.channels.test_web import DATABASE_AWAY, REPORT

CONFIG, FEEDBACK, TYPING = "/api/chat/config", "/api/chat/feedback", "/api/chat/typing"
CONVERSATION = "/api/chat/conversation"
BODIES: dict[str, Any] = {FEEDBACK: {"position": 2, "helpful": True}, TYPING: {"writing": True}}


@pytest.fixture
async def talk(gateway: Gateway) -> Talk:
    """A question and its answer, at the second place."""
    return Talk(gateway, (await gateway.say("when can I drive?")).body["conversation_id"])


async def post(talk: Talk, path: str, body: Any) -> Response:
    """As the owner of the talk."""
    return await talk.gateway.request("POST", path, json=body, headers=talk.headers)


# -- config ----------------------------------------------------------------------


async def test_numbers_and_limits_are_the_clinics(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"crisis_number": "116 123"}, MAX_CHARACTERS="321")
    config = (await gateway.request("GET", CONFIG)).body
    assert (config["clinic"]["name"], config["clinic"]["crisis_number"]) == (CLINIC["name"], "116 123")
    assert config["limits"] == {"characters": 321}


@pytest.mark.parametrize(("asked", "language"), [(None, "en"), ("en", "en"), ("es", "es"), ("xx", "en"), ("", "en")])
async def test_texts_are_in_the_language_asked_for(gateway: Gateway, asked: str | None, language: str) -> None:
    config = (await gateway.request("GET", CONFIG, params={"language": asked} if asked is not None else {})).body
    assert (config["language"], config["languages"]) == (language, ["en", "es"])
    assert config["texts"]["greeting"].startswith({"en": "Hello", "es": "Hola"}[language])


async def test_its_version_changes_with_what_is_in_it(start_gateway: StartGateway) -> None:
    versions = []
    for name in ("Ana's Clinic", "Ben's Clinic", "Ana's Clinic"):
        versions.append((await (await start_gateway({"name": name})).request("GET", CONFIG)).body["version"])
    assert versions[0] == versions[2] != versions[1]


# -- feedback --------------------------------------------------------------------


async def test_an_answer_carries_its_version(talk: Talk) -> None:
    answer = (await talk.read()).body["messages"][1]["reply"]
    assert len(answer["version"]) == 8


async def test_an_answer_that_reads_otherwise_has_another_version(gateway: Gateway, rasa: FakeRasa) -> None:
    versions = []
    for text in ("Wait a day.", "Wait two days.", "Wait a day."):
        rasa.messages = [{"text": text}, {"custom": {"topic": "faq/driving"}}]
        versions.append((await gateway.say("when can I drive?")).body["replies"][0]["version"])
    assert versions[0] == versions[2] != versions[1]


@pytest.mark.parametrize("helpful", [True, False, None])
async def test_what_is_said_of_an_answer_is_stored_and_read_again(talk: Talk, helpful: bool | None) -> None:
    await post(talk, FEEDBACK, {"position": 2, "helpful": True})
    answer = await post(talk, FEEDBACK, {"position": 2, "helpful": helpful})
    assert (answer.status, answer.body) == (200, {"position": 2, "helpful": helpful})
    assert [entry["helpful"] for entry in (await talk.read()).body["messages"]] == [None, helpful]


@pytest.mark.parametrize("position", [1, 3, 999_999_999])
async def test_only_an_approved_answer_is_rated(talk: Talk, position: int) -> None:
    refused = await post(talk, FEEDBACK, {"position": position, "helpful": True})
    assert (refused.status, refused.code) == (404, "unknown_reply")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (FEEDBACK, {"helpful": True}, "wrong_type"),
        (FEEDBACK, {"position": 2}, "wrong_type"),
        (FEEDBACK, {"position": "2", "helpful": True}, "wrong_type"),
        (FEEDBACK, {"position": True, "helpful": True}, "wrong_type"),
        (FEEDBACK, {"position": 0, "helpful": True}, "wrong_type"),
        (FEEDBACK, {"position": 10**9, "helpful": True}, "wrong_type"),
        (FEEDBACK, {"position": 2, "helpful": 1}, "wrong_type"),
        (FEEDBACK, {"position": 2, "helpful": "yes"}, "wrong_type"),
        (FEEDBACK, {"position": 2, "helpful": True, "why": "x"}, "unknown_field"),
        (TYPING, {}, "wrong_type"),
        (TYPING, {"writing": 1}, "wrong_type"),
        (TYPING, {"writing": None}, "wrong_type"),
        (TYPING, {"writing": True, "text": "secret"}, "unknown_field"),
        (TYPING, [], "wrong_type"),
    ],
)
async def test_what_makes_no_sense_is_refused(talk: Talk, path: str, body: Any, code: str) -> None:
    refused = await post(talk, path, body)
    assert (refused.status, refused.code) == (400, code)


@pytest.mark.parametrize("path", [FEEDBACK, TYPING])
async def test_what_is_no_json_is_refused(talk: Talk, path: str) -> None:
    refused = await talk.gateway.request("POST", path, data=b"x", headers=talk.headers)
    assert (refused.status, refused.code) == (415, "not_json")


# -- typing ----------------------------------------------------------------------


async def test_that_the_patient_writes_is_shown_while_a_person_has_the_talk(gateway: Gateway) -> None:
    talk = await report(gateway)
    assert (await post(talk, TYPING, {"writing": True})).body == {"shown": False}
    talk.handling.take_over(talk.reference, "noor")
    assert (await post(talk, TYPING, {"writing": True})).body == {"shown": True}


# -- forgetting ------------------------------------------------------------------


async def forget(talk: Talk) -> Response:
    """The patient presses "forget this talk"."""
    return await talk.gateway.request("DELETE", CONVERSATION, headers=talk.headers)


async def test_a_talk_is_forgotten_and_nobody_can_open_it_again(talk: Talk) -> None:
    answer = await forget(talk)
    assert (answer.status, answer.body["state"]) == (200, "forgotten")
    assert CLINIC["phone"] in answer.body["text"]
    assert stored(talk.gateway, tables.messages) == 0
    assert [(await forget(talk)).status, (await talk.read()).status] == [404, 404]


async def test_what_is_written_to_it_afterwards_begins_a_new_talk(talk: Talk) -> None:
    await forget(talk)
    assert (await talk.gateway.say("hello again", talk.token)).code == "unknown_conversation"
    reported = await talk.gateway.say(REPORT, talk.token)
    assert (reported.status, reported.body["escalation"]["tier"]) == (200, "emergency")
    assert reported.body["conversation_id"] != talk.token


async def test_a_talk_that_staff_need_is_kept_and_the_patient_is_told(gateway: Gateway) -> None:
    talk = await report(gateway)
    for _ in range(2):
        answer = await forget(talk)
        assert (answer.status, answer.body["state"]) == (202, "when_closed")
    assert "Our staff still need this talk" in answer.body["text"]
    assert len((await talk.read()).body["messages"]) == 3


async def test_the_patient_is_told_in_the_language_of_the_talk(gateway: Gateway) -> None:
    answer = await gateway.say("no puedo respirar")
    told = await forget(Talk(gateway, answer.body["conversation_id"]))
    assert told.body["text"].startswith("Nuestro personal")


async def test_what_rasa_remembers_of_it_is_forgotten_too(talk: Talk) -> None:
    conversation_id = talk.token.partition(".")[0]
    memory = Talks(talks_engine(talk.gateway.settings.database_url), talk.house.sealer)
    memory.prepare()
    memory.put(conversation_id, "when can I drive?", utc_now())
    await forget(talk)
    assert memory.get(conversation_id) is None


# -- who may ---------------------------------------------------------------------

OWNED = [("POST", FEEDBACK), ("POST", TYPING), ("DELETE", CONVERSATION)]


@pytest.mark.parametrize(("method", "path"), OWNED)
async def test_without_a_token_nothing_is_done(gateway: Gateway, method: str, path: str) -> None:
    refused = await gateway.request(method, path, json=BODIES.get(path))
    assert (refused.status, refused.code) == (401, "token_missing")


@pytest.mark.parametrize(("method", "path"), OWNED)
async def test_with_a_forged_token_nothing_is_done(talk: Talk, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {talk.token[:-1]}!"}
    refused = await talk.gateway.request(method, path, json=BODIES.get(path), headers=headers)
    assert (refused.status, refused.code) == (404, "unknown_conversation")
    assert len((await talk.read()).body["messages"]) == 2


@pytest.mark.parametrize(("method", "path"), OWNED)
async def test_without_a_database_it_is_said(start_gateway: StartGateway, method: str, path: str) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    token = (await gateway.say(REPORT)).body["conversation_id"]
    headers = {"Authorization": f"Bearer {token}"}
    refused = await gateway.request(method, path, json=BODIES.get(path), headers=headers)
    assert (refused.status, refused.code) == (503, "storage_unavailable")
