"""Who asks: the guard in front of every page of the console, and what pages ask it."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Final, Protocol, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from markupsafe import escape

from bot.console.routing import Route, RouteTable
from bot.domain.staff import Role, Staff
from bot.services.account_ports import SignedIn, Stage

T = TypeVar("T")

HOME: Final = "/staff"
SIGN_IN: Final = "/staff/sign-in"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
_SIGNED_IN = web.RequestKey("signed_in", SignedIn)
_FORM: web.RequestKey[Mapping[str, str]] = web.RequestKey("form")
_MOST_FIELDS: Final = 200
_NO_PAGES: Final = ("application/json", "text/event-stream")
_HALF_WAY: Final = {Stage.SECOND_FACTOR: "/staff/second-factor", Stage.ENROL: "/staff/enrol"}


class FindsSessions(Protocol):
    """Who a token belongs to; None for one that is unknown or over. `touch`: somebody is at work, not the page."""

    def find(self, token: str, touch: bool) -> SignedIn | None: ...


class Refused(Exception):
    """The request is not served; `text` says what to do."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text


TABLE = web.AppKey("route_table", RouteTable)
SESSIONS = web.AppKey("staff_sessions", FindsSessions)
# Threads of their own: however slow a page is, a patient's message does not wait for it.
WORKERS = web.AppKey("console_workers", Executor)
PUBLIC_URL = web.AppKey("console_public_url", str)


# -- what pages use ------------------------------------------------------------


def require(request: web.Request, *roles: Role) -> Staff:
    """Who is signed in. Raises Refused unless they have one of the roles (none named: any)."""
    staff = signed_in(request).staff
    if roles and staff.role not in roles:
        raise Refused(
            403, "Not for your role", f"This is for a {' or '.join(roles)}. You are signed in as {staff.role}."
        )
    return staff


def signed_in(request: web.Request) -> SignedIn:
    """Who asks, with the session. Raises Refused when nobody is signed in."""
    found = someone(request)
    if found is None:
        raise Refused(403, "Not signed in", "Sign in first.")
    return found


def someone(request: web.Request) -> SignedIn | None:
    """Who asks, signed in or half-way; None for nobody."""
    return request.get(_SIGNED_IN)


async def form(request: web.Request) -> Mapping[str, str]:
    """The fields of a posted form, trimmed, but for passwords. The guard has checked its CSRF token.

    Raises Refused for anything else than a form in UTF-8.
    """
    if _FORM not in request:
        request[_FORM] = await _read_form(request)
    return request[_FORM]


async def _read_form(request: web.Request) -> dict[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused(415, "Not accepted", "Send the form as it is on its page.")
    body = (await request.read()).decode("utf-8", "replace").replace("+", "%20")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Refused(400, "Not accepted", "That form has too many fields.") from None
    # A database takes no NUL.
    plain = ((name, value.replace("\x00", "")) for name, value in pairs)
    return {name: value if "password" in name else value.strip() for name, value in plain}


async def run(
    request: web.Request, work: Callable[..., T], *arguments: object, on: web.AppKey[Executor] | None = None
) -> T:
    """Do what reads or writes the database, on a thread of the console, or of others that are kept for it."""
    return await asyncio.get_running_loop().run_in_executor(request.app[on or WORKERS], lambda: work(*arguments))


async def still_signed_in(request: web.Request) -> bool:
    """Whether the session of a stream that stays open goes on; asking does not keep it alive."""
    token = request.cookies.get(cookie_name(request.app))
    return token is not None and await run(request, request.app[SESSIONS].find, token, False) is not None


# -- the guard -----------------------------------------------------------------


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Deny by default: an address of the console that names no role is served to nobody."""
    route = request.app[TABLE].find(request)
    if route is None:
        if is_ours(request.path) and request.match_info.http_exception is None:
            raise Refused(403, "Not open", "Nobody may use this address.")
        return await handler(request)
    if route.stage is not None:
        if (opening := await _admit(request, route)) is not None:
            return opening
        if request.method != "GET":
            await _check_csrf(request)
    return await handler(request)


def is_ours(path: str) -> bool:
    """Whether an address belongs to the console."""
    return path == HOME or path.startswith(f"{HOME}/")


async def _admit(request: web.Request, route: Route) -> web.Response | None:
    """Note who asks. Raises Refused for who may not, HTTPSeeOther for who has to go elsewhere first."""
    token = request.cookies.get(cookie_name(request.app))
    found = await run(request, request.app[SESSIONS].find, token, not route.background) if token else None
    if found is None:
        return _to_sign_in(request)
    request[_SIGNED_IN] = found
    if found.session.stage is not route.stage:
        raise web.HTTPSeeOther(_HALF_WAY.get(found.session.stage, HOME))
    if route.stage is Stage.SIGNED_IN:
        require(request, *route.roles)
    return None


def _to_sign_in(request: web.Request) -> web.Response:
    """A page that opens the same address again, if the cookie may only have been withheld; else raises."""
    accepted = request.headers.get("Accept", "")
    if request.method != "GET" or any(kind in accepted for kind in _NO_PAGES):
        raise Refused(401, "Signed out", "Your session is over. Sign in again; nothing was changed.")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # The cookie is not sent when another site leads here: the same request from a page of ours has it.
        return web.Response(text=_bounce(request), content_type="text/html")
    raise web.HTTPSeeOther(f"{SIGN_IN}?to={quote(request.path_qs, safe='/')}")


def _bounce(request: web.Request) -> str:
    address = escape(str(request.rel_url))
    return (
        f'<!doctype html><html lang="en"><title>Opening</title><meta http-equiv="refresh" content="0; url={address}">'
    )


async def _check_csrf(request: web.Request) -> None:
    """Raise Refused for a change that no page of ours asked for."""
    check_origin(request)
    given = request.headers.get(CSRF_HEADER) or (await form(request)).get(CSRF_FIELD, "")
    if not same(given, signed_in(request).session.csrf):
        raise Refused(403, "Not accepted", "This page was out of date. Go back, load it again, and repeat the change.")


def check_origin(request: web.Request) -> None:
    """Raise Refused unless the browser says that a page of ours sends this."""
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    if not origin or origin not in (request.host, urlsplit(request.app[PUBLIC_URL]).netloc):
        raise Refused(403, "Not accepted", "The request did not come from a page of this console.")


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how far they are."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


# -- the cookie ----------------------------------------------------------------


def is_secure(app: web.Application) -> bool:
    """Whether browsers reach us by TLS."""
    return app[PUBLIC_URL].startswith("https:")


def cookie_name(app: web.Application, name: str = "staff") -> str:
    """Behind TLS with the prefix that no other host and no plain connection can set."""
    return f"__Host-{name}" if is_secure(app) else name


def set_cookie(
    app: web.Application,
    response: web.StreamResponse,
    value: str,
    name: str = "staff",
    max_age: int | None = None,
    samesite: str = "Strict",
) -> None:
    """A cookie that scripts cannot read and other sites cannot send; without `max_age` (s) it ends with the browser."""
    response.set_cookie(
        cookie_name(app, name),
        value,
        max_age=max_age,
        path="/",
        secure=is_secure(app),
        httponly=True,
        samesite=samesite,
    )


def clear_cookie(app: web.Application, response: web.StreamResponse, name: str = "staff") -> None:
    """Take it back."""
    response.del_cookie(cookie_name(app, name), path="/", secure=is_secure(app), httponly=True, samesite="Strict")
