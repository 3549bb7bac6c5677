"""The packet of an incident: a page to print, and a file that proves itself."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from bot.console import desk_parts, pages, words
from bot.console.auth import Refused, require, run
from bot.console.routing import Route, get
from bot.domain.errors import NotFound
from bot.domain.staff import EVERYBODY, Role
from bot.services.incident import Maker, NotOwner, Packet

_PACKET: Final = "/staff/escalations/{reference}/packet"


def routes() -> list[Route]:
    """For managers and auditors, and for the nurse who has it: that is checked when it is found."""
    return [get(_PACKET, look, *EVERYBODY), get(f"{_PACKET}.json", download, *EVERYBODY)]


async def look(request: web.Request) -> web.Response:
    """The packet on a page."""
    packet = await _packet(request)
    spoken = {each["position"]: each for each in packet["messages"]}
    return pages.render(request, "packet.html", packet=packet, spoken=spoken, words=words, moment=_moment)


async def download(request: web.Request) -> web.Response:
    """The packet as a file for `python -m bot packet --verify`."""
    packet = await _packet(request)
    name = f"incident-{packet['escalation']['reference']}.json"
    return web.Response(
        text=json.dumps(packet, indent=2),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _packet(request: web.Request) -> Packet:
    staff, reference = require(request), request.match_info["reference"]
    if not reference.isascii() or not reference.isalnum():
        raise web.HTTPNotFound
    maker = Maker(staff.user_name, staff.by if staff.role is Role.NURSE else None)
    try:
        packet: Packet = await run(request, request.app[desk_parts.INCIDENTS].make, reference, maker)
    except NotFound:
        raise web.HTTPNotFound from None
    except NotOwner as error:
        raise Refused(403, "Not yours", f"{error}.") from None
    return packet


def _moment(text: Any) -> datetime:
    """A time of the packet, for the page's own filter."""
    return datetime.fromisoformat(str(text))
