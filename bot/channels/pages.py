"""The demonstration page, its files, and the chat element for other sites."""

from __future__ import annotations

import html
from pathlib import Path

from aiohttp import web

from bot.channels.element import ELEMENT
from bot.channels.errors import CLINIC
from bot.channels.headers import SECURITY_HEADERS
from bot.channels.sites import SITES
from bot.channels.web import MAX_CHARACTERS

WIDGET_FOLDER = Path(__file__).parent.parent / "widget"
_ASSET_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def routes() -> list[web.RouteDef]:
    """What a browser loads."""
    return [web.get("/", page), web.get("/assets/{name}", asset), web.get("/widget.js", widget)]


async def page(request: web.Request) -> web.Response:
    """The demonstration page of a clinic. The sites that may use the chat may show it in a frame."""
    clinic = request.app[CLINIC]
    text = (WIDGET_FOLDER / "demo.html").read_text(encoding="utf-8")
    for placeholder, value in (
        ("%CLINIC_NAME%", clinic.name),
        ("%CLINIC_PHONE%", clinic.phone),
        ("%CLINIC_PHONE_TEL%", "".join(c for c in clinic.phone if c in "+0123456789")),
        ("%EMERGENCY_NUMBER%", clinic.emergency_number),
        ("%CRISIS_NUMBER%", clinic.crisis_number),
        ("%MAX_CHARACTERS%", str(request.app[MAX_CHARACTERS])),
        ("%WIDGET_VERSION%", request.app[ELEMENT].version),
    ):
        text = text.replace(placeholder, html.escape(value))
    policy = SECURITY_HEADERS["Content-Security-Policy"].replace(
        "frame-ancestors 'self'", request.app[SITES].frame_ancestors
    )
    headers = {**SECURITY_HEADERS, "Content-Security-Policy": policy}
    return web.Response(text=text, content_type="text/html", headers=headers)


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


async def widget(request: web.Request) -> web.Response:
    """The chat element."""
    return request.app[ELEMENT].response(request)
