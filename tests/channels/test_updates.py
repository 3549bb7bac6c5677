"""A talk is read and followed: nothing is missed, nothing comes twice, and only with its token."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.app import build_house, build_pager
from bot.channels import updates
from bot.domain.escalation import Outcome
from bot.services.handling import Handling
from bot.services.updates import Updates
from bot.storage.engine import create_engine
from tests.channels import contract
from tests.channels.conftest import MESSAGES, Gateway, Response, StartGateway
from tests.channels.test_web import DATABASE_AWAY, REPORT
from tests.harness.storage import Database

EVENTS = "/api/chat/events"
# Longer than any test takes: a stream that never comes must still end.
PATIENCE_SECONDS = 20
NOTICES_OF_A_REPORT = [None, "safety/report", "safety/callback"]


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not wait a second for what is there."""
    monkeypatch.setattr(updates, "_LOOK_SECONDS", 0.01)


@dataclass(frozen=True)
class Talk:
    """A patient's report, and what a client needs to follow it."""

    gateway: Gateway
    token: str
    reference: str

    @property
    def handling(self) -> Handling:
        """What staff do, as another process does it."""
        return build_house(self.gateway.settings).handling

    @property
    def headers(self) -> dict[str, str]:
        """With them the talk is opened."""
        return {"Authorization": f"Bearer {self.token}"}

    async def read(self, **query: str) -> Response:
        """Catch up."""
        return await self.gateway.request("GET", MESSAGES, params=query, headers=self.headers)

    @contextlib.asynccontextmanager
    async def followed(self, after: str = "0", **headers: str) -> AsyncIterator[Stream]:
        """The open stream."""
        client = self.gateway.client
        async with client.get(EVENTS, params={"after": after}, headers={**self.headers, **headers}) as response:
            assert (response.status, response.content_type) == (200, "text/event-stream")
            yield Stream(response)


class Stream:
    """Server-sent events as they come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.ids: list[int] = []

    async def event(self) -> tuple[str, Any] | None:
        """The next event's name and data; None at the end. Comments are passed over."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while line := (await self._response.content.readline()).decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "event" in fields:
                    return self._event(fields)
        return None

    def _event(self, fields: dict[str, str]) -> tuple[str, Any]:
        name, data = fields["event"], json.loads(fields["data"])
        schema = {"message": "Entry", "escalation": "Escalation"}[name]
        if data is not None:
            contract.check_schema({"$ref": f"#/components/schemas/{schema}"}, data)
        if "id" in fields:
            self.ids.append(int(fields["id"]))
            assert data["position"] == int(fields["id"])
        return name, data

    async def messages(self, count: int) -> list[dict[str, Any]]:
        """The data of the next so many messages."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            event = await self.event()
            assert event is not None, "the stream has ended"
            if event[0] == "message":
                found.append(event[1])
        return found

    async def escalation(self) -> Any:
        """The data of the next change of the escalation."""
        while (event := await self.event()) is not None:
            if event[0] == "escalation":
                return event[1]
        raise AssertionError("the stream has ended")


async def report(gateway: Gateway) -> Talk:
    """Somebody is in danger."""
    answer = await gateway.say(REPORT)
    return Talk(gateway, answer.body["conversation_id"], answer.body["escalation"]["reference"])


@pytest.fixture
async def talk(gateway: Gateway) -> Talk:
    """A report that has just been made."""
    return await report(gateway)


def topics(entries: list[dict[str, Any]]) -> list[str | None]:
    """Of the replies; None for the patient's own words."""
    return [(entry["reply"] or {}).get("topic") for entry in entries]


# -- catching up ---------------------------------------------------------------


async def test_all_sides_of_a_talk_are_read_in_order(talk: Talk) -> None:
    build_pager(talk.gateway.settings).once()
    talk.handling.say(talk.reference, "noor", "I am calling you now.")
    read = await talk.read()
    assert topics(read.body["messages"]) == [*NOTICES_OF_A_REPORT, "notice/paged", "notice/joined", "staff/message"]
    authors = [(entry["from"], entry["name"]) for entry in read.body["messages"]]
    assert authors == [("patient", None), *4 * [("assistant", None)], ("staff", "Noor")]
    assert read.body["messages"][0]["text"] == REPORT
    assert read.headers["Cache-Control"] == "no-store"


async def test_only_what_came_after_a_position_is_read(talk: Talk) -> None:
    positions = [entry["position"] for entry in (await talk.read()).body["messages"]]
    assert positions == sorted(set(positions))
    later = await talk.read(after=str(positions[0]))
    assert [entry["position"] for entry in later.body["messages"]] == positions[1:]
    assert (await talk.read(after=str(positions[-1]))).body["messages"] == []


async def test_where_the_report_stands_is_read_with_the_first_name_of_who_has_it(talk: Talk) -> None:
    standing = {"reference": talk.reference, "tier": "emergency", "status": "open", "with": None}
    assert (await talk.read()).body["escalation"] == standing
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    assert (await talk.read()).body["escalation"] == {**standing, "status": "acknowledged", "with": "Noor"}
    talk.handling.resolve(talk.reference, "noor", Outcome.HANDLED)
    assert (await talk.read()).body["escalation"] is None


