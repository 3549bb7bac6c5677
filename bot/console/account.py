"""One's own account: password, second factor, sessions."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from bot.console import pages, parts, qr
from bot.console.auth import form, run, signed_in
from bot.console.routing import Route, get, post
from bot.domain.staff import EVERYBODY
from bot.services.accounts import AccountRefused
from bot.services.sign_in import LockedOut, NotSignedIn

ACCOUNT: Final = "/staff/account"
_CONFIRM: Final = "/staff/confirm"
_FACTOR: Final = "/staff/account/second-factor"


def routes() -> list[Route]:
    """Everybody keeps their own account."""
    return [
        get(ACCOUNT, look, *EVERYBODY),
        post("/staff/account/password", change_password, *EVERYBODY),
        post("/staff/account/sign-out-elsewhere", sign_out_elsewhere, *EVERYBODY),
        get(_FACTOR, look_at_factor, *EVERYBODY),
        get("/staff/account/second-factor/code.svg", show_code, *EVERYBODY),
        post(_FACTOR, set_factor, *EVERYBODY),
        post("/staff/account/recovery-codes", new_codes, *EVERYBODY),
        get(_CONFIRM, look_at_confirm, *EVERYBODY),
        post(_CONFIRM, confirm, *EVERYBODY),
    ]


async def prove(request: web.Request, back: str | None = None) -> None:
    """Before something sensitive: raises HTTPSeeOther to where the password is asked for, unless it was given lately.

    `back`: where to go after, if not to this address.
    """
    if not request.app[parts.SESSION_DESK].is_proved(signed_in(request).session):
        raise web.HTTPSeeOther(f"{_CONFIRM}?to={quote(back or request.path_qs, safe='/')}")


# -- the page ------------------------------------------------------------------


async def look(request: web.Request) -> web.Response:
    """What there is to keep."""
    return await _page(request)


async def _page(request: web.Request, error: str = "", status: int = 200) -> web.Response:
    found = signed_in(request)
    view = await run(request, request.app[parts.ACCOUNTS].get, found.staff.id)
    sessions = await run(request, request.app[parts.SESSION_DESK].of, found.staff.id)
    left = await run(request, request.app[parts.ACCOUNTS].recovery_codes_left, found.staff.id)
    values = {"view": view, "sessions": sessions, "codes_left": left, "error": error}
    return pages.render(request, "account.html", status=status, **values)


async def change_password(request: web.Request) -> web.Response:
    """The present one, and another twice."""
    fields = await form(request)
    if fields.get("new_password") != fields.get("new_password_again"):
        return await _page(request, "The two new passwords are not the same.", 422)
    work = request.app[parts.ACCOUNTS].change_password
    given = fields.get("old_password", ""), fields.get("new_password", "")
    try:
        await run(request, work, signed_in(request), *given, on=parts.HASHERS)
    except AccountRefused as error:
        return await _page(request, str(error), 422)
    return pages.redirect(request, ACCOUNT, "Your password is changed. You are signed out everywhere else.")


async def sign_out_elsewhere(request: web.Request) -> web.Response:
    """Every other session ends."""
    count = await run(request, request.app[parts.SESSION_DESK].end_others, signed_in(request))
    text = f"Signed out in {count} other browser{'' if count == 1 else 's'}."
    return pages.redirect(request, ACCOUNT, text)


# -- second factor -------------------------------------------------------------


async def look_at_factor(request: web.Request) -> web.Response:
    """Set one up, or another one."""
    await prove(request)
    return await qr.page(request, "own_factor.html")


async def show_code(request: web.Request) -> web.Response:
    """Its QR code."""
    await prove(request, _FACTOR)
    return await qr.image(request)


async def set_factor(request: web.Request) -> web.Response:
    """A first code of the new app."""
    await prove(request, _FACTOR)
    work = request.app[parts.ACCOUNTS].confirm_second_factor
    code, found = (await form(request)).get("code", ""), signed_in(request)
    try:
        codes, _ = await run(request, work, found, code, parts.visitor(request), request.app[parts.SIGN_IN])
    except AccountRefused as error:
        return await qr.page(request, "own_factor.html", status=422, error=str(error))
    return pages.render(request, "recovery_codes.html", codes=codes, to=ACCOUNT)


async def new_codes(request: web.Request) -> web.Response:
    """Other recovery codes, shown once."""
    await prove(request, ACCOUNT)
    codes = await run(request, request.app[parts.ACCOUNTS].new_recovery_codes, signed_in(request))
    return pages.render(request, "recovery_codes.html", codes=codes, to=ACCOUNT)


# -- the password again --------------------------------------------------------


async def look_at_confirm(request: web.Request) -> web.Response:
    """Where it is typed."""
    return await _confirm_page(request)


async def confirm(request: web.Request) -> web.Response:
    """Then on to where somebody wanted to go, under another session id."""
    password = (await form(request)).get("password", "")
    try:
        work = request.app[parts.SIGN_IN].prove
        token = await run(request, work, signed_in(request), password, on=parts.HASHERS)
    except (LockedOut, NotSignedIn) as error:
        return await _confirm_page(request, str(error), 429 if isinstance(error, LockedOut) else 401)
    response = pages.redirect(request, request.query.get("to", ""))
    parts.give_session(request, response, token)
    return response


async def _confirm_page(request: web.Request, error: str = "", status: int = 200) -> web.Response:
    view = await run(request, request.app[parts.ACCOUNTS].get, signed_in(request).staff.id)
    to = pages.local(request.query.get("to"))
    values = {"to": to, "error": error, "has_password": view.has_password, "provider": request.app[parts.PROVIDER]}
    return pages.render(request, "confirm.html", status=status, **values)
