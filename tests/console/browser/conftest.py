"""A real browser in front of a real gateway, for the staff's side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot import app as composition
from bot.app import Office, build_office
from bot.domain.staff import Role, Staff
from bot.services.accounts import NewAccount
from tests.harness.console import HASHER, PASSWORD
from tests.widget.conftest import SetStage, browser, chromium, set_stage
from tests.widget.stage import Stage

__all__ = ["browser", "chromium", "set_stage"]

WAIT_MILLISECONDS = 30_000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A form that is refused is answered with an error on purpose.
_EXPECTED = re.compile(r"status of (401|403|404|410|422|429)")


@dataclass
class Desk:
    """One member of staff at a browser."""

    page: Page
    stage: Stage
    office: Office
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """To an address of the gateway."""
        self.page.goto(self.stage.home.rstrip("/") + path)

    def account(self, user_name: str = "noor@example.org", role: Role = Role.NURSE, person: str | None = None) -> Staff:
        """Somebody with an account and the password of the cast."""
        new = NewAccount(user_name, "Noor Aziz", role, person, PASSWORD)
        return self.office.accounts.add("test", new)[0]

    def sign_in(self, user_name: str = "noor@example.org", to: str = "/staff/account") -> None:
        """Name and password, from the page that was asked for."""
        self.go(to)
        self.page.get_by_label("User name").fill(user_name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page).not_to_have_url(re.compile("/staff/sign-in"))

    def heading(self, text: str) -> None:
        """The page that is open is called this."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

    def check_with_axe(self, axe: str) -> None:
        """Fails with what axe objects to, and where."""
        self.page.evaluate(f"() => {{ if (!window.axe) {{ {axe} }} }}")
        found = self.page.evaluate("(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", TAGS)
        objections = [
            f"{rule['id']} {node['target']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert objections == []
        assert found["passes"], "axe has looked at nothing"

    @property
    def is_too_wide(self) -> bool:
        """Whether anything needs sideways scrolling."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    @property
    def unexpected(self) -> list[str]:
        """What the browser complained about, and should not have."""
        return [text for text in self.complaints if not _EXPECTED.search(text)]


OpenDesk = Callable[..., Desk]


@pytest.fixture(scope="session")
def axe() -> str:
    """Axe itself, from the package that ships it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def open_desk(browser: Browser, set_stage: SetStage, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenDesk]:
    """Open a browser; `console` is that section of clinic.yml, other keywords are those of a browser context."""
    monkeypatch.setattr(composition, "Argon2Hasher", lambda: HASHER)
    desks: list[Desk] = []
    contexts = []

    def start(console: dict[str, Any] | None = None, **options: Any) -> Desk:
        stage = desks[0].stage if desks else set_stage({"console": console or {"second_factor": "optional"}})
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        expect.set_options(timeout=WAIT_MILLISECONDS)
        desk = Desk(page, stage, build_office(stage.settings, stage.engine))
        page.on("console", lambda m: desk.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        page.on("request", lambda request: desk.addresses.append(request.url))
        desks.append(desk)
        return desk

    yield start
    for context in contexts:
        context.close()
    for desk in desks:
        assert desk.unexpected == []
        assert [address for address in desk.addresses if not address.startswith("http://127.0.0.1:")] == []


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """A browser with nothing special; the second factor is optional."""
    return open_desk()
