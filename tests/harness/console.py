"""The staff console as browsers meet it: the real gateway, and members of staff who are signed in or are not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pyotp
from aiohttp import web

from bot.app import Office, build_sealer, unit_of_work_factory
from bot.console.auth import CSRF_FIELD
from bot.domain.clock import Clock
from bot.domain.staff import Role, Staff
from bot.services import sessions
from bot.services.account_ports import Stage
from bot.services.accounts import AccountDesk, NewAccount
from bot.services.audit import AuditDesk
from bot.services.passwords import Argon2Hasher
from bot.services.sessions import SessionDesk
from bot.services.sign_in import SignIn, Visitor
from bot.services.staff_keys import StaffKeys
from bot.settings import Settings
from bot.storage.engine import create_engine
from bot.storage.guard import GuardedUnitsOfWork

PASSWORD = "seven plain teacups waltz"
# As weak as argon2 can be: a test makes many.
HASHER = Argon2Hasher(memory_kib=8, time=1, lanes=1)


def build_office(settings: Settings, unit_of_work: GuardedUnitsOfWork, clock: Clock) -> Office:
    """The use cases of accounts, with passwords that cost nothing."""
    keys = StaffKeys(settings.secret_key)
    return Office(
        accounts=AccountDesk(unit_of_work, clock, HASHER, keys, settings.on_call.people),
        sessions=SessionDesk(unit_of_work, unit_of_work.reader, clock, settings.sign_in),
        sign_in=SignIn(unit_of_work, clock, settings.sign_in, keys, HASHER),
        audit=AuditDesk(unit_of_work, unit_of_work.reader, clock),
    )


@dataclass(frozen=True)
class Shown:
    """What a browser shows, and where it is."""

    status: int
    path: str
    text: str
    headers: Mapping[str, str]

    @property
    def said(self) -> str:
        """All notices, as somebody reads them."""
        found = re.findall(r'<p class="notice[^"]*"[^>]*>(.*?)</p>', self.text, re.S)
        return "\n".join(found)

    @property
    def title(self) -> str:
        """The heading of the page."""
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.S)
        return found[1] if found else ""

    def field(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return found[1] if found else ""


class Browser:
    """One browser: it keeps cookies, says where its forms come from, and follows where it is led."""

    def __init__(self, url: str) -> None:
        self.url = url
        origin = urlsplit(url)
        self.origin = f"{origin.scheme}://{origin.netloc}"
        # Unsafe: it takes cookies of an address without a name, as browsers do.
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.page = Shown(0, "", "", {})

    async def get(self, path: str, follow: bool = True, **headers: str) -> Shown:
        """Open an address."""
        return await self._ask("GET", path, follow, headers=headers)

    async def post(
        self, path: str, fields: Mapping[str, str] | None = None, follow: bool = True, **headers: str
    ) -> Shown:
        """Send a form as the page that is open has it: with its token."""
        tokens = {name: self.page.field(name) for name in (CSRF_FIELD, "entry")}
        data = {**{name: value for name, value in tokens.items() if value}, **(fields or {})}
        return await self._ask("POST", path, follow, data=data, headers={"Origin": self.origin, **headers})

    async def sign_in(self, user_name: str, password: str = PASSWORD, to: str = "") -> Shown:
        """Name and password, as somebody types them."""
        address = f"/staff/sign-in?to={to}" if to else "/staff/sign-in"
        await self.get(address)
        return await self.post(address, {"user_name": user_name, "password": password})

    def cookie(self, name: str = "staff") -> str | None:
        """What it keeps."""
        return next((morsel.value for morsel in self.session.cookie_jar if morsel.key == name), None)

    def keep(self, name: str, value: str) -> None:
        """Have it keep a cookie."""
        self.session.cookie_jar.update_cookies({name: value}, aiohttp.client.URL(self.url))

    async def _ask(self, method: str, path: str, follow: bool, **options: Any) -> Shown:
        async with self.session.request(method, self.url + path, allow_redirects=follow, **options) as answer:
            # A stream has no end.
            text = "" if answer.content_type == "text/event-stream" else await answer.text()
            self.page = Shown(answer.status, answer.url.raw_path_qs, text, answer.headers)
        return self.page


@dataclass
class ConsoleHouse:
    """A gateway, its accounts, and browsers in front of it."""

    url: str
    app: web.Application
    settings: Settings
    clock: Clock
    office: Office = field(init=False)
    unit_of_work: GuardedUnitsOfWork = field(init=False)
    browsers: list[Browser] = field(default_factory=list)

    def __post_init__(self) -> None:
        engine = create_engine(self.settings.database_url)
        self.unit_of_work = unit_of_work_factory(engine, build_sealer(self.settings))
        self.office = build_office(self.settings, self.unit_of_work, self.clock)

    def account(self, user_name: str = "noor@example.org", role: Role = Role.NURSE, person: str | None = None) -> Staff:
        """Somebody with an account and the password of the cast."""
        new = NewAccount(user_name, user_name.partition("@")[0].title(), role, person, PASSWORD)
        return self.office.accounts.add("test", new)[0]

    def browser(self) -> Browser:
        """Nobody has signed in here."""
        self.browsers.append(Browser(self.url))
        return self.browsers[-1]

    def at_work(self, staff: Staff, stage: Stage = Stage.SIGNED_IN) -> Browser:
        """A browser in which they have signed in."""
        with self.unit_of_work() as uow:
            account = uow.accounts.get(staff.id)
            assert account is not None
            token = sessions.begin(uow, account, stage, "Firefox", self.clock())
            uow.commit()
        browser = self.browser()
        browser.keep("staff", token)
        return browser

    def signed_in(self, role: Role, person: str | None = None) -> Browser:
        """A new account of a role, signed in."""
        name = f"{role}-{len(self.browsers)}@example.org"
        return self.at_work(self.account(name, role, person))

    def with_app(self, staff: Staff) -> pyotp.TOTP:
        """Set up a second factor for somebody; returns what their telephone has."""
        found = self.office.sessions.find(self.at_work(staff).cookie() or "", False)
        assert found is not None
        app = pyotp.TOTP(self.office.accounts.offer_second_factor(found))
        again = self.office.sessions.find(self.browsers[-1].cookie() or "", False)
        assert again is not None
        self.office.accounts.confirm_second_factor(again, app.at(self.clock()), Visitor(""), self.office.sign_in)
        return app

    def audited(self) -> list[tuple[str, str, str]]:
        """Who did what about whom, in order."""
        with self.unit_of_work() as uow:
            return [(entry.actor, entry.action, entry.subject) for entry in uow.audit.entries(0, 1000)]

    async def close(self) -> None:
        """Close the browsers."""
        for browser in self.browsers:
            await browser.session.close()
