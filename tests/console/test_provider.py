"""The clinic's own sign-in service: who it truly vouches for is in, and nobody else."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.domain.staff import Role
from tests.console.conftest import StartConsole
from tests.harness.clock import FakeClock
from tests.harness.console import ConsoleHouse
from tests.harness.provider import CLIENT_ID, CLIENT_SECRET, FakeProvider

NOOR = "noor@example.org"
START = "/staff/sign-in/provider?to=/staff/account"


@pytest.fixture
async def provider(aiohttp_server: Any) -> FakeProvider:
    """A service that does all as it should."""
    fake = FakeProvider()
    server = await aiohttp_server(fake.app())
    fake.issuer = str(server.make_url("")).rstrip("/")
    return fake


@pytest.fixture
async def console(start_console: StartConsole, provider: FakeProvider) -> ConsoleHouse:
    """A console that trusts it; here everybody needs a second factor, which the service stands for."""
    return await start_console(
        {"second_factor": "required"},
        OIDC_ISSUER=provider.issuer,
        OIDC_CLIENT_ID=CLIENT_ID,
        OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OIDC_NAME="Riverbend accounts",
    )


async def test_who_is_vouched_for_is_in_and_where_they_wanted_to_go(
    console: ConsoleHouse, provider: FakeProvider
) -> None:
    console.account(NOOR)
    browser = console.browser()
    shown = await browser.get("/staff/account")
    assert "Sign in with Riverbend accounts" in shown.text
    shown = await browser.get(START)
    assert (shown.path, shown.title) == ("/staff/account", "Your account")
    assert console.audited()[-1] == (NOOR, "sign_in.done", NOOR)
    asked = provider.asked[0]
    assert (asked["scope"], asked["code_challenge_method"]) == ("openid email", "S256")
    assert asked["redirect_uri"] == f"{console.url}/staff/sign-in/provider/back"


async def test_an_address_in_capitals_is_the_same_account(console: ConsoleHouse, provider: FakeProvider) -> None:
    console.account(NOOR)
    provider.email = "Noor@Example.ORG"
    assert (await console.browser().get(START)).title == "Your account"


async def test_a_service_that_wants_the_secret_in_the_form_gets_it_there(
    console: ConsoleHouse, provider: FakeProvider
) -> None:
    console.account(NOOR)
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await console.browser().get(START)).title == "Your account"


@pytest.mark.parametrize("disabled", [True, False])
async def test_without_an_open_account_nobody_is_in(console: ConsoleHouse, disabled: bool) -> None:
    if disabled:
        console.office.accounts.set_disabled("test", console.account(NOOR).id, True)
    browser = console.browser()
    shown = await browser.get(START)
    assert (shown.status, browser.cookie()) == (401, None)
    assert "There is no account for you here" in shown.said


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": [CLIENT_ID, "somebody else"], "azp": "somebody else"},
        {"iss": "https://example.org"},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"email": None},
        {"email": ["noor@example.org"]},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
    ],
)
async def test_a_token_that_does_not_say_all_that_it_must_lets_nobody_in(
    console: ConsoleHouse, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    console.account(NOOR)
    provider.claims = claims
    browser = console.browser()
    assert (await browser.get(START)).status == 502
    assert browser.cookie() is None


@pytest.mark.parametrize("signed", ["other key", "none", "client secret"])
async def test_a_token_that_the_service_has_not_signed_lets_nobody_in(
    console: ConsoleHouse, provider: FakeProvider, signed: str
) -> None:
    console.account(NOOR)
    provider.signed = signed
    browser = console.browser()
    assert (await browser.get(START)).status == 502
    assert browser.cookie() is None


async def test_a_new_key_of_the_service_is_learnt(console: ConsoleHouse, provider: FakeProvider) -> None:
    console.account(NOOR)
    for key_id, requests in (("key-1", 1), ("key-1", 1), ("key-2", 2)):
        provider.key_id = key_id
        assert (await console.browser().get(START)).title == "Your account"
        assert provider.key_requests == requests


@pytest.mark.parametrize("state", ["", "another"])
async def test_an_answer_that_this_browser_did_not_ask_for_is_refused(
    console: ConsoleHouse, provider: FakeProvider, state: str
) -> None:
    console.account(NOOR)
    provider.state = state
    browser = console.browser()
    shown = await browser.get(START)
    assert (shown.status, browser.cookie()) == (403, None)


async def test_an_answer_without_a_question_is_refused(console: ConsoleHouse) -> None:
    shown = await console.browser().get("/staff/sign-in/provider/back?code=x&state=")
    assert shown.status == 403


async def test_an_answer_that_comes_after_ten_minutes_is_refused(console: ConsoleHouse, clock: FakeClock) -> None:
    console.account(NOOR)
    browser = console.browser()
    shown = await browser.get(START, follow=False)
    clock.move(minutes=10)
    shown = await browser.get(START.replace("?to", "/back?code=x&to"))
    assert (shown.status, browser.cookie()) == (403, None)


async def test_an_answer_of_another_service_is_refused(console: ConsoleHouse, provider: FakeProvider) -> None:
    console.account(NOOR)
    browser = console.browser()
    away = await browser.get(START, follow=False)
    state = away.headers["Location"].partition("state=")[2].partition("&")[0]
    shown = await browser.get(f"/staff/sign-in/provider/back?code=x&state={state}&iss=https://example.org")
    assert (shown.status, provider.asked) == (502, [])


async def test_who_says_no_there_is_told_so(console: ConsoleHouse, provider: FakeProvider) -> None:
    provider.error = "access_denied"
    shown = await console.browser().get(START)
    assert (shown.status, "You were not signed in there" in shown.said) == (401, True)


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://example.org"}, {"token_endpoint": "http://127.0.0.1:9/"}, {"jwks_uri": "http://127.0.0.1:9/"}],
)
async def test_a_service_that_does_not_answer_as_it_should_is_said_and_a_password_still_works(
    console: ConsoleHouse, provider: FakeProvider, metadata: dict[str, str]
) -> None:
    console.account(NOOR)
    provider.metadata = metadata
    browser = console.browser()
    shown = await browser.get(START)
    assert (shown.status, "use a password of this console" in shown.said) == (502, True)
    assert (await browser.sign_in(NOOR)).title == "Set up the second step"


async def test_a_service_that_fails_once_is_asked_again(console: ConsoleHouse, provider: FakeProvider) -> None:
    console.account(NOOR)
    provider.token_status = 500
    assert (await console.browser().get(START)).status == 502
    provider.token_status = 200
    assert (await console.browser().get(START)).title == "Your account"


async def test_its_cookie_comes_back_from_another_site_and_holds_no_session(console: ConsoleHouse) -> None:
    shown = await console.browser().get(START, follow=False)
    (cookie,) = shown.headers.getall("Set-Cookie")  # type: ignore[attr-defined]
    assert cookie.startswith("provider=")
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=600"} <= set(cookie.split("; "))


async def test_what_is_sensitive_asks_the_service_once_more(console: ConsoleHouse, provider: FakeProvider) -> None:
    mara = console.account("mara@example.org", Role.MANAGER)
    console.office.accounts.reset_password("test", mara.id)
    provider.email = "mara@example.org"
    browser = console.browser()
    await browser.get(START)
    shown = await browser.get("/staff/account/second-factor")
    assert (shown.title, 'type="password"' in shown.text) == ("Your password again", False)
    await browser.get("/staff/sign-in/provider?again=1&to=/staff/account/second-factor")
    assert (provider.asked[-1]["prompt"], provider.asked[-1]["max_age"]) == ("login", "0")
    assert browser.page.title == "Set up the second step"


@pytest.mark.parametrize("auth_time", [None, int(time.time()) - 3600, "now"])
async def test_a_service_that_does_not_ask_once_more_proves_nothing(
    console: ConsoleHouse, provider: FakeProvider, auth_time: object
) -> None:
    console.account(NOOR)
    provider.claims = {"auth_time": auth_time}
    browser = console.browser()
    assert (await browser.get(f"{START}&again=1")).status == 502
    assert browser.cookie() is None


async def test_without_a_service_its_addresses_do_not_exist(start_console: StartConsole) -> None:
    console = await start_console()
    assert (await console.browser().get("/staff/sign-in/provider")).status == 404
