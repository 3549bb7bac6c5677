"""How a page of the console is made: its template, what every page shows, its headers."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web
from aiohttp.typedefs import Handler
from markupsafe import Markup

from bot.console import auth
from bot.console.auth import Refused, someone
from bot.console.signed import Signer
from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.errors import StorageUnavailable
from bot.domain.on_call import Person
from bot.domain.staff import Role
from bot.services.account_ports import SignedIn, Stage

_FOLDER: Final = Path(__file__).parent
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".mp3": "audio/mpeg"}
_FLASH: Final = "flash"
_FLASH_LIFETIME: Final = timedelta(minutes=5)

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would then hide the origin of a form, which is checked.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_ONLY_TLS: Final = "max-age=31536000"

CLINIC = web.AppKey("console_clinic", Clinic)
IDLE = web.AppKey("console_idle", timedelta)
ZONE = web.AppKey("console_zone", ZoneInfo)
PEOPLE: web.AppKey[Mapping[str, Person]] = web.AppKey("console_people")
CLOCK: web.AppKey[Clock] = web.AppKey("console_clock")
SIGNER = web.AppKey("console_signer", Signer)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation, for some roles."""

    href: str
    label: str
    roles: frozenset[Role]


NAVIGATION = web.AppKey("console_navigation", tuple[NavItem, ...])


# -- what pages use ------------------------------------------------------------


def render(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """A page from `templates/`, with the name of the clinic, who is signed in, and what there is to tell them."""
    note = request.cookies.get(auth.cookie_name(request.app, _FLASH), "")
    flash = request.app[SIGNER].open(_FLASH, note, request.app[CLOCK]()) if note else None
    context = {**_common(request), "flash": flash, **values}
    response = aiohttp_jinja2.render_template(template, request, context, status=status)
    if note:
        auth.clear_cookie(request.app, response, _FLASH)
    return response


def fragment(request: web.Request, template: str, **values: Any) -> str:
    """A piece of a page, for a script that puts it where the old one is."""
    return aiohttp_jinja2.render_string(template, request, {**_common(request), **values})


def redirect(request: web.Request, to: str, flash: str = "", kind: str = "done") -> web.Response:
    """To an address of ours after a change; the next page says `flash`. Kinds: done, problem."""
    response = web.Response(status=303, headers={"Location": local(to)})
    if flash:
        note = request.app[SIGNER].sign(_FLASH, {"text": flash, "kind": kind}, request.app[CLOCK](), _FLASH_LIFETIME)
        auth.set_cookie(request.app, response, note, _FLASH)
    return response


def local(address: str | None) -> str:
    """The address if it is one of the console, else its first page: nobody is led elsewhere."""
    given = address or ""
    plain = given.isascii() and given.isprintable() and not any(sign in given for sign in ("\\", "//", " "))
    return given if plain and auth.is_ours(given.partition("?")[0]) else auth.HOME


# -- what every page has -------------------------------------------------------


def _common(request: web.Request) -> dict[str, Any]:
    found = someone(request)
    whole = found if found is not None and found.session.stage is Stage.SIGNED_IN else None
    return {
        "clinic": request.app[CLINIC],
        "staff": whole.staff if whole else None,
        "session": found.session if found else None,
        "csrf": found.session.csrf if found else "",
        "seconds_left": seconds_left(whole, request.app[CLOCK]()) if whole else None,
        "idle_seconds": int(request.app[IDLE].total_seconds()),
        "navigation": [i for i in request.app[NAVIGATION] if whole and whole.staff.role in i.roles],
        "here": request.path,
        "asset": _asset_address,
    }


def seconds_left(found: SignedIn, now: datetime) -> int:
    """Until somebody is signed out who does nothing."""
    return max(0, int((found.ends_at - now).total_seconds()))


def set_up(app: web.Application, clinic: Clinic, zone: ZoneInfo) -> None:
    """Templates that escape everything, and that refuse a value which is not there."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = functools.partial(_moment, zone)
    environment.filters["browser"] = _browser
    app[CLINIC] = clinic
    app[ZONE] = zone


def _moment(zone: ZoneInfo, at: datetime) -> Markup:
    """A time in the clinic's zone, which a script may show as the browser has it."""
    shown = at.astimezone(zone)
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(timespec="seconds"), f"{shown:%Y-%m-%d %H:%M %Z}"
    )


# The first that is found: most browsers also claim to be some others.
_BROWSERS: Final = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS: Final = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


def _browser(agent: str) -> str:
    """What people call the browser that says this of itself."""
    name = next((name for mark, name in _BROWSERS if mark in agent), "Another browser")
    system = next((f" on {system}" for system in _SYSTEMS if system in agent), "")
    return f"{name}{system}"


# -- headers and errors --------------------------------------------------------


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Before any answer of the console goes out, streams and refusals too."""
    if not auth.is_ours(request.path):
        return
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if auth.is_secure(request.app):
        response.headers.setdefault("Strict-Transport-Security", _ONLY_TLS)


@web.middleware
async def errors_as_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever is refused in the console is a page that says what to do; other addresses are left alone."""
    if not auth.is_ours(request.path):
        return await handler(request)
    try:
        return await handler(request)
    except Refused as refused:
        return problem(request, refused.status, refused.title, refused.text)
    except StorageUnavailable:
        text = "The database does not answer. Nothing was changed; try again in a moment."
        return problem(request, 503, "Try again", text)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        title, text = _SAID.get(error.status, (error.reason, "Go back and try again."))
        return problem(request, error.status, title, text)


_SAID: Final = {
    404: ("Not found", "There is nothing at this address. It may have been moved, or mistyped."),
    405: ("Not possible", "This address cannot be used in that way. Go back and try again."),
    413: ("Too long", "That is more than can be taken at once. Shorten it."),
}


def problem(request: web.Request, status: int, title: str, text: str) -> web.Response:
    """A page that says what went wrong and what to do; for scripts the same as JSON."""
    if "application/json" in request.headers.get("Accept", ""):
        return web.json_response({"error": {"title": title, "message": text}}, status=status)
    return render(request, "problem.html", status=status, title=title, text=text)


# -- static files --------------------------------------------------------------


@functools.cache
def _version(name: str) -> str:
    return hashlib.sha256((_FOLDER / "static" / name).read_bytes()).hexdigest()[:12]


def _asset_address(name: str) -> str:
    return f"/staff/static/{name}?v={_version(name)}"


async def static(request: web.Request) -> web.Response:
    """A file of the console; only names that are there, no paths."""
    path = _FOLDER / "static" / request.match_info["name"]
    if path.suffix not in _TYPES or path not in _files():
        raise web.HTTPNotFound
    known = request.query.get("v") == _version(path.name)
    return web.Response(
        body=path.read_bytes(),
        content_type=_TYPES[path.suffix],
        charset=None if path.suffix == ".mp3" else "utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable" if known else "no-cache"},
    )


def _files() -> Iterable[Path]:
    return (_FOLDER / "static").iterdir()