async def test_who_is_not_on_the_on_call_list_is_not_named_to_the_patient(talk: Talk) -> None:
    talk.handling.acknowledge(talk.reference, "temp-agency-7", "cli")
    read = await talk.read()
    assert read.body["escalation"]["with"] is None
    assert "temp-agency-7" not in json.dumps(read.body)


async def test_an_answer_says_who_has_it_as_the_talk_does(talk: Talk) -> None:
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    answer = await talk.gateway.say("thank you", talk.token)
    assert answer.body["escalation"] == (await talk.read()).body["escalation"]


async def test_a_talk_is_read_in_parts_where_it_is_long(talk: Talk) -> None:
    handling = talk.handling
    for number in range(201):
        handling.say(talk.reference, "noor", f"word {number}")
    first = (await talk.read()).body["messages"]
    rest = (await talk.read(after=str(first[-1]["position"]))).body["messages"]
    assert len(first) == 200
    assert rest[-1]["text"] == "word 200"
    assert rest[0]["position"] > first[-1]["position"]


# -- live ----------------------------------------------------------------------


async def test_a_stream_begins_with_the_talk_and_where_it_stands(talk: Talk) -> None:
    async with talk.followed() as stream:
        assert topics(await stream.messages(3)) == NOTICES_OF_A_REPORT
        assert (await stream.escalation())["status"] == "open"


async def test_what_happens_comes_without_being_asked(talk: Talk) -> None:
    async with talk.followed() as stream:
        await stream.messages(3)
        assert (await stream.escalation())["with"] is None
        build_pager(talk.gateway.settings).once()
        assert topics(await stream.messages(1)) == ["notice/paged"]
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


@pytest.fixture
def database(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> Database:
    """What streams read from; the test takes it away."""
    database = Database(create_engine(talk.gateway.settings.database_url))
    monkeypatch.setattr(talk.gateway.client.server.app[updates.UPDATES], "_unit_of_work", database)
    return database


async def looked_in_vain(database: Database) -> None:
    """A stream has tried to read while the database was away."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (database.transactions_left or 0) > -3:  # noqa: ASYNC110 - it is told by nobody
            await asyncio.sleep(0)


async def test_a_stream_outlives_a_database_that_goes_away(talk: Talk, database: Database) -> None:
    async with talk.followed() as stream:
        await stream.messages(3)
        assert (await stream.escalation())["status"] == "open"
        database.goes_down()
        await looked_in_vain(database)
        talk.handling.acknowledge(talk.reference, "noor", "cli")
        database.comes_back()
        assert topics(await stream.messages(1)) == ["notice/seen"]
        assert (await stream.escalation())["status"] == "acknowledged"


@pytest.mark.parametrize("away", [False, True], ids=["database there", "database away"])
async def test_a_gateway_that_is_stopped_ends_its_streams(talk: Talk, database: Database, away: bool) -> None:
    async with talk.followed() as stream:
        await stream.messages(3)
        if away:
            database.goes_down()
            await looked_in_vain(database)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await talk.gateway.client.server.close()
        assert [event async for event in rest_of(stream) if event[0] == "message"] == []


async def rest_of(stream: Stream) -> AsyncIterator[tuple[str, Any]]:
    """What comes until its end."""
    while (event := await stream.event()) is not None:
        yield event


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


# -- who may -------------------------------------------------------------------


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic Ym90OmJvdA=="])
async def test_without_a_token_nothing_is_read(gateway: Gateway, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    refused = await gateway.request("GET", path, headers=headers)
    assert (refused.status, refused.code) == (401, "token_missing")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
@pytest.mark.parametrize("place", [0, 20, -1], ids=["id", "id's end", "signature"])
async def test_with_a_forged_token_nothing_is_read(talk: Talk, path: str, place: int) -> None:
    forged = list(talk.token)
    forged[place] = "A" if forged[place] != "A" else "B"
    headers = {"Authorization": f"Bearer {''.join(forged)}"}
    refused = await talk.gateway.request("GET", path, headers=headers)
    assert (refused.status, refused.code) == (404, "unknown_conversation")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
async def test_a_token_in_the_address_counts_for_nothing(talk: Talk, path: str) -> None:
    refused = await talk.gateway.request("GET", path, params={"conversation_id": talk.token})
    assert (refused.status, refused.code) == (401, "token_missing")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
async def test_a_talk_that_is_not_stored_is_unknown(start_gateway: StartGateway, path: str) -> None:
    before = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    token = (await before.say("hello")).body["conversation_id"]  # signed, and never stored
    after = await start_gateway()
    refused = await after.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    assert (refused.status, refused.code) == (404, "unknown_conversation")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
@pytest.mark.parametrize("after", ["-1", "one", "1.5", "", "²", "1" * 10])
async def test_a_position_that_is_none_is_refused(talk: Talk, path: str, after: str) -> None:
    refused = await talk.gateway.request("GET", path, params={"after": after}, headers=talk.headers)
    assert (refused.status, refused.code) == (400, "after_wrong")


async def test_a_last_event_that_is_none_is_refused(talk: Talk) -> None:
    refused = await talk.gateway.request("GET", EVENTS, headers={**talk.headers, "Last-Event-ID": "x"})
    assert (refused.status, refused.code) == (400, "after_wrong")
