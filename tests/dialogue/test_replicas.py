"""Several servers, of which some die, hang or lose their action server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.dialogue.rasa import RasaDialogue
from bot.dialogue.replicas import Replicas
from bot.domain.errors import DialogueUnavailable
from tests.harness.cast import CLINIC
from tests.harness.settings import free_ports

TALKS = [f"talk-{number}" for number in range(40)]


class Rasa:
    """One server of several; answers with its own name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []
        self.silent = False
        self.going_on = asyncio.Event()
        self.going_on.set()
        app = web.Application()
        app.add_routes([web.post("/webhooks/rest/webhook", self._message), web.get("/webhooks/rest/", self._health)])
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.server.make_url(""))

    async def _message(self, request: web.Request) -> web.Response:
        self.asked.append((await request.json())["sender"])
        await self.going_on.wait()
        return web.json_response([] if self.silent else [{"text": self.name}])

    async def _health(self, _: web.Request) -> web.Response:
        await self.going_on.wait()
        return web.json_response({})


@pytest.fixture
async def servers() -> AsyncIterator[tuple[Rasa, Rasa]]:
    both = Rasa("one"), Rasa("two")
    async with AsyncExitStack() as stack:
        for each in both:
            await stack.enter_async_context(each.server)
        yield both
        for each in both:
            each.going_on.set()


@pytest.fixture
async def replicas(servers: tuple[Rasa, Rasa]) -> AsyncIterator[Replicas]:
    async with aiohttp.ClientSession() as session:
        yield Replicas(session, [each.url for each in servers])


@pytest.fixture
async def dialogue(replicas: Replicas) -> RasaDialogue:
    return RasaDialogue(replicas._session, replicas, CLINIC, timeout=30)


@pytest.fixture
async def watched(replicas: Replicas) -> AsyncIterator[None]:
    watching = asyncio.create_task(replicas.watch())
    yield
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def _asked(dialogue: RasaDialogue, talk: str) -> str:
    (reply,) = await dialogue.ask(talk, "how long is it", "m-1")
    return reply.text


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - a probe has no event of its own
        await asyncio.sleep(0)


async def test_talks_are_shared_out_and_each_stays_with_one_server(dialogue: RasaDialogue) -> None:
    first = [await _asked(dialogue, talk) for talk in TALKS]
    assert first == [await _asked(dialogue, talk) for talk in TALKS]
    assert {first.count("one"), first.count("two")} <= set(range(10, 31))


async def test_a_dead_servers_talks_move_and_the_others_stay(
    dialogue: RasaDialogue, servers: tuple[Rasa, Rasa]
) -> None:
    before = {talk: await _asked(dialogue, talk) for talk in TALKS}
    await servers[0].server.close()
    after = {talk: await _asked(dialogue, talk) for talk in TALKS}
    assert set(after.values()) == {"two"}
    assert [talk for talk in TALKS if before[talk] == "two"] == [t for t in TALKS if before[t] == after[t]]


async def test_a_dead_server_is_not_asked_again_until_it_answers_a_probe(
    replicas: Replicas, dialogue: RasaDialogue, servers: tuple[Rasa, Rasa]
) -> None:
    talk = next(talk for talk in TALKS if replicas.for_conversation(talk)[0].url == servers[0].url.rstrip("/"))
    await servers[0].server.close()
    await _asked(dialogue, talk)
    assert replicas.for_conversation(talk)[0].url == servers[1].url.rstrip("/")


async def test_a_message_to_a_server_that_hangs_is_asked_again_elsewhere(
    watched: None, dialogue: RasaDialogue, servers: tuple[Rasa, Rasa]
) -> None:
    servers[0].going_on.clear()
    assert {await _asked(dialogue, talk) for talk in TALKS} == {"two"}


async def test_a_server_that_is_back_gets_its_talks_back(
    watched: None, replicas: Replicas, dialogue: RasaDialogue, servers: tuple[Rasa, Rasa]
) -> None:
    before = [await _asked(dialogue, talk) for talk in TALKS]
    servers[0].going_on.clear()
    await _until(lambda: any(each.down.is_set() for each in replicas.for_conversation("x")))
    servers[0].going_on.set()
    await _until(lambda: not any(each.down.is_set() for each in replicas.for_conversation("x")))
    assert [await _asked(dialogue, talk) for talk in TALKS] == before


async def test_an_empty_answer_of_one_is_asked_again_of_the_other(
    dialogue: RasaDialogue, servers: tuple[Rasa, Rasa]
) -> None:
    servers[0].silent = True
    assert {await _asked(dialogue, talk) for talk in TALKS} == {"two"}


async def test_it_is_asked_again_once_and_no_more(dialogue: RasaDialogue, servers: tuple[Rasa, Rasa]) -> None:
    for each in servers:
        each.silent = True
    with pytest.raises(DialogueUnavailable):
        await dialogue.ask("talk", "how long is it", "m-1")
    assert [each.asked for each in servers] == [["talk"], ["talk"]]


async def test_with_all_of_them_down_they_are_asked_all_the_same(replicas: Replicas, dialogue: RasaDialogue) -> None:
    for replica in replicas.for_conversation("talk"):
        replica.set_up(False)
    assert await _asked(dialogue, "talk") in ("one", "two")


async def test_healthy_while_one_answers(dialogue: RasaDialogue, servers: tuple[Rasa, Rasa]) -> None:
    await servers[0].server.close()
    assert await dialogue.healthy() is True
    await servers[1].server.close()
    assert await dialogue.healthy() is False


async def test_no_server_at_all_is_refused() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="at least one"):
            Replicas(session, [])


async def test_one_alone_that_is_not_there_is_still_asked_each_time() -> None:
    (port,) = free_ports(1)
    async with aiohttp.ClientSession() as session:
        dialogue = RasaDialogue(session, Replicas(session, [f"http://127.0.0.1:{port}"]), CLINIC, timeout=1)
        for _ in range(2):
            with pytest.raises(DialogueUnavailable):
                await dialogue.ask("talk", "how long is it", "m-1")
