"""The way in: password, second factor, set-up link; and the way out."""

from __future__ import annotations

import pyotp
import pytest

from bot.domain.staff import Role
from bot.services.account_ports import Stage
from tests.console.conftest import StartConsole
from tests.harness.clock import FakeClock
from tests.harness.console import PASSWORD, Browser, ConsoleHouse

NOOR = "noor@example.org"
WRONG = "That name and password do not go together."
REQUIRED: dict[str, object] = {"second_factor": "required"}
PUBLIC = {"PUBLIC_URL": "https://clinic.example.org"}


# -- password ------------------------------------------------------------------


async def test_whoever_gives_name_and_password_is_in(console: ConsoleHouse) -> None:
    console.account(NOOR)
    shown = await console.browser().sign_in(NOOR, to="/staff/account")
    assert (shown.status, shown.path, shown.title) == (200, "/staff/account", "Your account")
    assert console.audited()[-1] == (NOOR, "sign_in.done", NOOR)


async def test_a_name_may_be_typed_in_capitals(console: ConsoleHouse) -> None:
    console.account(NOOR)
    assert (await console.browser().sign_in(f" {NOOR.upper()}")).title == "Queue"


@pytest.mark.parametrize(("name", "password"), [(NOOR, "not the password"), ("nobody", PASSWORD), ("", "")])
async def test_what_is_wrong_is_not_said(console: ConsoleHouse, name: str, password: str) -> None:
    console.account(NOOR)
    browser = console.browser()
    shown = await browser.sign_in(name, password)
    assert (shown.status, shown.said) == (401, WRONG)
    assert browser.cookie() is None


async def test_a_name_that_nobody_has_is_answered_like_one_that_somebody_has(console: ConsoleHouse) -> None:
    console.account(NOOR)
    one, other = console.browser(), console.browser()
    pages = [await one.sign_in(NOOR, "wrong one"), await other.sign_in("nora@example.org", "wrong one")]
    plain = [page.text.replace(browser.page.field("entry"), "").replace(name, "") for page, browser, name in zip(
        pages, (one, other), (NOOR, "nora@example.org"), strict=True
    )]  # fmt: skip
    assert plain[0] == plain[1]


async def test_a_name_that_was_typed_is_shown_as_text(console: ConsoleHouse) -> None:
    shown = await console.browser().sign_in('"><script>x</script>')
    assert "<script>x" not in shown.text
    assert "&lt;script&gt;x" in shown.text


async def test_whoever_is_signed_in_goes_on_from_the_sign_in_page(console: ConsoleHouse) -> None:
    browser = console.signed_in(Role.NURSE)
    assert (await browser.get("/staff/sign-in?to=/staff/account")).path == "/staff/account"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org", "/\\example.org", "/api/chat", "javascript:alert(1)", "/staff/x //y", ""],
)
async def test_nobody_is_led_elsewhere_after_signing_in(console: ConsoleHouse, elsewhere: str) -> None:
    console.account(NOOR)
    browser = console.browser()
    await browser.get("/staff/sign-in")
    fields = {"user_name": NOOR, "password": PASSWORD}
    shown = await browser.post(f"/staff/sign-in?to={elsewhere}", fields, follow=False)
    assert (shown.status, shown.headers["Location"]) == (303, "/staff")


async def test_signing_in_gives_another_session_and_ends_the_one_before(console: ConsoleHouse) -> None:
    noor = console.account(NOOR)
    browser = console.at_work(noor)
    before = browser.cookie() or ""
    fields = {"user_name": NOOR, "password": PASSWORD}
    await browser.get("/staff/account")
    browser.page = await _entry_page(console, browser)
    await browser.post("/staff/sign-in", fields)
    assert browser.cookie() not in (None, before)
    assert console.office.sessions.find(before, False) is None


async def _entry_page(console: ConsoleHouse, browser: Browser) -> object:
    """The sign-in form in a browser that is signed in: its cookie is put aside for a moment."""
    kept = browser.cookie() or ""
    browser.keep("staff", "aside")
    shown = await browser.get("/staff/sign-in")
    browser.keep("staff", kept)
    return shown


