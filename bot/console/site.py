"""The console as a part of the gateway: its routes, its guard, its navigation."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.console import (
    account,
    audit_pages,
    auth,
    case_pages,
    desk_parts,
    entry,
    feed,
    overview_pages,
    packet_pages,
    pages,
    parts,
    people,
    provider,
    queue_pages,
    review_pages,
)
from bot.console.routing import Route, RouteTable, get, post, public
from bot.console.signed import Signer
from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.on_call import OnCall
from bot.domain.proxies import Network
from bot.domain.staff import EVERYBODY, Provider, Role
from bot.services.accounts import AccountDesk
from bot.services.audit import AuditDesk
from bot.services.live import Changes
from bot.services.sessions import SessionDesk
from bot.services.sign_in import SignIn

_WORKERS: Final = 8
_HASHERS: Final = 2

NAVIGATION: Final = (
    pages.NavItem(queue_pages.QUEUE, "Queue", EVERYBODY),
    pages.NavItem(review_pages.BORDERLINE, "Borderline", EVERYBODY),
    pages.NavItem(review_pages.QUESTIONS, "Questions", EVERYBODY),
    pages.NavItem(overview_pages.OVERVIEW, "Overview", frozenset({Role.MANAGER, Role.AUDITOR})),
    pages.NavItem(people.PEOPLE, "Accounts", frozenset({Role.MANAGER})),
    pages.NavItem("/staff/audit", "Audit", frozenset({Role.MANAGER, Role.AUDITOR})),
)


@dataclass(frozen=True, slots=True)
class Console:
    """What the console is made of."""

    clinic: Clinic
    on_call: OnCall
    clock: Clock
    idle: timedelta
    public_url: str
    secret_key: bytes = field(repr=False)
    provider: Provider | None
    proxies: Sequence[Network]
    accounts: AccountDesk
    sessions: SessionDesk
    sign_in: SignIn
    audit: AuditDesk


def routes(with_provider: bool = True) -> list[Route]:
    """Every address of the console, with who may use it."""
    return [
        public("GET", "/staff/static/{name}", pages.static),
        get(auth.HOME, home, *EVERYBODY),
        get("/staff/session", session, *EVERYBODY, background=True),
        post("/staff/session", session, *EVERYBODY),
        *entry.routes(),
        *(provider.routes() if with_provider else ()),
        *account.routes(),
        *people.routes(),
        *audit_pages.routes(),
        *queue_pages.routes(),
        *case_pages.routes(),
        *review_pages.routes(),
        *feed.routes(),
        *packet_pages.routes(),
        *overview_pages.routes(),
    ]


def add_to(app: web.Application, console: Console, served_elsewhere: Sequence[Route] = ()) -> None:
    """Add the console to the gateway. `served_elsewhere`: addresses under /staff that other channels serve."""
    table = app[auth.TABLE] = RouteTable()
    table.add(app, routes(console.provider is not None))
    for route in served_elsewhere:
        table.declare(route)
    _add_parts(app, console)
    pages.set_up(app, console.clinic, ZoneInfo(console.clinic.time_zone))
    app.middlewares.extend((pages.errors_as_pages, auth.guard))
    app.on_response_prepare.append(pages.add_headers)
    app.on_cleanup.append(_stop_workers)


def _add_parts(app: web.Application, console: Console) -> None:
    app[auth.PUBLIC_URL] = console.public_url
    app[auth.SESSIONS] = app[parts.SESSION_DESK] = console.sessions
    app[auth.WORKERS] = ThreadPoolExecutor(_WORKERS, thread_name_prefix="console")
    app[parts.HASHERS] = ThreadPoolExecutor(_HASHERS, thread_name_prefix="passwords")
    app[parts.ACCOUNTS], app[parts.SIGN_IN], app[parts.AUDIT] = console.accounts, console.sign_in, console.audit
    app[parts.PROXIES], app[parts.PROVIDER] = console.proxies, console.provider
    app[people.ON_CALL], app[pages.PEOPLE] = console.on_call, console.on_call.people
    app[pages.SIGNER] = Signer(console.secret_key)
    app[pages.CLOCK] = console.clock
    app[pages.IDLE] = console.idle
    app[pages.NAVIGATION] = NAVIGATION
    if console.provider is not None:
        back = f"{console.public_url}/staff/sign-in/provider/back"
        app[provider.CLIENT] = provider.ProviderClient(console.provider, back)


def open_desk(app: web.Application, desk: desk_parts.Desk, changes: Changes) -> Coroutine[Any, Any, None]:
    """When the gateway starts: what staff work with. Returns the task that tells open pages what is new."""
    desk_parts.add_to(app, desk)
    app[feed.FEED] = feed.Feed(desk.queue.alarm, changes)
    return feed.keep_telling(app)


def close_desk(app: web.Application) -> None:
    """Before the gateway waits for its streams to end."""
    app[feed.FEED].close()


async def _stop_workers(app: web.Application) -> None:
    for key in (auth.WORKERS, parts.HASHERS):
        app[key].shutdown(wait=False, cancel_futures=True)


async def home(request: web.Request) -> web.Response:
    """The first page of each role."""
    role = auth.require(request).role
    raise web.HTTPSeeOther(next((item.href for item in NAVIGATION if role in item.roles), account.ACCOUNT))


async def session(request: web.Request) -> web.Response:
    """How long it goes on. Asked by POST it has begun anew."""
    return web.json_response({"seconds_left": pages.seconds_left(auth.signed_in(request), request.app[pages.CLOCK]())})
