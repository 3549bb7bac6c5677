"""A patient's message by the chat API."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from aiohttp import web

from bot.channels.body import TOKENS, read_object, unknown_conversation
from bot.channels.errors import ApiProblem
from bot.channels.updates import UPDATES
from bot.domain.errors import StorageUnavailable, UnknownConversation
from bot.domain.messages import Inbound
from bot.services.escalations import CANARY_CHANNEL
from bot.services.intake import Intake, Outcome
from bot.services.updates import Standing

CHANNEL = "web"
MAX_ID_LENGTH = 128


class DrillCheck(Protocol):
    """Whether a message with this id and header is a drill of our own."""

    def __call__(self, message_id: str, header: str | None) -> bool: ...


INTAKE = web.AppKey("intake", Intake)
IS_DRILL = web.AppKey("is_drill", DrillCheck)
DRILL_HEADER = "X-Canary"
MAX_CHARACTERS = web.AppKey("max_characters", int)

# Where a report stands is read after the answer is known, which does not wait longer for it.
_STANDING_SECONDS = 1.0


def routes() -> list[web.RouteDef]:
    """One address."""
    return [web.post("/api/chat/messages", post_message)]


async def post_message(request: web.Request) -> web.Response:
    """One message in, the replies out."""
    inbound = await _read(request)
    try:
        outcome = await request.app[INTAKE].receive(inbound)
    except UnknownConversation:
        raise unknown_conversation() from None
    return web.json_response(await _wire(request.app, outcome), headers={"Cache-Control": "no-store"})


async def _wire(app: web.Application, outcome: Outcome) -> dict[str, Any]:
    return {
        "conversation_id": app[TOKENS].issue(outcome.conversation_id),
        "state": outcome.state,
        "replies": [{**reply.to_dict(), "position": reply.position} for reply in outcome.replies],
        "escalation": app[UPDATES].standing_to_dict(await _standing(app, outcome)),
    }


async def _standing(app: web.Application, outcome: Outcome) -> Standing | None:
    """Where the report stands; what was stored with the message, where the rest cannot be read in time."""
    if outcome.escalation is None:
        return None
    try:
        async with asyncio.timeout(_STANDING_SECONDS):
            return await asyncio.to_thread(app[UPDATES].standing, outcome.conversation_id)
    except (StorageUnavailable, TimeoutError):
        return Standing(outcome.escalation)


async def _read(request: web.Request) -> Inbound:
    body = await read_object(request, ("text", "message_id", "conversation_id"))
    message_id = _message_id(body.get("message_id"))
    return Inbound(
        channel=CANARY_CHANNEL if request.app[IS_DRILL](message_id, request.headers.get(DRILL_HEADER)) else CHANNEL,
        text=_text(request, body.get("text")),
        message_id=message_id,
        conversation_id=_conversation(request, body),
    )


def _text(request: web.Request, value: Any) -> str:
    if not isinstance(value, str):
        raise ApiProblem(400, "wrong_type", "text must be a string.")
    text: str = value
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise ApiProblem(400, "not_text", "text holds half of a character. Send valid Unicode.")
    text = text.replace("\x00", "").strip()
    if not text:
        raise ApiProblem(400, "empty_text", "text is empty. Write a message.")
    limit = request.app[MAX_CHARACTERS]
    # Nobody in danger is told to be brief: a long report is taken as it is.
    if len(text) > limit and not request.app[INTAKE].is_report(text):
        raise ApiProblem(413, "text_too_long", f"text has {len(text)} characters; send at most {limit} at a time.")
    return text


def _message_id(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ApiProblem(400, "message_id_missing", "message_id must be a string: a new UUID for each message.")
    if len(value) > MAX_ID_LENGTH or not value.isprintable():
        raise ApiProblem(400, "message_id_wrong", f"message_id must be at most {MAX_ID_LENGTH} printable characters.")
    return value


def _conversation(request: web.Request, body: dict[str, Any]) -> str | None:
    token = body.get("conversation_id")
    if token is None:
        return None
    if not isinstance(token, str):
        raise ApiProblem(400, "wrong_type", "conversation_id must be a string, or be left out for a new talk.")
    try:
        return request.app[TOKENS].open(token)
    except UnknownConversation:
        if isinstance(body.get("text"), str) and request.app[INTAKE].is_report(body["text"]):
            return None  # a severe report is never turned away: it opens a new talk
        raise unknown_conversation() from None