async def test_a_session_that_somebody_planted_is_never_signed_in(console: ConsoleHouse) -> None:
    console.account(NOOR)
    browser = console.browser()
    browser.keep("staff", "planted-by-a-stranger")
    await browser.sign_in(NOOR)
    assert browser.cookie() != "planted-by-a-stranger"
    assert console.office.sessions.find("planted-by-a-stranger", False) is None


async def test_nobody_is_signed_in_by_a_form_of_another_browser(console: ConsoleHouse) -> None:
    console.account(NOOR)
    victim, stranger = console.browser(), console.browser()
    await victim.get("/staff/sign-in")
    await stranger.get("/staff/sign-in")
    fields = {"user_name": NOOR, "password": PASSWORD, "entry": stranger.page.field("entry")}
    shown = await victim.post("/staff/sign-in", fields)
    assert (shown.status, victim.cookie()) == (403, None)
    assert "Please try again" in shown.said


@pytest.mark.parametrize("origin", ["https://example.org", "null", ""])
async def test_nobody_is_signed_in_from_another_site(console: ConsoleHouse, origin: str) -> None:
    console.account(NOOR)
    browser = console.browser()
    await browser.get("/staff/sign-in")
    shown = await browser.post("/staff/sign-in", {"user_name": NOOR, "password": PASSWORD}, Origin=origin)
    assert (shown.status, browser.cookie()) == (403, None)


async def test_what_is_no_form_is_refused(console: ConsoleHouse) -> None:
    browser = console.browser()
    await browser.get("/staff/sign-in")
    shown = await browser.post("/staff/sign-in", {}, **{"Content-Type": "text/plain; charset=utf-7"})
    assert shown.status == 415


# -- lock-out ------------------------------------------------------------------


async def test_after_five_wrong_passwords_the_right_one_has_to_wait(console: ConsoleHouse, clock: FakeClock) -> None:
    console.account(NOOR)
    stranger = console.browser()
    for _ in range(5):
        assert (await stranger.sign_in(NOOR, "a wrong password")).status == 401
    shown = await stranger.sign_in(NOOR)
    assert (shown.status, shown.said) == (429, "Too many tries. Wait 1 minute, then try again.")
    assert shown.headers["Retry-After"] == "61"
    clock.move(seconds=60)
    assert (await stranger.sign_in(NOOR)).title == "Queue"


async def test_a_stranger_locks_nobody_out_of_a_browser_they_use(console: ConsoleHouse) -> None:
    console.account(NOOR)
    own = console.browser()
    await own.sign_in(NOOR)
    await own.get("/staff/account")
    await own.post("/staff/sign-out")
    stranger = console.browser()
    for _ in range(6):
        await stranger.sign_in(NOOR, "a wrong password")
    assert stranger.page.status == 429
    assert (await own.sign_in(NOOR)).title == "Queue"


