"""Who may do what: every address as nobody and in each role, held against the table of the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from bot.console import pages
from bot.console.auth import TABLE
from bot.console.routing import Route
from bot.domain.errors import StorageUnavailable
from bot.domain.staff import Role
from bot.services.account_ports import Stage
from bot.services.sessions import SessionDesk
from bot.settings import ROOT
from tests.console.conftest import StartConsole
from tests.harness.clock import FakeClock
from tests.harness.console import Browser, ConsoleHouse

COLUMNS = ("nobody", *map(str, Role))
LINE = re.compile(r"^\| `(GET|POST) (/staff\S*)` \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$", re.M)
OIDC = {"OIDC_ISSUER": "http://127.0.0.1:9", "OIDC_CLIENT_ID": "console", "OIDC_CLIENT_SECRET": "not a real secret"}


def table() -> dict[tuple[str, str], tuple[str, ...]]:
    """The table "Who may do what"."""
    text = (ROOT / "docs" / "console.md").read_text(encoding="utf-8")
    lines = LINE.findall(text)
    found = {(method, path): tuple(cells) for method, path, *cells in lines}
    assert len(found) == len(lines), "an address is there twice"
    return found


def declared(route: Route) -> tuple[str, ...]:
    """What a route says of itself, as the table writes it."""
    if route.stage is None:
        return ("open",) * len(COLUMNS)
    if route.stage is not Stage.SIGNED_IN:
        return ("half-way", "no", "no", "no")
    return ("no", *("yes" if role in route.roles else "no" for role in Role))


@pytest.fixture
async def console(start_console: StartConsole) -> ConsoleHouse:
    """With everything that can be there."""
    return await start_console(**OIDC)


def routes(console: ConsoleHouse) -> Iterable[Route]:
    """Every address of the console that the gateway serves."""
    return console.app[TABLE].routes


async def test_the_documentation_says_what_the_code_says(console: ConsoleHouse) -> None:
    assert {(route.method, route.path): declared(route) for route in routes(console)} == table()


async def test_the_gateway_serves_nothing_under_staff_that_was_not_declared(console: ConsoleHouse) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in console.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/staff") and route.method != "HEAD"
    }
    assert served == set(table())


async def _ask(browser: Browser, method: str, path: str) -> str:
    """What becomes of a request: yes, no, or that they sign in first."""
    address = re.sub(r"\{\w+\}", "0", path)
    if method == "POST":
        shown = await browser.post(address, {"password": "x"}, follow=False)
    else:
        shown = await browser.get(address, follow=False)
    if shown.status in (401, 403) and shown.title in ("Not for your role", "Signed out"):
        return "no"
    away = ("/staff/sign-in?to=", "/staff/second-factor", "/staff/enrol")
    # Whoever is in needs no second step: they are led on.
    if shown.status == 303 and path.startswith(away[1:]):
        return "no"
    sent_away = shown.status == 303 and shown.headers["Location"].startswith(away)
    return "no" if sent_away or shown.title == "Not accepted" else "yes"


@pytest.mark.parametrize("who", COLUMNS)
async def test_every_address_is_open_to_whom_the_table_names_and_to_nobody_else(
    console: ConsoleHouse, who: str
) -> None:
    expected, found = {}, {}
    column = COLUMNS.index(who)
    staff = None if who == "nobody" else console.account(f"{who}@example.org", Role(who))
    for (method, path), cells in table().items():
        if cells[column] == "open":
            continue
        browser = console.browser()
        if staff is not None:
            browser = console.at_work(staff)
            await browser.get("/staff/account")
        expected[method, path] = "no" if cells[column] == "half-way" else cells[column]
        found[method, path] = await _ask(browser, method, path)
    assert found == expected


@pytest.mark.parametrize("stage", [Stage.SECOND_FACTOR, Stage.ENROL])
async def test_half_way_in_only_the_next_step_is_open(console: ConsoleHouse, stage: Stage) -> None:
    staff = console.account()
    own = {Stage.SECOND_FACTOR: "/staff/second-factor", Stage.ENROL: "/staff/enrol"}[stage]
    for method, path in (key for key, cells in table().items() if cells[0] != "open"):
        browser = console.at_work(staff, stage)
        await browser.get(own)
        address = re.sub(r"\{\w+\}", "0", path)
        ask = browser.post if method == "POST" else browser.get
        shown = await ask(address, follow=False)
        if path.startswith(own):
            assert shown.status in (200, 401, 422)
        else:
            assert (shown.status, shown.headers["Location"]) == (303, own), path


async def test_every_open_address_answers_nobody_without_a_session(console: ConsoleHouse) -> None:
    for method, path in (key for key, cells in table().items() if cells[0] == "open" and key[0] == "GET"):
        address = path.replace("{name}", "console.css").replace("{token}", "0")
        shown = await console.browser().get(address, follow=False)
        assert shown.status in (200, 303, 403, 410, 502), (method, path)
        assert "Location" not in shown.headers


# -- what a change needs -------------------------------------------------------


def _changes(console: ConsoleHouse) -> list[Route]:
    return [route for route in routes(console) if route.method == "POST" and route.stage is Stage.SIGNED_IN]


async def test_no_change_is_made_without_the_token_of_the_session(console: ConsoleHouse) -> None:
    browser = console.signed_in(Role.MANAGER)
    other = console.signed_in(Role.MANAGER)
    await other.get("/staff/account")
    before = console.audited()
    for token in ("", "guess", other.page.field("csrf")):
        for route in _changes(console):
            browser.page = other.page
            shown = await browser.post(re.sub(r"\{\w+\}", "0", route.path), {"csrf": token})
            assert (shown.status, shown.title) == (403, "Not accepted"), route.path
    assert console.audited() == before


@pytest.mark.parametrize("origin", ["https://example.org", "null", ""])
async def test_no_change_is_made_from_another_site(console: ConsoleHouse, origin: str) -> None:
    browser = console.signed_in(Role.MANAGER)
    for route in _changes(console):
        await browser.get("/staff/account")
        shown = await browser.post(re.sub(r"\{\w+\}", "0", route.path), Origin=origin)
        assert (shown.status, shown.title) == (403, "Not accepted"), route.path


async def test_a_script_sends_the_token_as_a_header(console: ConsoleHouse) -> None:
    browser = console.signed_in(Role.NURSE)
    token = (await browser.get("/staff/account")).field("csrf")
    browser.page = await browser.get("/staff/session")
    shown = await browser.post("/staff/session", **{"X-CSRF-Token": token, "Accept": "application/json"})
    assert (shown.status, shown.text) == (200, '{"seconds_left": 900}')


# -- sessions ------------------------------------------------------------------


async def test_without_work_the_session_is_over_after_a_quarter_of_an_hour(
    console: ConsoleHouse, clock: FakeClock
) -> None:
    browser = console.signed_in(Role.NURSE)
    for _ in range(3):
        clock.move(minutes=14)
        assert (await browser.get("/staff/account")).title == "Your account"
    clock.move(minutes=15)
    assert (await browser.get("/staff/account")).path == "/staff/sign-in?to=/staff/account"
    assert console.audited()[-1][1] == "session.over"


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(console: ConsoleHouse, clock: FakeClock) -> None:
    browser = console.signed_in(Role.NURSE)
    for minutes_left in (10, 5):
        clock.move(minutes=5)
        shown = await browser.get("/staff/session", Accept="application/json")
        assert shown.text == f'{{"seconds_left": {minutes_left * 60}}}'
    clock.move(minutes=5)
    assert (await browser.get("/staff/session", Accept="application/json")).status == 401


async def test_after_twelve_hours_of_work_the_session_is_over(console: ConsoleHouse, clock: FakeClock) -> None:
    browser = console.signed_in(Role.NURSE)
    for _ in range(12 * 6 - 1):
        clock.move(minutes=10)
        assert (await browser.get("/staff/session")).status == 200
        await browser.get("/staff/account")
    clock.move(minutes=10)
    assert (await browser.get("/staff/account")).title == "Sign in"


async def test_a_clinic_sets_how_long_nobody_may_be_at_work(start_console: StartConsole, clock: FakeClock) -> None:
    console = await start_console({"idle_minutes": 60, "second_factor": "optional"})
    browser = console.signed_in(Role.NURSE)
    clock.move(minutes=59)
    assert (await browser.get("/staff/account")).title == "Your account"


async def test_whoever_is_disabled_is_out_at_once(console: ConsoleHouse) -> None:
    noor = console.account()
    browser = console.at_work(noor)
    console.office.accounts.set_disabled("test", noor.id, True)
    assert (await browser.get("/staff/account")).title == "Sign in"


async def test_another_role_counts_from_the_next_page(console: ConsoleHouse) -> None:
    noor = console.account()
    browser = console.at_work(noor)
    assert (await browser.get("/staff/audit")).status == 403
    console.office.accounts.set_role("test", noor.id, Role.AUDITOR)
    assert (await browser.get("/staff/audit")).title == "Audit"


async def test_a_change_after_the_end_of_the_session_is_not_made_and_says_so(
    console: ConsoleHouse, clock: FakeClock
) -> None:
    browser = console.signed_in(Role.NURSE)
    await browser.get("/staff/account")
    clock.move(hours=1)
    shown = await browser.post("/staff/account/sign-out-elsewhere")
    assert (shown.status, shown.title) == (401, "Signed out")


async def test_a_link_from_elsewhere_is_opened_again_by_a_page_of_ours(console: ConsoleHouse) -> None:
    """The cookie is not sent when another site leads here; from our own page it is."""
    shown = await console.browser().get('/staff/account?x=1&y="<', **{"Sec-Fetch-Site": "cross-site"})
    assert shown.status == 200
    assert 'content="0; url=/staff/account?x=1&amp;y=%22%3C"' in shown.text


# -- every answer --------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/sign-in", "/staff/nothing", "/staff/set-up/0", "/staff/static/console.css"]
)
async def test_every_answer_of_the_console_has_the_headers(console: ConsoleHouse, path: str) -> None:
    shown = await console.browser().get(path, follow=False)
    missing = {name for name in pages.HEADERS if name not in shown.headers}
    assert missing == set()
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "unsafe" not in shown.headers["Content-Security-Policy"]


async def test_pages_are_kept_by_nobody_and_files_by_their_version(console: ConsoleHouse) -> None:
    browser = console.browser()
    shown = await browser.get("/staff/sign-in")
    assert shown.headers["Cache-Control"] == "no-store"
    found = re.search(r'href="(/staff/static/console\.css\?v=\w+)"', shown.text)
    assert found is not None
    assert "immutable" in (await browser.get(found[1])).headers["Cache-Control"]
    assert (await browser.get("/staff/static/console.css?v=0")).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["../site.py", "..%2fsite.py", "console.py", "", "."])
async def test_only_files_of_the_console_are_served(console: ConsoleHouse, name: str) -> None:
    shown = await console.browser().get(f"/staff/static/{name}", follow=False)
    assert shown.status in (303, 404)
    assert "def " not in shown.text


async def test_no_page_holds_a_script_or_a_style(console: ConsoleHouse) -> None:
    browser = console.signed_in(Role.MANAGER)
    for path in ("/staff/account", "/staff/people", "/staff/audit", "/staff/confirm", "/staff/account/second-factor"):
        shown = await browser.get(path)
        assert shown.status == 200
        assert re.findall(r"<script(?! src=)|<style|\sstyle=|\son\w+=|javascript:", shown.text) == []
        assert re.findall(r'(?:src|href|action)="(?!/staff|#)', shown.text) == []


async def test_an_address_that_is_none_is_said_as_a_page(console: ConsoleHouse) -> None:
    shown = await console.browser().get("/staff/nothing")
    assert (shown.status, shown.title) == (404, "Not found")


async def test_without_the_database_a_page_says_so(console: ConsoleHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StorageUnavailable

    browser = console.signed_in(Role.NURSE)
    monkeypatch.setattr(SessionDesk, "find", fail)
    shown = await browser.get("/staff/account")
    assert (shown.status, shown.title) == (503, "Try again")
    shown = await browser.get("/staff/session", Accept="application/json")
    assert (shown.status, shown.headers["Content-Type"]) == (503, "application/json; charset=utf-8")
