"""A talk is followed as it happens: what comes, in which order, and what a stream outlives."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.app import build_sealer
from bot.channels import updates
from bot.domain.escalation import Outcome
from bot.services import live
from bot.services.updates import Updates
from bot.storage.engine import create_engine
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.talks import EVENTS, NOTICES_OF_A_REPORT, PATIENCE_SECONDS, Talk, report, topics
from tests.channels.test_web import DATABASE_AWAY, REPORT
from tests.harness.storage import Database


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not wait for what is there."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(updates, "_LOOK_AGAIN_SECONDS", 0.01)


@pytest.fixture
async def talk(gateway: Gateway) -> Talk:
    """A report that has just been made."""
    return await report(gateway)


# -- live ----------------------------------------------------------------------


async def test_a_stream_begins_with_the_talk_and_where_it_stands(talk: Talk) -> None:
    async with talk.followed() as stream:
        assert topics(await stream.messages(3)) == NOTICES_OF_A_REPORT
        assert (await stream.escalation())["status"] == "open"


async def test_what_happens_comes_without_being_asked(talk: Talk) -> None:
    async with talk.followed() as stream:
        await stream.messages(3)
        assert (await stream.escalation())["with"] is None
        talk.handling.acknowledge(talk.reference, "noor", "cli")
        assert topics(await stream.messages(1)) == ["notice/seen"]
        assert (await stream.escalation())["with"] == "Noor"
        talk.handling.say(talk.reference, "noor", "I am calling you now.")
        joined, said = await stream.messages(2)
        assert (joined["reply"]["topic"], said["text"], said["name"]) == (
            "notice/joined",
            "I am calling you now.",
            "Noor",
        )
        talk.handling.resolve(talk.reference, "noor", Outcome.HANDLED)
        assert topics(await stream.messages(1)) == ["notice/closed"]
        assert await stream.escalation() is None


async def test_a_stream_without_a_report_says_that_none_is_open(gateway: Gateway) -> None:
    token = (await gateway.say("hello")).body["conversation_id"]
    async with Talk(gateway, token, "").followed() as stream:
        await stream.messages(1)
        assert await stream.escalation() is None


@pytest.mark.parametrize("by_header", [True, False], ids=["Last-Event-ID", "after"])
async def test_after_a_break_nothing_is_missed_and_nothing_comes_twice(talk: Talk, by_header: bool) -> None:
    async with talk.followed() as stream:
        await stream.messages(2)
    last = str(stream.ids[-1])
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    again = talk.followed(**{"Last-Event-ID": last}) if by_header else talk.followed(after=last)
    async with again as stream:
        assert topics(await stream.messages(2)) == ["safety/callback", "notice/seen"]


async def test_a_quiet_stream_gives_signs_of_life(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "_SIGN_OF_LIFE_SECONDS", 0.02)
    async with talk.gateway.client.get(EVENTS, headers=talk.headers) as response, asyncio.timeout(PATIENCE_SECONDS):
        while not (line := await response.content.readline()).startswith(b":"):
            assert line


async def test_two_streams_of_one_talk_hear_the_same(talk: Talk) -> None:
    async with talk.followed() as one, talk.followed() as other:
        talk.handling.acknowledge(talk.reference, "noor", "cli")
        assert await one.messages(4) == await other.messages(4)


async def test_a_stream_hears_nothing_of_another_talk(talk: Talk) -> None:
    other = await report(talk.gateway)
    async with talk.followed() as stream:
        other.handling.acknowledge(other.reference, "noor", "cli")
        talk.handling.acknowledge(talk.reference, "noor", "cli")
        entries = await stream.messages(4)
    assert topics(entries) == [*NOTICES_OF_A_REPORT, "notice/seen"]
    assert not any(other.reference in entry["text"] for entry in entries)


# -- faults --------------------------------------------------------------------


class Away:
    """The gateway's database as its readers see it; the test takes it away."""

    def __init__(self, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = talk.gateway.settings
        self._database = Database(create_engine(settings.database_url), build_sealer(settings))
        app = talk.gateway.client.server.app
        monkeypatch.setattr(app[updates.UPDATES], "_readers", self._database.reader)
        monkeypatch.setattr(app[updates.CHANGES]._position, "_readers", self._database.reader)

    async def begins(self) -> None:
        """From now on; somebody has tried to read by then."""
        self._database.goes_down()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (self._database.transactions_left or 0) > -3:  # noqa: ASYNC110 - it is told by nobody
                await asyncio.sleep(0)

    def ends(self) -> None:
        """There again."""
        self._database.comes_back()


@pytest.fixture
def away(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> Away:
    """A database that can be taken away."""
    return Away(talk, monkeypatch)


async def test_a_stream_outlives_a_database_that_goes_away(talk: Talk, away: Away) -> None:
    async with talk.followed() as stream:
        await stream.messages(3)
        assert (await stream.escalation())["status"] == "open"
        await away.begins()
        talk.handling.acknowledge(talk.reference, "noor", "cli")
        away.ends()
        assert topics(await stream.messages(1)) == ["notice/seen"]
        assert (await stream.escalation())["status"] == "acknowledged"


@pytest.mark.parametrize("is_away", [False, True], ids=["database there", "database away"])
async def test_a_gateway_that_is_stopped_ends_its_streams(talk: Talk, away: Away, is_away: bool) -> None:
    async with talk.followed() as stream:
        await stream.messages(3)
        if is_away:
            await away.begins()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await talk.gateway.client.server.close()
        assert not {"message", "forgotten"} & set(await stream.rest())


async def test_talks_that_cannot_be_read_in_time_do_not_hold_up_a_report(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, released = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        began.set()
        released.wait(PATIENCE_SECONDS)

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))  # all that there is for everything else
    monkeypatch.setattr(Updates, "after", hang)
    hanging = [asyncio.create_task(talk.read()) for _ in range(8)]
    while not began.is_set():  # noqa: ASYNC110 - set by a thread
        await asyncio.sleep(0)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS / 2):
            answer = await talk.gateway.say(REPORT)
    finally:
        released.set()
        await asyncio.gather(*hanging)
    assert answer.body["escalation"]["tier"] == "emergency"


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
async def test_a_talk_that_cannot_be_read_is_said(start_gateway: StartGateway, path: str) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    token = (await gateway.say(REPORT)).body["conversation_id"]
    refused = await gateway.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    assert (refused.status, refused.code) == (503, "storage_unavailable")
