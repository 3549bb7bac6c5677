"""Whatever cannot be served is refused in JSON that says what to do, and stores nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.app import build_house
from bot.channels.web import INTAKE
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.fake_rasa import FakeRasa

GOOD = {"text": "How long is a session?", "message_id": "5f0c9f3e-2f0f-4b0e-9a53-0d6f5ce2c7a1"}


def changed(**fields: Any) -> dict[str, Any]:
    """A good body with other fields."""
    return {**GOOD, **fields}


def without(name: str) -> dict[str, Any]:
    """A good body without a field."""
    return {key: value for key, value in GOOD.items() if key != name}


REFUSED = [
    pytest.param(changed(text=""), 400, "empty_text", id="empty"),
    pytest.param(changed(text=" \t\n\u2003"), 400, "empty_text", id="white space"),
    pytest.param(changed(text="\x00"), 400, "empty_text", id="NUL"),
    pytest.param(changed(text="ketamine? " * 401), 413, "text_too_long", id="over-long"),
    pytest.param(changed(text="\ud83d"), 400, "not_text", id="half a character"),
    pytest.param(without("text"), 400, "wrong_type", id="no text"),
    *(
        pytest.param(changed(text=value), 400, "wrong_type", id=f"text {json.dumps(value)}")
        for value in (None, 1, 1.5, True, ["hello"], {"text": "hello"})
    ),
    *(
        pytest.param(body, 400, "wrong_type", id=f"body {json.dumps(body)}")
        for body in ([], [GOOD], "hello", 7, None, True)
    ),
    pytest.param(b"", 400, "bad_json", id="no body"),
    pytest.param(b'{"text": "hello"', 400, "bad_json", id="half of JSON"),
    pytest.param(b'{"text": "\xff", "message_id": "1"}', 400, "bad_json", id="no UTF-8"),
    pytest.param(b"[" * 100_000, 400, "bad_json", id="too deep"),
    pytest.param(b"9" * 5_000, 400, "bad_json", id="number of 5000 digits"),
    pytest.param(changed(sender="ana"), 400, "unknown_field", id="unknown field"),
    pytest.param(without("message_id"), 400, "message_id_missing", id="no message id"),
    pytest.param(changed(message_id=" "), 400, "message_id_missing", id="blank message id"),
    pytest.param(changed(message_id=7), 400, "message_id_missing", id="number as message id"),
    pytest.param(changed(message_id="x" * 129), 400, "message_id_wrong", id="long message id"),
    pytest.param(changed(message_id="a\nb"), 400, "message_id_wrong", id="line break in message id"),
    pytest.param(changed(conversation_id=7), 400, "wrong_type", id="number as conversation"),
    pytest.param(changed(conversation_id=""), 404, "unknown_conversation", id="empty conversation"),
    pytest.param(changed(conversation_id="nobody"), 404, "unknown_conversation", id="unknown conversation"),
    pytest.param(changed(conversation_id="nobody.\ud800é"), 404, "unknown_conversation", id="conversation of no ASCII"),
    pytest.param(changed(text="x" * 300_000), 413, "request_entity_too_large", id="large body"),
]


@pytest.mark.parametrize(("body", "status", "code"), REFUSED)
async def test_a_wrong_request_is_refused_and_nobody_is_asked(
    gateway: Gateway, rasa: FakeRasa, body: Any, status: int, code: str
) -> None:
    refused = await gateway.send(body)
    assert (refused.status, refused.code) == (status, code)
    assert rasa.asked == []
    assert build_house(gateway.settings).desk.listing() == ()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json-seq"])
async def test_another_content_type_is_refused(gateway: Gateway, kind: str) -> None:
    refused = await gateway.send(GOOD, headers={"Content-Type": kind})
    assert (refused.status, refused.code) == (415, "not_json")


@pytest.mark.parametrize("place", [0, 20, -1], ids=["id", "id's end", "signature"])
async def test_a_forged_conversation_is_refused(gateway: Gateway, place: int) -> None:
    token = list((await gateway.say("hello")).body["conversation_id"])
    token[place] = "A" if token[place] != "A" else "B"
    refused = await gateway.say("and me?", "".join(token))
    assert (refused.status, refused.code) == (404, "unknown_conversation")


async def test_a_conversation_of_another_installation_is_refused(start_gateway: StartGateway, tmp_path: Path) -> None:
    elsewhere = f"sqlite:///{tmp_path / 'theirs.db'}"
    theirs = await start_gateway(SECRET_KEY="their key, which nobody else has", DATABASE_URL=elsewhere)
    token = (await theirs.say("hello")).body["conversation_id"]
    ours = await start_gateway()
    assert (await ours.say("and me?", token)).code == "unknown_conversation"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_another_method_is_refused_with_those_that_exist(gateway: Gateway, method: str) -> None:
    refused = await gateway.request(method, MESSAGES)
    assert (refused.status, refused.code) == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET,HEAD,POST"


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/chat/messages/", "/webhooks/rest/webhook", "/model/parse"])
async def test_an_address_that_does_not_exist_is_refused(gateway: Gateway, path: str) -> None:
    refused = await gateway.request("POST", path, json=GOOD)
    assert (refused.status, refused.code) == (404, "not_found")


async def test_our_own_fault_is_an_error_that_says_nothing_of_the_inside(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(gateway.client.server.app[INTAKE], "receive", fail)
    refused = await gateway.say("hello")
    assert (refused.status, refused.code) == (500, "internal_error")
    assert "secret" not in json.dumps(refused.body)


async def test_an_error_names_the_numbers_to_call(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"emergency_number": "112", "crisis_number": "116 123"})
    refused = await gateway.send({})
    emergency = refused.body["error"]["emergency"]
    assert [number in emergency for number in ("112", "116 123", "+1 555-010-0123")] == [True] * 3


async def test_a_refused_message_can_be_sent_again_with_the_same_id(gateway: Gateway) -> None:
    await gateway.send(changed(text=""))
    assert (await gateway.send(GOOD)).status == 200
