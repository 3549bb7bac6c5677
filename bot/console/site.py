"""The console as a part of the gateway: its routes, its guard, its navigation."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.console import auth, pages
from bot.console.routing import Route, RouteTable, get, post, public
from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.staff import EVERYBODY, Role

_WORKERS: Final = 8

NAVIGATION: Final = (
    pages.NavItem("/staff/people", "Accounts", frozenset({Role.MANAGER})),
    pages.NavItem("/staff/audit", "Audit", frozenset({Role.MANAGER, Role.AUDITOR})),
)


@dataclass(frozen=True, slots=True)
class Console:
    """What the console is made of."""

    clinic: Clinic
    zone: ZoneInfo
    clock: Clock
    public_url: str
    secret_key: bytes = field(repr=False)


def routes() -> list[Route]:
    """Every address of the console, with who may use it."""
    return [
        public("GET", "/staff/static/{name}", pages.static),
        get(auth.HOME, home, *EVERYBODY),
        get("/staff/session", session, *EVERYBODY, background=True),
        post("/staff/session", session, *EVERYBODY),
    ]


def add_to(app: web.Application, console: Console, served_elsewhere: Sequence[Route] = ()) -> None:
    """Add the console to the gateway. `served_elsewhere`: addresses under /staff that other channels serve."""
    table = app[auth.TABLE] = RouteTable()
    table.add(app, routes())
    for route in served_elsewhere:
        table.declare(route)
    app[auth.PUBLIC_URL] = console.public_url
    app[auth.WORKERS] = ThreadPoolExecutor(_WORKERS, thread_name_prefix="console")
    app[pages.FLASH_KEY] = hmac.new(console.secret_key, b"console messages", hashlib.sha256).digest()
    app[pages.CLOCK] = console.clock
    app[pages.NAVIGATION] = NAVIGATION
    pages.set_up(app, console.clinic, console.zone)
    app.middlewares.extend((pages.errors_as_pages, auth.guard))
    app.on_response_prepare.append(pages.add_headers)
    app.on_cleanup.append(_stop_workers)


async def _stop_workers(app: web.Application) -> None:
    app[auth.WORKERS].shutdown(wait=False, cancel_futures=True)


async def home(request: web.Request) -> web.Response:
    """The first page of each role."""
    role = auth.require(request).role
    raise web.HTTPSeeOther(next((item.href for item in NAVIGATION if role in item.roles), "/staff/account"))


async def session(request: web.Request) -> web.Response:
    """How long it goes on. Asked by POST it has begun anew."""
    return web.json_response({"seconds_left": pages.seconds_left(auth.signed_in(request), request.app[pages.CLOCK]())})
