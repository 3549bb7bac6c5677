"""Signing in, in a real browser: by keyboard, with a second factor, on a phone, in both colour schemes; and being signed out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from bot.domain.clock import utc_now
from bot.domain.staff import Role
from bot.storage import staff_tables as t
from tests.console.browser.conftest import Desk, OpenDesk
from tests.harness.console import PASSWORD

pytestmark = pytest.mark.browser

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 320, "height": 640}},
    "phone in the dark": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
PAGES = (
    "/staff/account",
    "/staff/people",
    "/staff/audit",
    "/staff/confirm",
    "/staff/account/second-factor",
    "/staff/x",
)
SMALLEST_TARGET = 44


# -- signing in ----------------------------------------------------------------


def test_somebody_signs_in_by_keyboard_alone_and_comes_where_they_wanted_to_go(desk: Desk) -> None:
    desk.account()
    desk.go("/staff/account")
    keyboard = desk.page.keyboard
    expect(desk.page.get_by_label("User name")).to_be_focused()
    keyboard.type("noor@example.org")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    desk.heading("Your account")
    keyboard.press("Tab")
    expect(desk.page.locator(":focus")).to_have_text("Skip to the content")
    keyboard.press("Enter")
    expect(desk.page.locator("main")).to_be_focused()


def test_a_wrong_password_is_read_out_and_can_be_typed_again_at_once(desk: Desk) -> None:
    desk.account()
    desk.go("/staff/account")
    desk.page.get_by_label("User name").fill("noor@example.org")
    desk.page.get_by_label("Password").fill("not the password")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("alert")).to_have_text("That name and password do not go together.")
    expect(desk.page.get_by_label("Password")).to_be_focused()
    desk.page.keyboard.type(PASSWORD)
    desk.page.keyboard.press("Enter")
    desk.heading("Your account")


def test_a_second_factor_is_set_up_by_hand_and_asked_for_at_the_next_sign_in(open_desk: OpenDesk) -> None:
    desk = open_desk({"second_factor": "required"})
    desk.account()
    desk.sign_in()
    desk.heading("Set up the second step")
    picture = desk.page.get_by_role("img", name="QR code for the authenticator app")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    desk.page.get_by_text("No camera?").click()
    app = pyotp.TOTP(desk.page.locator("details p").inner_text().replace(" ", ""))
    desk.page.get_by_label("Code").fill(app.at(utc_now()))
    desk.page.keyboard.press("Enter")
    desk.heading("Your recovery codes")
    code = desk.page.locator(".codes li").first.inner_text()
    desk.page.get_by_role("link", name="I have kept them").click()
    desk.heading("Your account")
    desk.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(desk.page.get_by_role("status")).to_have_text("You are signed out.")
    desk.sign_in()
    desk.heading("Second step")
    expect(desk.page.get_by_label("Code")).to_be_focused()
    # The code of the app was used a moment ago: no code is taken twice.
    desk.page.keyboard.type(code)
    desk.page.keyboard.press("Enter")
    desk.heading("Your account")
    expect(desk.page.get_by_text("9 recovery codes left")).to_be_visible()


def test_a_link_of_another_site_opens_the_page_for_whoever_is_signed_in(desk: Desk) -> None:
    desk.account()
    desk.sign_in()
    desk.heading("Your account")
    elsewhere = f"http://localhost:{desk.stage.ports.site}/plain"
    desk.page.goto(elsewhere)
    desk.page.evaluate("address => { location.href = address; }", f"{desk.stage.home}staff/account")
    desk.heading("Your account")
    desk.addresses.remove(elsewhere)
    desk.addresses = [address for address in desk.addresses if "localhost" not in address]


def test_without_javascript_everything_works(open_desk: OpenDesk) -> None:
    desk = open_desk(java_script_enabled=False)
    desk.account("mara", Role.MANAGER)
    desk.sign_in("mara", "/staff/people")
    desk.heading("Accounts")
    desk.page.get_by_label("Name", exact=True).fill("Lee")
    desk.page.get_by_label("User name").fill("lee@example.org")
    desk.page.get_by_role("button", name="Add and show the link").click()
    desk.heading("A link for Lee")


# -- being signed out ----------------------------------------------------------


def _idle(desk: Desk, seconds: int) -> None:
    """Nobody has been at work for so long, on the server's clock and on the browser's."""
    with desk.stage.engine.begin() as connection:
        connection.execute(t.staff_sessions.update().values(last_seen=utc_now() - timedelta(seconds=seconds)))
    desk.page.clock.fast_forward(seconds * 1000)


@pytest.fixture
def at_work(desk: Desk) -> Page:
    """Somebody at work, on a clock that a test moves."""
    desk.page.clock.install()
    desk.account()
    desk.sign_in()
    desk.heading("Your account")
    return desk.page


def test_a_page_asks_before_the_session_ends_and_goes_on_for_who_is_there(desk: Desk, at_work: Page) -> None:
    dialog = at_work.get_by_role("dialog")
    _idle(desk, 14 * 60 + 10)
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("You will be signed out in")
    expect(at_work.get_by_role("button", name="Stay signed in")).to_be_focused()
    at_work.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    at_work.clock.fast_forward(60_000)
    expect(dialog).to_be_hidden()


def test_where_nobody_answers_the_page_is_hidden_and_the_session_over(desk: Desk, at_work: Page) -> None:
    _idle(desk, 15 * 60 + 1)
    desk.heading("Sign in")
    expect(at_work.get_by_text("You were signed out because nobody was at work here.")).to_be_visible()
    desk.page.get_by_label("User name").fill("noor@example.org")
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.page.keyboard.press("Enter")
    desk.heading("Your account")


def test_work_in_one_window_keeps_the_other_from_asking(desk: Desk, at_work: Page) -> None:
    at_work.clock.fast_forward((14 * 60 + 10) * 1000)
    at_work.clock.run_for(2_000)
    expect(at_work.get_by_role("dialog")).to_be_hidden()
    desk.heading("Your account")


# -- for everybody -------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_too_wide_or_too_small(open_desk: OpenDesk, axe: str, look: str) -> None:
    desk = open_desk(**LOOKS[look])
    desk.account("mara", Role.MANAGER)
    other = desk.account("a-rather-long-user-name-of-somebody@long-domain.example.org", Role.AUDITOR)
    token = desk.office.accounts.reset_password("test", other.id)
    for path in ("/staff/sign-in", f"/staff/set-up/{token}"):
        desk.go(path)
        _check(desk, axe)
    desk.sign_in("mara", "/staff/audit")
    for path in (*PAGES, f"/staff/people/{other.id}"):
        desk.go(path)
        _check(desk, axe)
    desk.page.evaluate("document.getElementById('idle').showModal()")
    _check(desk, axe)


def _check(desk: Desk, axe: str) -> None:
    desk.check_with_axe(axe)
    assert not desk.is_too_wide, desk.page.url
    small = desk.page.evaluate(
        """(least) => [...document.querySelectorAll('button, input:not([type=hidden]), select, summary, .button, nav a')]
          .filter((each) => each.checkVisibility() && !each.matches('.visually-hidden'))
          .filter((each) => each.getBoundingClientRect().height < least - 0.5)
          .map((each) => each.outerHTML)""",
        SMALLEST_TARGET,
    )
    assert small == []
