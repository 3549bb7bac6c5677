"""What happens in a talk without being asked: notices and staff messages, live and to catch up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
from concurrent.futures import Executor
from typing import Any

from aiohttp import web

from bot.channels.address import client_address
from bot.channels.body import bearer_conversation, unknown_conversation
from bot.channels.errors import ApiProblem
from bot.channels.streams import PLACES
from bot.domain.errors import StorageUnavailable
from bot.services.live import Changes, Watch
from bot.services.updates import AT_A_TIME, Standing, Update, Updates, entry_to_dict

UPDATES = web.AppKey("updates", Updates)
CHANGES = web.AppKey("changes", Changes)
STOPPING = web.AppKey("stopping", asyncio.Event)
# Threads of their own: however many talks are followed, a message that comes in does not wait for them.
READERS = web.AppKey("readers", Executor)

_SIGN_OF_LIFE_SECONDS = 15.0
# After a look that failed though the database is there for others.
_LOOK_AGAIN_SECONDS = 1.0
# A client that takes nothing for so long is gone; the connection is given up, and with it its place.
_PATIENCE_SECONDS = 30
_NO_STORE = {"Cache-Control": "no-store"}
_UNTOLD: dict[str, Any] = {}


def routes() -> list[web.RouteDef]:
    """For one conversation each, whose token comes in a header."""
    return [web.get("/api/chat/messages", get_messages), web.get("/api/chat/events", events)]


async def get_messages(request: web.Request) -> web.Response:
    """What came after a position, a page at a time: what a client that was away has missed."""
    updates = request.app[UPDATES]
    limit = _limit(request.query.get("limit", str(AT_A_TIME)))
    update = await _look(request, bearer_conversation(request), _after(request.query.get("after", "0")), limit)
    if update is None:
        raise unknown_conversation()
    entries = [entry_to_dict(entry) for entry in update.entries]
    standing = updates.standing_to_dict(update.standing)
    return web.json_response({"messages": entries, "more": update.more, "escalation": standing}, headers=_NO_STORE)


async def events(request: web.Request) -> web.StreamResponse:
    """The same as it happens, as server-sent events. Ids are positions."""
    conversation_id = bearer_conversation(request)
    after = _after(request.headers.get("Last-Event-ID") or request.query.get("after", "0"))
    with request.app[PLACES].taken(client_address(request)), request.app[CHANGES].watch(conversation_id) as watch:
        update = await _look(request, conversation_id, after)
        if update is None:
            raise unknown_conversation()
        stream = web.StreamResponse(
            headers={**_NO_STORE, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        await stream.prepare(request)
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            await _Follower(request, stream, conversation_id, after).follow(watch, update)
        return stream


class _Follower:
    """Tells one client what is new in one talk."""

    def __init__(self, request: web.Request, stream: web.StreamResponse, conversation_id: str, after: int) -> None:
        self._request = request
        self._stream = stream
        self._conversation_id = conversation_id
        self._after = after
        self._stopping = request.app[STOPPING]
        self._clock = asyncio.get_running_loop().time
        self._written_at = self._clock()
        self._told: dict[str, Any] | None = _UNTOLD
        self._is_live = False
        _give_up_after(request, _PATIENCE_SECONDS)

    async def follow(self, watch: Watch, update: Update | None) -> None:
        """Until the gateway is stopped, the talk is forgotten or the client is gone."""
        while not self._stopping.is_set():
            if update is None:
                await self._send("forgotten", {})
                return
            await self._tell(update)
            if not update.more:
                await self._wait(watch, _changes_by_itself(update.standing))
            update = await self._look(watch)

    async def _tell(self, update: Update) -> None:
        for entry in update.entries:
            await self._send("message", entry_to_dict(entry), entry.position)
            self._after = entry.position
        if update.more:
            return
        standing = self._request.app[UPDATES].standing_to_dict(update.standing)
        if standing != self._told:
            await self._send("escalation", standing)
            self._told = standing
        if not self._is_live:
            await self._send("live", {"position": self._after})
            self._is_live = True

    async def _wait(self, watch: Watch, at_most: float) -> None:
        """Until something may be new; meanwhile a sign of life now and then."""
        end = self._clock() + at_most
        while not self._stopping.is_set() and self._clock() < end:
            sign_due = self._written_at + _SIGN_OF_LIFE_SECONDS
            if self._clock() >= sign_due:
                await self._write(b": still here\n\n")
            elif await watch.next(min(sign_due, end) - self._clock()):
                return

    async def _look(self, watch: Watch) -> Update | None:
        while not self._stopping.is_set():
            with contextlib.suppress(ApiProblem):  # while the database is away there is nothing new; the stream stays
                return await _look(self._request, self._conversation_id, self._after)
            await self._wait(watch, _LOOK_AGAIN_SECONDS)
        return None

    async def _send(self, event: str, data: Any, position: int | None = None) -> None:
        number = f"id: {position}\n" if position is not None else ""
        await self._write(f"{number}event: {event}\ndata: {json.dumps(data)}\n\n".encode())

    async def _write(self, data: bytes) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._stream.write(data)
        self._written_at = self._clock()


def _changes_by_itself(standing: Standing | None) -> float:
    """Seconds after which the report stands otherwise without anybody's doing: somebody has stopped writing."""
    return standing.writing_seconds if standing and standing.writing_seconds > 0 else math.inf


def _give_up_after(request: web.Request, seconds: int) -> None:
    """A connection whose other side has vanished would be kept for a quarter of an hour."""
    connection = request.transport.get_extra_info("socket") if request.transport else None
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)


async def _look(request: web.Request, conversation_id: str, after: int, limit: int = AT_A_TIME) -> Update | None:
    read = asyncio.get_running_loop().run_in_executor
    try:
        return await read(request.app[READERS], request.app[UPDATES].after, conversation_id, after, limit)
    except StorageUnavailable:
        raise ApiProblem(
            503, "storage_unavailable", "The talk cannot be read right now. Try again in a moment."
        ) from None


def _after(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise ApiProblem(400, "after_wrong", "after must be the position of the last message seen: a whole number.")
    return int(value)


def _limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 3 or not 1 <= int(value) <= AT_A_TIME:
        raise ApiProblem(400, "limit_wrong", f"limit must be a whole number from 1 to {AT_A_TIME}.")
    return int(value)
