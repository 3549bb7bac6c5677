"""A talk is followed as it happens: what comes, in which order, and what a stream outlives."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.app import build_sealer
from bot.channels import updates
from bot.domain.clock import utc_now
from bot.domain.escalation import Outcome
from bot.services import live
from bot.services.live_ports import TYPING
from bot.services.updates import Updates
from bot.storage.engine import create_engine
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.talks import EVENTS, NOTICES_OF_A_REPORT, PATIENCE_SECONDS, Talk, report, topics
from tests.channels.test_web import DATABASE_AWAY, REPORT
from tests.harness.clock import FakeClock
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


async def test_a_long_talk_comes_whole_and_then_it_is_live(talk: Talk) -> None:
    words = talk.staff_wrote(500)
    async with talk.followed() as stream:
        entries = await stream.messages(503)
        assert await stream.next("live") == {"position": 503}
        talk.handling.say(talk.reference, "noor", "and one more")
        assert (await stream.messages(2))[-1]["text"] == "and one more"
    assert [entry["text"] for entry in entries[3:]] == words
    assert stream.ids == list(range(1, 506))


async def test_after_a_break_only_what_was_missed_comes_before_it_is_live(talk: Talk) -> None:
    words = talk.staff_wrote(250)
    async with talk.followed(after="3") as stream:
        entries = await stream.messages(250)
        assert await stream.next("live") == {"position": 253}
    assert [entry["text"] for entry in entries] == words


async def test_that_a_person_writes_is_told_and_that_they_have_stopped(talk: Talk) -> None:
    talk.handling.take_over(talk.reference, "noor")
    async with talk.followed() as stream:
        assert (await stream.escalation())["writing"] is False
        talk.handling.typing(talk.reference, "noor")
        assert (await stream.escalation())["writing"] is True
        talk.handling.typing(talk.reference, "noor", writing=False)
        assert (await stream.escalation())["writing"] is False


async def test_whoever_vanishes_while_writing_has_stopped(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(utc_now() + TYPING - timedelta(milliseconds=10))
    monkeypatch.setattr(talk.gateway.client.server.app[updates.UPDATES], "_clock", clock)
    talk.handling.take_over(talk.reference, "noor")
    talk.handling.typing(talk.reference, "noor")
    async with talk.followed() as stream:
        assert (await stream.escalation())["writing"] is True
        clock.move(hours=1)
        assert (await stream.escalation())["writing"] is False


async def test_a_talk_that_is_forgotten_ends_its_streams(gateway: Gateway) -> None:
    talk = Talk(gateway, (await gateway.say("hello")).body["conversation_id"])
    async with talk.followed() as stream:
        await stream.next("live")
        await gateway.request("DELETE", "/api/chat/conversation", headers=talk.headers)
        assert await stream.rest() == ["forgotten"]


async def test_what_another_gateway_takes_in_is_heard(talk: Talk, start_gateway: StartGateway) -> None:
    other = await start_gateway()
    async with talk.followed() as stream:
        await stream.next("live")
        answer = await other.say("how long is a session?", talk.token)
        own, *replies = await stream.messages(2)
        assert (own["from"], own["text"]) == ("patient", "how long is a session?")
        assert [entry["position"] for entry in replies] == [reply["position"] for reply in answer.body["replies"][:1]]


async def test_what_this_gateway_takes_in_does_not_wait_for_the_next_look(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 2.0 * PATIENCE_SECONDS)
    talk = await report(await start_gateway())
    async with talk.followed() as stream:
        await stream.next("live")
        await talk.gateway.say("thank you", talk.token)
        assert [entry["from"] for entry in await stream.messages(2)] == ["patient", "assistant"]


# -- how many --------------------------------------------------------------------


async def refused(talk: Talk, **headers: str) -> tuple[int, str, str]:
    """Status, code and Retry-After of a stream that finds no place."""
    answer = await talk.gateway.request("GET", EVENTS, headers={**talk.headers, **headers})
    return answer.status, answer.code, answer.headers["Retry-After"]


async def test_one_address_follows_so_many_talks_and_no_more(start_gateway: StartGateway) -> None:
    talk = await report(await start_gateway(STREAMS_PER_ADDRESS="2"))
    async with talk.followed(), talk.followed():
        assert await refused(talk) == (429, "too_many_streams", "15")
        assert len((await talk.read()).body["messages"]) == 3


async def test_all_together_follow_so_many_talks_and_no_more(start_gateway: StartGateway) -> None:
    talk = await report(await start_gateway(STREAMS="1"))
    async with talk.followed():
        assert await refused(talk) == (503, "streams_full", "15")


async def test_a_stream_that_has_ended_makes_room(start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "_SIGN_OF_LIFE_SECONDS", 0.02)
    talk = await report(await start_gateway(STREAMS="1"))
    async with talk.followed() as stream:
        await stream.next("live")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with talk.gateway.client.get(EVENTS, headers=talk.headers) as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0)


async def test_a_request_that_is_refused_takes_no_place(start_gateway: StartGateway) -> None:
    talk = await report(await start_gateway(STREAMS="1"))
    for _ in range(3):
        assert (await talk.gateway.request("GET", EVENTS, headers={"Authorization": "Bearer x.y"})).status == 404
    async with talk.followed() as stream:
        await stream.next("live")


async def test_behind_a_proxy_each_client_is_counted_for_itself(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(STREAMS_PER_ADDRESS="1", TRUSTED_PROXIES="127.0.0.1")
    talk = await report(gateway)
    anas, bens = ({"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2"))
    async with talk.followed(**anas), talk.followed(**bens):
        assert (await refused(talk, **anas))[1] == "too_many_streams"


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
