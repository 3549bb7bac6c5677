"""The chat API and the demonstration page."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from bot.channels.errors import CLINIC, ApiProblem
from bot.domain.conversation import ConversationTokens
from bot.domain.errors import UnknownConversation
from bot.domain.messages import Inbound
from bot.domain.on_call import OnCall
from bot.services.escalations import CANARY_CHANNEL
from bot.services.intake import Intake, Outcome
from bot.services.updates import escalation_to_dict

WIDGET_FOLDER = Path(__file__).parent.parent / "widget"
CHANNEL = "web"
MAX_ID_LENGTH = 128


class DrillCheck(Protocol):
    """Whether a message with this id and header is a drill of our own."""

    def __call__(self, message_id: str, header: str | None) -> bool: ...


INTAKE = web.AppKey("intake", Intake)
TOKENS = web.AppKey("tokens", ConversationTokens)
ON_CALL = web.AppKey("on_call", OnCall)
IS_DRILL = web.AppKey("is_drill", DrillCheck)
MAX_CHARACTERS = web.AppKey("max_characters", int)

_ASSET_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def routes() -> list[web.RouteDef]:
    """Everything that a browser may ask for."""
    return [
        web.post("/api/chat/messages", post_message),
        web.get("/", page),
        web.get("/assets/{name}", asset),
    ]


async def post_message(request: web.Request) -> web.Response:
    """One message in, the replies out."""
    inbound = await _read(request)
    try:
        outcome = await request.app[INTAKE].receive(inbound)
    except UnknownConversation:
        raise _unknown_conversation() from None
    return web.json_response(_wire(request.app, outcome), headers={"Cache-Control": "no-store"})


def _wire(app: web.Application, outcome: Outcome) -> dict[str, Any]:
    return {
        "conversation_id": app[TOKENS].issue(outcome.conversation_id),
        "replies": [reply.to_dict() for reply in outcome.replies],
        "escalation": escalation_to_dict(outcome.escalation, app[ON_CALL]),
    }


async def _read(request: web.Request) -> Inbound:
    if request.content_type != "application/json":
        raise ApiProblem(415, "not_json", "Send the message as JSON, with Content-Type: application/json.")
    try:
        body = json.loads((await request.read()).decode("utf-8"))
    except (ValueError, RecursionError):  # ValueError: not UTF-8, not JSON, or a number of thousands of digits
        raise ApiProblem(400, "bad_json", "The body is not JSON in UTF-8.") from None
    if not isinstance(body, dict):
        raise ApiProblem(400, "wrong_type", "The body must be an object with text and message_id.")
    unknown = set(body) - {"text", "message_id", "conversation_id"}
    if unknown:
        raise ApiProblem(400, "unknown_field", f"Remove what is not known here: {', '.join(sorted(unknown))[:200]}.")
    message_id = _message_id(body.get("message_id"))
    return Inbound(
        channel=CANARY_CHANNEL if request.app[IS_DRILL](message_id, request.headers.get("X-Canary")) else CHANNEL,
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
        raise _unknown_conversation() from None


def _unknown_conversation() -> ApiProblem:
    return ApiProblem(
        404, "unknown_conversation", "This conversation is not known. Leave conversation_id out to start a new one."
    )


async def page(request: web.Request) -> web.Response:
    """The demonstration page of a clinic."""
    clinic = request.app[CLINIC]
    text = (WIDGET_FOLDER / "demo.html").read_text(encoding="utf-8")
    for placeholder, value in (
        ("%CLINIC_NAME%", clinic.name),
        ("%CLINIC_PHONE%", clinic.phone),
        ("%CLINIC_PHONE_TEL%", "".join(c for c in clinic.phone if c in "+0123456789")),
        ("%EMERGENCY_NUMBER%", clinic.emergency_number),
        ("%CRISIS_NUMBER%", clinic.crisis_number),
        ("%MAX_CHARACTERS%", str(request.app[MAX_CHARACTERS])),
    ):
        text = text.replace(placeholder, html.escape(value))
    return web.Response(text=text, content_type="text/html", headers=SECURITY_HEADERS)


async def asset(request: web.Request) -> web.StreamResponse:
    """A file of the page; only names that are there, no paths."""
    path = WIDGET_FOLDER / request.match_info["name"]
    if path.suffix not in _ASSET_TYPES or path not in WIDGET_FOLDER.iterdir():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=_ASSET_TYPES[path.suffix],
        charset="utf-8",
        headers={**SECURITY_HEADERS, "Cache-Control": "no-cache"},
    )
