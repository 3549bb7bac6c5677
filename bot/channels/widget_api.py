"""What the chat element asks for beside the talk itself: its texts, feedback, typing, forgetting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from bot.channels.body import bearer_conversation, read_object, unknown_conversation
from bot.channels.element import ELEMENT
from bot.channels.errors import CLINIC, ApiProblem
from bot.domain import wording
from bot.domain.errors import StorageUnavailable, UnknownConversation
from bot.services.feedback import FeedbackBox
from bot.services.forgetting import Forgetter
from bot.services.writing import PatientWriting

T = TypeVar("T")

FEEDBACK = web.AppKey("feedback", FeedbackBox)
FORGETTER = web.AppKey("forgetter", Forgetter)
WRITING = web.AppKey("writing", PatientWriting)

_NO_STORE = {"Cache-Control": "no-store"}
_LAST_POSITION = 999_999_999


def routes() -> list[web.RouteDef]:
    """Beside /api/chat/messages."""
    return [
        web.get("/api/chat/config", config),
        web.post("/api/chat/feedback", feedback),
        web.post("/api/chat/typing", typing),
        web.delete("/api/chat/conversation", forget),
    ]


async def config(request: web.Request) -> web.Response:
    """What a client shows before the first message."""
    return web.json_response(request.app[ELEMENT].config(request.query.get("language", "")), headers=_NO_STORE)


async def feedback(request: web.Request) -> web.Response:
    """Whether an answer was helpful."""
    conversation_id = bearer_conversation(request)
    body = await read_object(request, ("position", "helpful"))
    position, helpful = _position(body.get("position")), _helpful(body)
    if not await _stored(lambda: request.app[FEEDBACK].rate(conversation_id, position, helpful)):
        raise ApiProblem(404, "unknown_reply", "There is no approved answer at that position of the talk.")
    return web.json_response({"position": position, "helpful": helpful}, headers=_NO_STORE)


async def typing(request: web.Request) -> web.Response:
    """The patient is writing, or has stopped."""
    conversation_id = bearer_conversation(request)
    writing = (await read_object(request, ("writing",))).get("writing")
    if not isinstance(writing, bool):
        raise ApiProblem(400, "wrong_type", "writing must be true or false.")
    shown = await _stored(lambda: request.app[WRITING].says(conversation_id, writing))
    return web.json_response({"shown": shown}, headers=_NO_STORE)


async def forget(request: web.Request) -> web.Response:
    """Forget this talk: at once, or when the staff do not need it any more."""
    conversation_id = bearer_conversation(request)
    done, language = await _stored(lambda: request.app[FORGETTER].ask(conversation_id))
    text = wording.forgotten_text(request.app[CLINIC], done, language)
    body = {"state": "forgotten" if done else "when_closed", "text": text}
    return web.json_response(body, status=200 if done else 202, headers=_NO_STORE)


def _position(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LAST_POSITION:
        raise ApiProblem(400, "wrong_type", "position must be that of an answer in the talk: a whole number.")
    return value


def _helpful(body: dict[str, Any]) -> bool | None:
    value = body.get("helpful", "")
    if value is not None and not isinstance(value, bool):
        raise ApiProblem(400, "wrong_type", "helpful must be true, false, or null to take it back.")
    return value


async def _stored(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except UnknownConversation:
        raise unknown_conversation() from None
    except StorageUnavailable:
        raise ApiProblem(503, "storage_unavailable", "This could not be stored. Try again in a moment.") from None
