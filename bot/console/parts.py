"""The use cases that pages of the console call, and who is at the browser."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import timedelta
from typing import Final

from aiohttp import web

from bot.console import auth, pages
from bot.domain.proxies import Network, client_address
from bot.domain.staff import Provider
from bot.services.accounts import AccountDesk
from bot.services.audit import AuditDesk
from bot.services.sessions import SessionDesk
from bot.services.sign_in import Begun, SignIn, Visitor

ACCOUNTS = web.AppKey("accounts", AccountDesk)
SESSION_DESK = web.AppKey("session_desk", SessionDesk)
SIGN_IN = web.AppKey("sign_in", SignIn)
AUDIT = web.AppKey("audit", AuditDesk)
# Threads for passwords: each takes a processor and much memory for a moment, so there are few.
HASHERS = web.AppKey("console_hashers", Executor)
PROXIES: web.AppKey[Sequence[Network]] = web.AppKey("trusted_proxies")
PROVIDER: web.AppKey[Provider | None] = web.AppKey("sign_in_provider")

_DEVICE: Final = "browser"
_DEVICE_LIFETIME: Final = timedelta(days=90)


def visitor(request: web.Request) -> Visitor:
    """Where the request comes from."""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return Visitor(
        address=client_address(request.remote, forwarded, request.app[PROXIES]),
        agent=request.headers.get("User-Agent", ""),
        device=request.cookies.get(auth.cookie_name(request.app, _DEVICE), ""),
    )


async def enter(request: web.Request, begun: Begun, to: str) -> web.Response:
    """Hand out the cookies of a session that has begun; the one before it is over."""
    before = request.cookies.get(auth.cookie_name(request.app))
    if before:
        await auth.run(request, request.app[SESSION_DESK].discard, before)
    response = pages.redirect(request, to)
    give_session(request, response, begun.token)
    auth.set_cookie(request.app, response, begun.device, _DEVICE, int(_DEVICE_LIFETIME.total_seconds()))
    return response


def give_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """The cookie of a session: it ends with the browser, and before by the rules."""
    auth.set_cookie(request.app, response, token)
