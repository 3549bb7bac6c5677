"""Reads what a client sends: JSON in UTF-8, an object with known fields, and whose talk it is about."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from aiohttp import web

from bot.channels.errors import ApiProblem
from bot.domain.conversation import ConversationTokens
from bot.domain.errors import UnknownConversation

TOKENS = web.AppKey("tokens", ConversationTokens)


async def read_object(request: web.Request, known: Collection[str]) -> dict[str, Any]:
    """The body; raises ApiProblem for anything but an object of known fields."""
    if request.content_type != "application/json":
        raise ApiProblem(415, "not_json", "Send the message as JSON, with Content-Type: application/json.")
    try:
        body = json.loads((await request.read()).decode("utf-8"))
    except (ValueError, RecursionError):  # ValueError: not UTF-8, not JSON, or a number of thousands of digits
        raise ApiProblem(400, "bad_json", "The body is not JSON in UTF-8.") from None
    if not isinstance(body, dict):
        raise ApiProblem(400, "wrong_type", f"The body must be an object with {' and '.join(known)}.")
    unknown = set(body) - set(known)
    if unknown:
        raise ApiProblem(400, "unknown_field", f"Remove what is not known here: {', '.join(sorted(unknown))[:200]}.")
    return body


def bearer_conversation(request: web.Request) -> str:
    """The conversation whose token the request carries as `Authorization: Bearer`: an address ends up in logs."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiProblem(401, "token_missing", "Send the conversation_id as Authorization: Bearer <conversation_id>.")
    try:
        return request.app[TOKENS].open(token.strip())
    except UnknownConversation:
        raise unknown_conversation() from None


def unknown_conversation() -> ApiProblem:
    """What is said of a conversation that is forged, forgotten or not stored."""
    return ApiProblem(
        404, "unknown_conversation", "This conversation is not known. Leave conversation_id out to start a new one."
    )
