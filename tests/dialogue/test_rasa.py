"""The client against a server that behaves as Rasa does on bad days."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from bot.dialogue.rasa import RasaDialogue
from bot.dialogue.replicas import Replicas
from bot.domain.errors import DialogueUnavailable
from bot.domain.messages import Reply, ReplyKind
from tests.harness.cast import CLINIC
from tests.harness.settings import free_ports


class Rasa:
    """A server that answers what the test says."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.answer = web.json_response([])
        self.hanging = False
        self.released = asyncio.Event()

    async def webhook(self, request: web.Request) -> web.StreamResponse:
        """Where messages go."""
        self.received.append(await request.json())
        if self.hanging:
            await self.released.wait()
        return self.answer

    async def status(self, request: web.Request) -> web.StreamResponse:
        """Where the health check looks."""
        return self.answer


@pytest.fixture
async def rasa() -> AsyncIterator[Rasa]:
    server = Rasa()
    yield server
    server.released.set()


@pytest.fixture
async def dialogue(rasa: Rasa, aiohttp_server: AiohttpServer) -> AsyncIterator[RasaDialogue]:
    app = web.Application()
    app.add_routes([web.post("/webhooks/rest/webhook", rasa.webhook), web.get("/webhooks/rest/", rasa.status)])
    server = await aiohttp_server(app)
    async with aiohttp.ClientSession() as session:
        yield RasaDialogue(session, Replicas(session, [str(server.make_url(""))]), CLINIC, timeout=0.2)
        rasa.released.set()


async def _fails(dialogue: RasaDialogue) -> str:
    with pytest.raises(DialogueUnavailable) as caught:
        await dialogue.ask("anas", "how long is it", "m-1")
    return caught.value.reason


async def test_an_answer_comes_back(rasa: Rasa, dialogue: RasaDialogue) -> None:
    rasa.answer = web.json_response([{"recipient_id": "anas", "text": "Two hours."}])
    assert await dialogue.ask("anas", "how long is it", "m-1") == (Reply("Two hours.", ReplyKind.ANSWER),)


async def test_rasa_is_told_whose_message_it_is_and_no_command(rasa: Rasa, dialogue: RasaDialogue) -> None:
    rasa.answer = web.json_response([{"text": "Hi"}])
    await dialogue.ask("anas", "/restart", "m-1")
    (body,) = rasa.received
    assert (body["sender"], body["message"], body["metadata"]) == ("anas", "restart", {"message_id": "m-1"})
    assert body["input_channel"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"body": b"[]", "content_type": "application/json"}, "empty_answer"),
        ({"body": b'[{"custom": {}}]', "content_type": "application/json"}, "empty_answer"),
        ({"body": b"{}", "content_type": "application/json"}, "not_a_list"),
        ({"body": b"[", "content_type": "application/json"}, None),
        ({"body": b"\xff", "content_type": "application/json"}, None),
        ({"body": b"<h1>", "content_type": "text/html"}, None),
        ({"status": 500}, "status_500"),
        ({"status": 401}, "status_401"),
        ({"status": 204}, "status_204"),
    ],
    ids=lambda value: repr(value) if isinstance(value, dict) else "",
)
async def test_an_answer_that_is_none_is_unavailable(
    rasa: Rasa, dialogue: RasaDialogue, answer: dict[str, Any], reason: str | None
) -> None:
    rasa.answer = web.Response(**answer)
    found = await _fails(dialogue)
    assert reason in (found, None)


async def test_a_server_that_hangs_is_given_up_on(rasa: Rasa, dialogue: RasaDialogue) -> None:
    rasa.hanging = True
    assert await _fails(dialogue) == "timeout"


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    (port,) = free_ports(1)
    async with aiohttp.ClientSession() as session:
        dialogue = RasaDialogue(session, Replicas(session, [f"http://127.0.0.1:{port}"]), CLINIC, timeout=1)
        assert await _fails(dialogue) == "ClientConnectorError"
        assert await dialogue.healthy() is False


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (404, False), (503, False)])
async def test_health_is_a_plain_200(rasa: Rasa, dialogue: RasaDialogue, status: int, healthy: bool) -> None:
    rasa.answer = web.Response(status=status)
    assert await dialogue.healthy() is healthy