async def test_who_is_behind_our_proxy_is_told_apart(start_console: StartConsole) -> None:
    console = await start_console(TRUSTED_PROXIES="127.0.0.0/8")
    console.account(NOOR)
    browser = console.browser()
    for number in range(21):
        await browser.get("/staff/sign-in")
        fields = {"user_name": f"guess-{number}", "password": "a wrong password"}
        await browser.post("/staff/sign-in", fields, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert browser.page.status == 429
    await browser.get("/staff/sign-in")
    fields = {"user_name": NOOR, "password": PASSWORD}
    shown = await browser.post("/staff/sign-in", fields, **{"X-Forwarded-For": "198.51.100.8"})
    assert shown.title == "Queue"


async def test_without_a_proxy_of_ours_nobody_says_where_they_come_from(console: ConsoleHouse) -> None:
    browser = console.browser()
    for number in range(21):
        await browser.get("/staff/sign-in")
        fields = {"user_name": f"guess-{number}", "password": "a wrong password"}
        await browser.post("/staff/sign-in", fields, **{"X-Forwarded-For": f"203.0.113.{number}"})
    assert browser.page.status == 429


# -- cookies -------------------------------------------------------------------


async def test_the_cookie_of_a_session_is_out_of_reach_for_scripts_and_other_sites(console: ConsoleHouse) -> None:
    console.account(NOOR)
    browser = console.browser()
    await browser.get("/staff/sign-in")
    shown = await browser.post("/staff/sign-in", {"user_name": NOOR, "password": PASSWORD}, follow=False)
    (cookie,) = [each for each in _set_cookies(shown.headers) if each.startswith("staff=")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


async def test_behind_tls_cookies_never_travel_in_the_open(start_console: StartConsole) -> None:
    console = await start_console(**PUBLIC)
    console.account(NOOR)
    shown = await console.browser().get("/staff/sign-in")
    cookies = _set_cookies(shown.headers)
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-entry"]
    assert all({"Secure", "Path=/"} <= set(cookie.split("; ")) for cookie in cookies)
    assert shown.headers["Strict-Transport-Security"] == "max-age=31536000"


def _set_cookies(headers: object) -> list[str]:
    return list(headers.getall("Set-Cookie"))  # type: ignore[attr-defined]


# -- second factor -------------------------------------------------------------


async def test_with_a_second_factor_a_password_alone_opens_nothing(console: ConsoleHouse, clock: FakeClock) -> None:
    noor = console.account(NOOR)
    app = console.with_app(noor)
    clock.move(minutes=1)
    browser = console.browser()
    assert (await browser.sign_in(NOOR, to="/staff/account")).title == "Second step"
    half_way = browser.cookie()
    for path in ("/staff", "/staff/account", "/staff/session", "/staff/enrol", "/staff/enrol/code.svg"):
        assert (await browser.get(path)).title == "Second step"
    shown = await browser.post("/staff/second-factor?to=/staff/account", {"code": app.at(clock())})
    assert shown.path == "/staff/account"
    assert browser.cookie() != half_way
    assert console.audited()[-1] == (NOOR, "sign_in.done", NOOR)


async def test_a_code_is_taken_once(console: ConsoleHouse, clock: FakeClock) -> None:
    app = console.with_app(console.account(NOOR))
    clock.move(minutes=1)
    for status in (200, 401):
        browser = console.browser()
        await browser.sign_in(NOOR)
        assert (await browser.post("/staff/second-factor", {"code": app.at(clock())})).status == status


async def test_after_five_wrong_codes_the_right_one_has_to_wait(console: ConsoleHouse, clock: FakeClock) -> None:
    app = console.with_app(console.account(NOOR))
    clock.move(minutes=1)
    browser = console.browser()
    await browser.sign_in(NOOR)
    for _ in range(5):
        assert (await browser.post("/staff/second-factor", {"code": "000000"})).status == 401
    assert (await browser.post("/staff/second-factor", {"code": app.at(clock())})).status == 429


async def test_half_a_sign_in_is_over_after_ten_minutes(console: ConsoleHouse, clock: FakeClock) -> None:
    browser = console.at_work(console.account(NOOR), Stage.SECOND_FACTOR)
    assert (await browser.get("/staff/second-factor")).title == "Second step"
    clock.move(minutes=10)
    assert (await browser.get("/staff/second-factor")).title == "Sign in"


async def test_where_it_is_required_a_second_factor_is_set_up_at_the_first_sign_in(
    start_console: StartConsole, clock: FakeClock
) -> None:
    console = await start_console(REQUIRED)
    noor = console.account(NOOR)
    browser = console.browser()
    shown = await browser.sign_in(NOOR, to="/staff/account")
    assert shown.title == "Set up the second step"
    assert (await browser.get("/staff/account")).title == "Set up the second step"
    picture = await browser.get("/staff/enrol/code.svg")
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    await browser.get("/staff/enrol?to=/staff/account")
    shown = await browser.post("/staff/enrol?to=/staff/account", {"code": _code(console, browser, clock)})
    assert shown.title == "Your recovery codes"
    assert (await browser.get("/staff/account")).title == "Your account"
    assert console.office.accounts.get(noor.id).has_second_factor


async def test_a_second_factor_is_set_up_only_with_a_code_of_it(start_console: StartConsole, clock: FakeClock) -> None:
    console = await start_console(REQUIRED)
    noor = console.account(NOOR)
    browser = console.browser()
    await browser.sign_in(NOOR)
    shown = await browser.post("/staff/enrol", {"code": "000000"})
    assert (shown.status, "not right" in shown.said) == (422, True)
    assert not console.office.accounts.get(noor.id).has_second_factor


async def test_the_secret_of_one_browser_is_not_shown_in_another(start_console: StartConsole, clock: FakeClock) -> None:
    console = await start_console(REQUIRED)
    noor = console.account(NOOR)
    secrets = [
        (await console.at_work(noor, Stage.ENROL).get("/staff/enrol")).text.partition('"mono">')[2][:39] for _ in "ab"
    ]
    assert secrets[0] != secrets[1]


def _code(console: ConsoleHouse, browser: Browser, clock: FakeClock) -> str:
    """What an app shows that has read the picture."""
    found = console.office.sessions.find(browser.cookie() or "", False)
    assert found is not None
    assert found.session.offered is not None
    return pyotp.TOTP(found.session.offered).at(clock())


# -- set-up links --------------------------------------------------------------


async def test_by_a_set_up_link_somebody_chooses_a_password_once(console: ConsoleHouse) -> None:
    noor = console.account(NOOR)
    token = console.office.accounts.reset_password("test", noor.id)
    browser = console.browser()
    assert (await browser.get(f"/staff/set-up/{token}")).title == "Choose a password"
    new = {"password": "other words entirely here", "password_again": "other words entirely here"}
    shown = await browser.post(f"/staff/set-up/{token}", new)
    assert (shown.title, shown.said) == ("Sign in", "Your password is set. Sign in with it.")
    assert (await browser.sign_in(NOOR, new["password"])).title == "Queue"
    assert (await console.browser().get(f"/staff/set-up/{token}")).status == 410


async def test_opening_a_set_up_link_does_not_use_it_up(console: ConsoleHouse) -> None:
    token = console.office.accounts.reset_password("test", console.account(NOOR).id)
    for _ in range(3):
        assert (await console.browser().get(f"/staff/set-up/{token}")).status == 200


async def test_a_set_up_link_is_over_after_two_days(console: ConsoleHouse, clock: FakeClock) -> None:
    token = console.office.accounts.reset_password("test", console.account(NOOR).id)
    clock.move(hours=48)
    assert (await console.browser().get(f"/staff/set-up/{token}")).status == 410


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "Use 12 characters or more"),
        ("password1234", "password1234", "one of the first that would be tried"),
        ("noor is my own name", "noor is my own name", "Leave your user name out"),
        ("other words entirely here", "other words entirely", "not the same"),
    ],
)
async def test_a_password_that_is_not_good_enough_leaves_the_link_open(
    console: ConsoleHouse, password: str, again: str, said: str
) -> None:
    token = console.office.accounts.reset_password("test", console.account(NOOR).id)
    browser = console.browser()
    await browser.get(f"/staff/set-up/{token}")
    shown = await browser.post(f"/staff/set-up/{token}", {"password": password, "password_again": again})
    assert (shown.status, said in shown.said) == (422, True)
    assert (await browser.get(f"/staff/set-up/{token}")).status == 200


