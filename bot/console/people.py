"""Accounts of the staff, as managers keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from aiohttp import web

from bot.console import auth, pages, parts
from bot.console.account import prove
from bot.console.auth import form, require, run
from bot.console.routing import Route, get, post
from bot.domain.on_call import OnCall
from bot.domain.staff import Role
from bot.services.accounts import AccountDesk, AccountRefused, NewAccount

T = TypeVar("T")

PEOPLE: Final = "/staff/people"
_ONE: Final = "/staff/people/{id}"

ON_CALL = web.AppKey("console_on_call", OnCall)


def routes() -> list[Route]:
    """For managers alone; each change asks for the password if it was not given lately."""
    return [
        get(PEOPLE, look, Role.MANAGER),
        post(PEOPLE, add, Role.MANAGER),
        get(_ONE, look_at_one, Role.MANAGER),
        post(f"{_ONE}/role", set_role, Role.MANAGER),
        post(f"{_ONE}/disabled", set_disabled, Role.MANAGER),
        post(f"{_ONE}/password", reset_password, Role.MANAGER),
        post(f"{_ONE}/second-factor", reset_second_factor, Role.MANAGER),
    ]


async def look(request: web.Request) -> web.Response:
    """Everybody, and a form for one more."""
    return await _page(request, {})


async def _page(request: web.Request, fields: dict[str, str], error: str = "", status: int = 200) -> web.Response:
    views = await run(request, request.app[parts.ACCOUNTS].listing)
    taken = {view.staff.person for view in views}
    people = [(p.id, f"{p.name}, {p.role}") for p in request.app[ON_CALL].people.values() if p.id not in taken]
    values = {"views": views, "people": people, "fields": fields, "error": error}
    return pages.render(request, "people.html", status=status, **values)


async def add(request: web.Request) -> web.Response:
    """One more, who chooses a password by a link that is shown once."""
    await prove(request, PEOPLE)
    fields = dict(await form(request))
    try:
        new = NewAccount(fields["user_name"], fields["name"], Role(fields["role"]), fields.get("person") or None)
        staff, token = await run(request, _accounts(request).add, _by(request), new)
    except (KeyError, ValueError):
        return await _page(request, fields, "Fill in the name, the user name and the role.", 422)
    except AccountRefused as error:
        return await _page(request, fields, str(error), 422)
    return _link_page(request, staff.name, token or "")


async def look_at_one(request: web.Request) -> web.Response:
    """One account, with what can be done with it."""
    view = await _known(request, lambda: _accounts(request).get(request.match_info["id"]))
    own = view.staff.id == require(request).id
    return pages.render(request, "person.html", view=view, roles=[(r, r) for r in Role], own=own)


async def set_role(request: web.Request) -> web.Response:
    """Another role."""
    await prove(request, _address(request))
    try:
        role = Role((await form(request)).get("role", ""))
    except ValueError:
        raise auth.Refused(422, "Not possible", "Choose one of the roles of the list.") from None

    def work(desk: AccountDesk, by: str, staff_id: str) -> str:
        return f"{desk.set_role(by, staff_id, role).name} is {role} now."

    return await _change(request, work)


async def set_disabled(request: web.Request) -> web.Response:
    """Shut or open an account."""
    disabled = (await form(request)).get("disabled") == "yes"

    def work(desk: AccountDesk, by: str, staff_id: str) -> str:
        name = desk.set_disabled(by, staff_id, disabled).name
        return f"{name} is signed out and cannot sign in." if disabled else f"{name} can sign in again."

    return await _change(request, work)


async def reset_second_factor(request: web.Request) -> web.Response:
    """For who has lost the app and the codes."""

    def work(desk: AccountDesk, by: str, staff_id: str) -> str:
        return f"{desk.reset_second_factor(by, staff_id).name} sets up a second factor at the next sign-in."

    return await _change(request, work)


async def reset_password(request: web.Request) -> web.Response:
    """The old password is void; a link to choose another is shown once."""
    await prove(request, _address(request))
    staff_id = request.match_info["id"]
    view = await _known(request, lambda: _accounts(request).get(staff_id))
    token = await _known(request, lambda: _accounts(request).reset_password(_by(request), staff_id))
    return _link_page(request, view.staff.name, token)


async def _change(request: web.Request, work: Callable[[AccountDesk, str, str], str]) -> web.Response:
    """Do it and say so on the account's page; what is refused is said there, too."""
    await prove(request, _address(request))
    try:
        done = await run(request, work, _accounts(request), _by(request), request.match_info["id"])
    except AccountRefused as error:
        return pages.redirect(request, _address(request), str(error), "problem")
    return pages.redirect(request, _address(request), done)


async def _known(request: web.Request, work: Callable[[], T]) -> T:
    try:
        return await run(request, work)
    except AccountRefused:
        raise web.HTTPNotFound from None


def _link_page(request: web.Request, name: str, token: str) -> web.Response:
    link = f"{request.app[auth.PUBLIC_URL]}/staff/set-up/{token}"
    return pages.render(request, "link.html", name=name, link=link)


def _address(request: web.Request) -> str:
    return f"{PEOPLE}/{request.match_info['id']}"


def _accounts(request: web.Request) -> AccountDesk:
    return request.app[parts.ACCOUNTS]


def _by(request: web.Request) -> str:
    return require(request).user_name
