"""The way in and out: password, second factor, set-up links, signing out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from aiohttp import web

from bot.console import auth, pages, parts, qr
from bot.console.auth import SIGN_IN, form, run, signed_in
from bot.console.routing import Route, half_way, post, public
from bot.domain.staff import EVERYBODY, Role, Staff
from bot.services.account_ports import Stage
from bot.services.accounts import AccountRefused, NewAccount
from bot.services.sign_in import LockedOut, NotSignedIn

_ENTRY: Final = "entry"
_ENTRY_LIFETIME: Final = timedelta(hours=12)
_NEXT: Final = {Stage.SECOND_FACTOR: "/staff/second-factor", Stage.ENROL: "/staff/enrol"}
_STALE: Final = "This page was out of date, or your browser keeps no cookies. Please try again."


def routes() -> list[Route]:
    """Open to everybody, or to who is on the way in."""
    return [
        public("GET", SIGN_IN, look),
        public("POST", SIGN_IN, sign_in),
        half_way(Stage.SECOND_FACTOR, "GET", "/staff/second-factor", look_for_code),
        half_way(Stage.SECOND_FACTOR, "POST", "/staff/second-factor", give_code),
        half_way(Stage.ENROL, "GET", "/staff/enrol", look_at_enrolment),
        half_way(Stage.ENROL, "GET", "/staff/enrol/code.svg", qr.image),
        half_way(Stage.ENROL, "POST", "/staff/enrol", enrol),
        public("GET", "/staff/set-up/{token}", look_at_link),
        public("POST", "/staff/set-up/{token}", use_link),
        post("/staff/sign-out", sign_out, *EVERYBODY),
    ]


# -- password ------------------------------------------------------------------


async def look(request: web.Request) -> web.Response:
    """The form. Whoever is signed in already goes on."""
    token = request.cookies.get(auth.cookie_name(request.app))
    found = await run(request, request.app[auth.SESSIONS].find, token, False) if token else None
    if found is not None and found.session.stage is Stage.SIGNED_IN:
        raise web.HTTPSeeOther(_to(request))
    return sign_in_page(request, over="over" in request.query)


async def sign_in(request: web.Request) -> web.Response:
    """Name and password."""
    fields = await _entry_form(request)
    if fields is None:
        return sign_in_page(request, error=_STALE, status=403)
    name, password = fields.get("user_name", ""), fields.get("password", "")
    try:
        work = request.app[parts.SIGN_IN].with_password
        begun = await run(request, work, name, password, parts.visitor(request), on=parts.HASHERS)
    except LockedOut as locked:
        wait = {"Retry-After": str(int(locked.wait.total_seconds()) + 1)}
        return sign_in_page(request, error=str(locked), user_name=name, status=429, headers=wait)
    except NotSignedIn as error:
        return sign_in_page(request, error=str(error), user_name=name, status=401)
    return await parts.enter(request, begun, _onward(request, begun.stage))


def sign_in_page(
    request: web.Request,
    error: str = "",
    user_name: str = "",
    status: int = 200,
    over: bool = False,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The form, with what went wrong."""
    values = {"error": error, "user_name": user_name, "over": over, "provider": request.app[parts.PROVIDER]}
    response = _entry_page(request, "sign_in.html", status, to=_to(request), **values)
    response.headers.update(headers or {})
    return response


# -- second factor -------------------------------------------------------------


async def look_for_code(request: web.Request) -> web.Response:
    """Where the code is typed."""
    return pages.render(request, "second_factor.html", to=_to(request), error="")


async def give_code(request: web.Request) -> web.Response:
    """A code of the app, or a recovery code."""
    code = (await form(request)).get("code", "")
    try:
        work = request.app[parts.SIGN_IN].with_code
        begun = await run(request, work, signed_in(request), code, parts.visitor(request))
    except (LockedOut, NotSignedIn) as error:
        status = 429 if isinstance(error, LockedOut) else 401
        return pages.render(request, "second_factor.html", status=status, to=_to(request), error=str(error))
    return await parts.enter(request, begun, _to(request))


async def look_at_enrolment(request: web.Request) -> web.Response:
    """The QR code, and where the first code is typed."""
    return await qr.page(request, "enrol.html", to=_to(request))


