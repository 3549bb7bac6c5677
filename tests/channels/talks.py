"""A patient's report, and a client that follows it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import sqlalchemy as sa

from bot.app import House, build_house
from bot.domain.clock import utc_now
from bot.domain.messages import Reply, ReplyKind
from bot.services.handling import Handling
from bot.storage.engine import create_engine
from tests.channels import contract
from tests.channels.conftest import MESSAGES, Gateway, Response
from tests.channels.test_web import REPORT
from tests.harness.storage import Database

EVENTS = "/api/chat/events"
# Longer than any test takes: a stream that never comes must still end.
PATIENCE_SECONDS = 20
NOTICES_OF_A_REPORT = [None, "safety/report", "safety/callback"]


@dataclass(frozen=True)
class Talk:
    """A patient's report, and what a client needs to follow it."""

    gateway: Gateway
    token: str
    reference: str = ""

    @functools.cached_property
    def house(self) -> House:
        """The use cases, as another process has them."""
        return build_house(self.gateway.settings)

    @property
    def handling(self) -> Handling:
        """What staff do, as another process does it."""
        return self.house.handling

    @property
    def headers(self) -> dict[str, str]:
        """With them the talk is opened."""
        return {"Authorization": f"Bearer {self.token}"}

    async def read(self, **query: str) -> Response:
        """Catch up."""
        return await self.gateway.request("GET", MESSAGES, params=query, headers=self.headers)

    async def standing(self) -> Any:
        """Where the report stands."""
        return (await self.read()).body["escalation"]

    def staff_wrote(self, count: int) -> list[str]:
        """So many messages of a nurse, stored at once; returns their words."""
        words = [f"word {number}" for number in range(count)]
        conversation_id = self.token.partition(".")[0]
        with self.house.unit_of_work() as uow:
            for text in words:
                reply = Reply(text, ReplyKind.HANDOFF, "staff/message")
                uow.messages.add_notice(conversation_id, uuid.uuid4().hex, "staff:Noor", reply, utc_now())
            uow.commit()
        return words

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
        schema = {"message": "Entry", "escalation": "Escalation"}.get(name)
        if schema and data is not None:
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
        return await self.next("escalation")

    async def next(self, name: str) -> Any:
        """The data of the next event of that name; others are passed over."""
        while (event := await self.event()) is not None:
            if event[0] == name:
                return event[1]
        raise AssertionError("the stream has ended")

    async def rest(self) -> list[str]:
        """The names of the events until its end."""
        names = []
        while (event := await self.event()) is not None:
            names.append(event[0])
        return names


async def report(gateway: Gateway) -> Talk:
    """Somebody is in danger."""
    answer = await gateway.say(REPORT)
    return Talk(gateway, answer.body["conversation_id"], answer.body["escalation"]["reference"])


def topics(entries: list[dict[str, Any]]) -> list[str | None]:
    """Of the replies; None for the patient's own words."""
    return [(entry["reply"] or {}).get("topic") for entry in entries]


def stored(gateway: Gateway, table: sa.Table) -> int:
    """How many rows a table has."""
    return len(Database(create_engine(gateway.settings.database_url)).stored(table))
