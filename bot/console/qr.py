"""Setting up a second factor: the QR code and the page around it."""

from __future__ import annotations

import io

import segno
from aiohttp import web

from bot.console import pages, parts
from bot.console.auth import run, signed_in
from bot.services import second_factor

_QUIET_ZONE = 4


async def page(
    request: web.Request, template: str, status: int = 200, error: str = "", **values: object
) -> web.Response:
    """The page with the secret as text, for who cannot point a camera at it."""
    secret = await _secret(request)
    groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return pages.render(request, template, status=status, error=error, secret=groups, **values)


async def image(request: web.Request) -> web.Response:
    """The QR code, as a picture of its own: a page may hold no pictures of elsewhere."""
    clinic = request.app[pages.CLINIC].name
    address = second_factor.address(await _secret(request), signed_in(request).staff.user_name, clinic)
    drawing = io.BytesIO()
    segno.make(address, error="m").save(drawing, kind="svg", border=_QUIET_ZONE, light="#fff", omitsize=True)
    return web.Response(body=drawing.getvalue(), content_type="image/svg+xml", charset="utf-8")


async def _secret(request: web.Request) -> str:
    return await run(request, request.app[parts.ACCOUNTS].offer_second_factor, signed_in(request))