async def enrol(request: web.Request) -> web.Response:
    """The first code shows that the app works; from now on the session is whole."""
    work = request.app[parts.ACCOUNTS].confirm_second_factor
    code = (await form(request)).get("code", "")
    try:
        codes, token = await run(
            request, work, signed_in(request), code, parts.visitor(request), request.app[parts.SIGN_IN]
        )
    except AccountRefused as error:
        return await qr.page(request, "enrol.html", status=422, error=str(error), to=_to(request))
    response = pages.render(request, "recovery_codes.html", codes=codes, to=_to(request))
    if token is not None:
        parts.give_session(request, response, token)
    return response


# -- set-up links --------------------------------------------------------------


async def look_at_link(request: web.Request) -> web.Response:
    """Opening it changes nothing: mail scanners open links."""
    return _set_up_page(request, await _link(request), {})


async def use_link(request: web.Request) -> web.Response:
    """Choose a password, or make the first account."""
    staff = await _link(request)
    fields = await _entry_form(request)
    if fields is None:
        return _set_up_page(request, staff, {}, _STALE, 403)
    if fields.get("password", "") != fields.get("password_again", ""):
        return _set_up_page(request, staff, fields, "The two passwords are not the same.", 422)
    try:
        await run(request, _set_up, request, staff, fields, on=parts.HASHERS)
    except AccountRefused as error:
        return _set_up_page(request, staff, fields, str(error), 422)
    return pages.redirect(request, SIGN_IN, "Your password is set. Sign in with it.")


def _set_up(request: web.Request, staff: Staff | None, fields: Mapping[str, str]) -> None:
    desk, token = request.app[parts.ACCOUNTS], request.match_info["token"]
    if staff is not None:
        desk.choose_password(token, fields.get("password", ""))
        return
    new = NewAccount(
        fields.get("user_name", ""), fields.get("name", ""), Role.MANAGER, None, fields.get("password", "")
    )
    desk.make_first(token, new)


async def _link(request: web.Request) -> Staff | None:
    try:
        return await run(request, request.app[parts.ACCOUNTS].link, request.match_info["token"])
    except AccountRefused as error:
        raise auth.Refused(410, "This link is over", str(error)) from None


def _set_up_page(
    request: web.Request, staff: Staff | None, fields: Mapping[str, str], error: str = "", status: int = 200
) -> web.Response:
    return _entry_page(request, "set_up.html", status, whose=staff, fields=fields, error=error)


# -- out -----------------------------------------------------------------------


async def sign_out(request: web.Request) -> web.Response:
    """The session is over; the browser forgets the page."""
    await run(request, request.app[parts.SESSION_DESK].sign_out, signed_in(request))
    response = pages.redirect(request, SIGN_IN, "You are signed out.")
    auth.clear_cookie(request.app, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


# -- forms before there is a session -------------------------------------------


def _entry_page(request: web.Request, template: str, status: int, **values: object) -> web.Response:
    """A page whose form is good for this browser alone: nobody else signs it in to an account of theirs."""
    mark = request.cookies.get(auth.cookie_name(request.app, _ENTRY)) or secrets.token_urlsafe(18)
    note = request.app[pages.SIGNER].sign(_ENTRY, {"mark": mark}, request.app[pages.CLOCK](), _ENTRY_LIFETIME)
    response = pages.render(request, template, status=status, entry=note, **values)
    auth.set_cookie(request.app, response, mark, _ENTRY)
    return response


async def _entry_form(request: web.Request) -> Mapping[str, str] | None:
    """The fields; None unless the form is one that we gave to this browser."""
    auth.check_origin(request)
    fields = await form(request)
    note = request.app[pages.SIGNER].open(_ENTRY, fields.get("entry", ""), request.app[pages.CLOCK]())
    mark = request.cookies.get(auth.cookie_name(request.app, _ENTRY), "")
    return fields if note is not None and mark and auth.same(note["mark"], mark) else None


def _to(request: web.Request) -> str:
    return pages.local(request.query.get("to"))


def _onward(request: web.Request, stage: Stage) -> str:
    """To the next step, which knows where to go after it."""
    to = _to(request)
    return f"{_NEXT[stage]}?to={quote(to, safe='/')}" if stage in _NEXT else to
