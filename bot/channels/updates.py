"""What happens in a talk without being asked: notices and staff messages, live and to catch up."""

from __future__ import annotations

import asyncio
import contextlib
import json
from concurrent.futures import Executor
from typing import Any

from aiohttp import web

from bot.channels.errors import ApiProblem
from bot.channels.web import TOKENS
from bot.domain.errors import StorageUnavailable, UnknownConversation
from bot.services.updates import Update, Updates, entry_to_dict

UPDATES = web.AppKey("updates", Updates)
STOPPING = web.AppKey("stopping", asyncio.Event)
# Threads of their own: however many talks are followed, a message that comes in does not wait for them.
READERS = web.AppKey("readers", Executor)

_LOOK_SECONDS = 1.0
_SIGN_OF_LIFE_SECONDS = 15.0
_NO_STORE = {"Cache-Control": "no-store"}


def routes() -> list[web.RouteDef]:
    """The conversation's token comes as `Authorization: Bearer`: an address ends up in logs, a header does not."""
    return [web.get("/api/chat/messages", get_messages), web.get("/api/chat/events", events)]


async def get_messages(request: web.Request) -> web.Response:
    """Everything after a position: what a client that was away has missed."""
    update = await _look(request, _conversation(request), _after(request, request.query.get("after", "0")))
    return web.json_response(
        {"messages": [entry_to_dict(entry) for entry in update.entries], "escalation": update.escalation},
        headers=_NO_STORE,
    )


async def events(request: web.Request) -> web.StreamResponse:
    """Server-sent events: `message` for each entry, `escalation` whenever it changes. Ids are positions."""
    conversation_id = _conversation(request)
    after = _after(request, request.headers.get("Last-Event-ID") or request.query.get("after", "0"))
    update = await _look(request, conversation_id, after)
    stream = web.StreamResponse(headers={**_NO_STORE, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await stream.prepare(request)
    with contextlib.suppress(ConnectionResetError):
        await _follow(request, stream, conversation_id, after, update)
    return stream


async def _follow(
    request: web.Request, stream: web.StreamResponse, conversation_id: str, after: int, update: Update
) -> None:
    told: dict[str, Any] | None = {}
    quiet = 0.0
    while not request.app[STOPPING].is_set():
        for entry in update.entries:
            await _send(stream, "message", entry_to_dict(entry), entry.position)
            after = entry.position
        if update.escalation != told:
            await _send(stream, "escalation", update.escalation)
            told = update.escalation
        quiet = 0.0 if update.entries else quiet + _LOOK_SECONDS
        if quiet >= _SIGN_OF_LIFE_SECONDS:
            await stream.write(b": still here\n\n")
            quiet = 0.0
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(request.app[STOPPING].wait(), _LOOK_SECONDS)
        try:
            update = await _look(request, conversation_id, after)
        except ApiProblem:  # while the database is away there is nothing new; the stream stays open
            update = Update((), update.escalation)


async def _send(stream: web.StreamResponse, event: str, data: Any, position: int | None = None) -> None:
    number = f"id: {position}\n" if position is not None else ""
    await stream.write(f"{number}event: {event}\ndata: {json.dumps(data)}\n\n".encode())


async def _look(request: web.Request, conversation_id: str, after: int) -> Update:
    try:
        read = asyncio.get_running_loop().run_in_executor
        update = await read(request.app[READERS], request.app[UPDATES].after, conversation_id, after)
    except StorageUnavailable:
        raise ApiProblem(
            503, "storage_unavailable", "The talk cannot be read right now. Try again in a moment."
        ) from None
    if update is None:
        raise _unknown()
    return update


def _conversation(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiProblem(401, "token_missing", "Send the conversation_id as Authorization: Bearer <conversation_id>.")
    try:
        return request.app[TOKENS].open(token.strip())
    except UnknownConversation:
        raise _unknown() from None


def _after(request: web.Request, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise ApiProblem(400, "after_wrong", "after must be the position of the last message seen: a whole number.")
    return int(value)


def _unknown() -> ApiProblem:
    return ApiProblem(404, "unknown_conversation", "This conversation is not known.")
