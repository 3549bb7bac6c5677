"""The page with the phones, and what its buttons do. For this machine alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.settings import ROOT
from tools.demo.product import Product
from tools.demo.stage import Impossible, Stage

_PAGE = Path(__file__).resolve().parent / "page"
_STAGE = web.AppKey("stage", Stage)
_PRODUCT = web.AppKey("product", Product)
_STOPPING = web.AppKey("stopping", asyncio.Event)
_LOOK_SECONDS = 0.25
_LONGEST_WORDS = 1600
_LONGEST_SHIFT = 30 * 86_400
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def build_app(stage: Stage, product: Product) -> web.Application:
    """Routes of the page."""
    app = web.Application(middlewares=[_own_page_only], client_max_size=16 * 1024)
    app[_STAGE], app[_PRODUCT], app[_STOPPING] = stage, product, asyncio.Event()
    app.on_shutdown.append(_stop)
    for path, file in (
        ("/", _PAGE / "index.html"), ("/demo.css", _PAGE / "demo.css"), ("/demo.js", _PAGE / "demo.js"),
        ("/favicon.svg", ROOT / "bot" / "widget" / "favicon.svg"),
    ):  # fmt: skip
        app.router.add_get(path, _file(file))
    app.router.add_get("/events", _events)
    app.router.add_post("/phone", _phone)
    app.router.add_post("/company", _company)
    app.router.add_post("/clock", _clock)
    return app


async def _stop(app: web.Application) -> None:
    app[_STOPPING].set()


@web.middleware
async def _own_page_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """No other site that is open in the same browser gets at the phones."""
    if request.url.host not in ("127.0.0.1", "localhost"):
        raise web.HTTPForbidden(text="open the page as the terminal shows it")
    if request.method == "POST" and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        response = await handler(request)
    except (Impossible, ValueError) as error:
        response = web.json_response({"error": str(error)}, status=409)
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def send(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(path)

    return send


async def _events(request: web.Request) -> web.StreamResponse:
    """The whole state whenever it is another one."""
    response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
    await response.prepare(request)
    shown = ""
    with contextlib.suppress(ConnectionResetError):
        while not request.app[_STOPPING].is_set():
            state = json.dumps(_state(request.app))
            if state != shown:
                await response.write(f"data: {state}\n\n".encode())
                shown = state
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(request.app[_STOPPING].wait(), _LOOK_SECONDS)
    return response


def _state(app: web.Application) -> dict[str, Any]:
    product = app[_PRODUCT]
    return {**app[_STAGE].state(), "ready": product.is_ready, "clinic": product.url, "account": product.account}


async def _phone(request: web.Request) -> web.Response:
    body = await _body(request)
    words = str(body.get("words") or "")[:_LONGEST_WORDS]
    await request.app[_STAGE].act(str(body.get("number")), str(body.get("do")), words)
    return web.json_response({})


async def _company(request: web.Request) -> web.Response:
    body, switches = await _body(request), request.app[_STAGE].switches
    if "switch" in body:
        await switches.set(str(body["switch"]), bool(body.get("on")))
    elif "trouble" in body:
        switches.trouble(str(body["trouble"]), int(body.get("times") or 1))
    else:
        switches.calm()
    return web.json_response({})


async def _clock(request: web.Request) -> web.Response:
    minutes = int((await _body(request)).get("minutes") or 0)
    stage = request.app[_STAGE]
    stage.shift_seconds = min(max(0, stage.shift_seconds + minutes * 60), _LONGEST_SHIFT)
    request.app[_PRODUCT].set_clock(stage.shift_seconds)
    return web.json_response({})


async def _body(request: web.Request) -> dict[str, Any]:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("send a JSON object")
    return body
