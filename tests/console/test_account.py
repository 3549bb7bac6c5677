"""One's own account: password, second factor, sessions, and the password again before what is sensitive."""

from __future__ import annotations

import re

import pyotp
import pytest

from bot.domain.staff import Role
from tests.harness.clock import FakeClock
from tests.harness.console import PASSWORD, Browser, ConsoleHouse

OTHER = "other words entirely here"
NOOR = "noor@example.org"


def change(old: str = PASSWORD, new: str = OTHER, again: str | None = None) -> dict[str, str]:
    """The form of another password."""
    return {"old_password": old, "new_password": new, "new_password_again": new if again is None else again}


@pytest.fixture
async def noor(console: ConsoleHouse) -> Browser:
    """Noor at work, with the page of the account open."""
    browser = console.at_work(console.account(NOOR, person="noor"))
    await browser.get("/staff/account")
    return browser


async def test_the_account_says_who_one_is(noor: Browser) -> None:
    shown = await noor.get("/staff/account")
    assert "<dd>noor@example.org</dd>" in shown.text
    assert "<dd>noor</dd>" in shown.text
    assert 'Firefox <span class="badge badge--good">this one</span>' in shown.text


async def test_another_password_signs_out_everywhere_else(console: ConsoleHouse, noor: Browser) -> None:
    elsewhere = console.browser()
    await elsewhere.sign_in(NOOR)
    shown = await noor.post("/staff/account/password", change())
    assert "You are signed out everywhere else" in shown.said
    assert (await elsewhere.get("/staff/account")).title == "Sign in"
    assert (await noor.get("/staff/account")).title == "Your account"
    assert (await elsewhere.sign_in(NOOR, OTHER, to="/staff/account")).title == "Your account"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (change(old="not my password"), "The present password is not right."),
        (change(new="short"), "Use 12 characters or more"),
        (change(again="something else"), "The two new passwords are not the same."),
        ({}, "The present password is not right."),
    ],
)
async def test_a_password_that_cannot_be_changed_says_why(noor: Browser, fields: dict[str, str], said: str) -> None:
    shown = await noor.post("/staff/account/password", fields)
    assert (shown.status, said in shown.said) == (422, True)


async def test_everywhere_else_is_signed_out(console: ConsoleHouse, noor: Browser) -> None:
    elsewhere = console.browser()
    await elsewhere.sign_in(NOOR)
    assert (await noor.post("/staff/account/sign-out-elsewhere")).said == "Signed out in 1 other browser."
    assert (await elsewhere.get("/staff/account")).title == "Sign in"


# -- second factor -------------------------------------------------------------


async def test_a_second_factor_is_set_up_and_asked_for_from_then_on(
    console: ConsoleHouse, noor: Browser, clock: FakeClock
) -> None:
    shown = await noor.get("/staff/account/second-factor")
    found = re.search(r'class="mono">([A-Z2-7 ]+)<', shown.text)
    assert found is not None
    app = pyotp.TOTP(found[1].replace(" ", ""))
    picture = await noor.get("/staff/account/second-factor/code.svg")
    assert picture.text.startswith("<?xml")
    await noor.get("/staff/account/second-factor")
    shown = await noor.post("/staff/account/second-factor", {"code": app.at(clock())})
    assert shown.title == "Your recovery codes"
    assert len(re.findall(r"<li>\w{5}-\w{5}</li>", shown.text)) == 10
    assert (await console.browser().sign_in(NOOR)).title == "Second step"


async def test_a_wrong_first_code_says_so_and_keeps_the_picture(noor: Browser) -> None:
    secret = re.search(r'class="mono">([A-Z2-7 ]+)<', (await noor.get("/staff/account/second-factor")).text)
    shown = await noor.post("/staff/account/second-factor", {"code": "000000"})
    assert (shown.status, "not right" in shown.said) == (422, True)
    assert secret is not None
    assert secret[1] in shown.text


async def test_new_recovery_codes_are_shown_once(console: ConsoleHouse, clock: FakeClock) -> None:
    noor = console.account(NOOR)
    console.with_app(noor)
    browser = console.at_work(noor)
    assert "10 recovery codes left" in (await browser.get("/staff/account")).text
    shown = await browser.post("/staff/account/recovery-codes")
    assert shown.title == "Your recovery codes"
    assert not re.search(r"<li>\w{5}-\w{5}</li>", (await browser.get("/staff/account")).text)


# -- the password again --------------------------------------------------------

SENSITIVE = (
    ("GET", "/staff/account/second-factor"),
    ("GET", "/staff/account/second-factor/code.svg"),
    ("POST", "/staff/account/second-factor"),
    ("POST", "/staff/account/recovery-codes"),
    ("POST", "/staff/people"),
    ("POST", "/staff/people/{id}/role"),
    ("POST", "/staff/people/{id}/disabled"),
    ("POST", "/staff/people/{id}/password"),
    ("POST", "/staff/people/{id}/second-factor"),
)


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
async def test_what_is_sensitive_asks_for_the_password_again_after_ten_minutes(
    console: ConsoleHouse, clock: FakeClock, method: str, path: str
) -> None:
    browser = console.signed_in(Role.MANAGER)
    other = console.account("lee@example.org")
    await browser.get("/staff/account")
    before = console.audited()
    clock.move(minutes=10)
    address = path.replace("{id}", other.id)
    shown = await (browser.get(address) if method == "GET" else browser.post(address, {"disabled": "yes"}))
    assert shown.title == "Your password again"
    assert console.audited() == before
    shown = await browser.post(shown.path, {"password": PASSWORD})
    assert shown.path in (
        "/staff/account/second-factor",
        "/staff/account",
        "/staff/people",
        f"/staff/people/{other.id}",
    )


async def test_the_password_again_gives_another_session_id(
    console: ConsoleHouse, noor: Browser, clock: FakeClock
) -> None:
    before = noor.cookie()
    shown = await noor.get("/staff/confirm?to=/staff/account")
    await noor.post(shown.path, {"password": PASSWORD})
    assert noor.cookie() not in (before, None)
    assert console.office.sessions.find(before or "", False) is None


async def test_a_wrong_password_is_said_and_leads_on_nowhere(noor: Browser) -> None:
    shown = await noor.get("/staff/confirm?to=https://example.org/")
    for status in (401, 401, 401, 401, 401, 429):
        shown = await noor.post(shown.path, {"password": "not my password"})
        assert (shown.status, shown.title) == (status, "Your password again")