async def test_the_link_of_a_first_start_makes_a_manager(console: ConsoleHouse) -> None:
    token = console.office.accounts.first_link()
    browser = console.browser()
    assert (await browser.get(f"/staff/set-up/{token}")).title == "The first account"
    fields = {"name": "Mara", "user_name": "mara", "password": PASSWORD, "password_again": PASSWORD}
    await browser.post(f"/staff/set-up/{token}", fields)
    assert (await browser.sign_in("mara", to="/staff/people")).title == "Accounts"


# -- out -----------------------------------------------------------------------


async def test_after_signing_out_the_cookie_is_worth_nothing(console: ConsoleHouse) -> None:
    browser = console.signed_in(Role.NURSE)
    token = browser.cookie() or ""
    await browser.get("/staff/account")
    shown = await browser.post("/staff/sign-out")
    assert (shown.title, shown.said) == ("Sign in", "You are signed out.")
    browser.keep("staff", token)
    assert (await browser.get("/staff/account")).title == "Sign in"
    assert console.audited()[-1][1] == "session.signed_out"


async def test_a_message_is_said_once(console: ConsoleHouse) -> None:
    browser = console.signed_in(Role.NURSE)
    await browser.get("/staff/account")
    await browser.post("/staff/sign-out")
    assert (await browser.get("/staff/sign-in")).said == ""


async def test_nobody_writes_a_message_but_us(console: ConsoleHouse) -> None:
    browser = console.browser()
    browser.keep("flash", "WzE5OTk5OTk5OTksIHsidGV4dCI6ICJDYWxsIDU1NSIsICJraW5kIjogImRvbmUifV0.00")
    assert (await browser.get("/staff/sign-in")).said == ""
