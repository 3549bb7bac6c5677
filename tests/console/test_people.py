"""Accounts as managers keep them."""

from __future__ import annotations

import re

import pytest

from bot.domain.staff import Role
from tests.harness.console import PASSWORD, Browser, ConsoleHouse

NEW = {"name": "Lee", "user_name": "lee@example.org", "role": "nurse", "person": ""}


@pytest.fixture
async def manager(console: ConsoleHouse) -> Browser:
    """A manager with the list open."""
    browser = console.signed_in(Role.MANAGER)
    await browser.get("/staff/people")
    return browser


async def test_who_is_added_chooses_a_password_by_a_link_that_is_shown_once(
    console: ConsoleHouse, manager: Browser
) -> None:
    shown = await manager.post("/staff/people", NEW)
    found = re.search(r"<code>https?://[^/]+(/staff/set-up/\S+)</code>", shown.text)
    assert found is not None
    assert found[1] not in (await manager.get("/staff/people")).text
    lee = console.browser()
    await lee.get(found[1])
    await lee.post(found[1], {"password": PASSWORD, "password_again": PASSWORD})
    assert (await lee.sign_in("lee@example.org", to="/staff/account")).title == "Your account"


async def test_the_list_offers_who_is_on_call_and_has_no_account(console: ConsoleHouse, manager: Browser) -> None:
    assert '<option value="noor">Noor, nurse</option>' in manager.page.text
    await manager.post("/staff/people", {**NEW, "person": "noor"})
    assert '<option value="noor"' not in (await manager.get("/staff/people")).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**NEW, "user_name": "Lee Smith"}, "letters a to z"),
        ({**NEW, "role": "owner"}, "Fill in the name"),
        ({"name": "Lee"}, "Fill in the name"),
        ({**NEW, "person": "kim"}, "not on the on-call list"),
    ],
)
async def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(
    manager: Browser, fields: dict[str, str], said: str
) -> None:
    shown = await manager.post("/staff/people", fields)
    assert (shown.status, said in shown.said) == (422, True)
    assert 'value="Lee"' in shown.text


async def test_a_name_is_never_html(console: ConsoleHouse, manager: Browser) -> None:
    await manager.post("/staff/people", {**NEW, "name": "<b onclick=x>Lee"})
    shown = await manager.get("/staff/people")
    assert "<b onclick" not in shown.text
    assert "&lt;b onclick=x&gt;Lee" in shown.text


async def test_a_manager_changes_a_role_disables_and_lets_in_again(console: ConsoleHouse, manager: Browser) -> None:
    lee = console.account("lee@example.org")
    page = f"/staff/people/{lee.id}"
    await manager.get(page)
    assert (await manager.post(f"{page}/role", {"role": "auditor"})).said == "Lee is auditor now."
    assert "cannot sign in" in (await manager.post(f"{page}/disabled", {"disabled": "yes"})).said
    assert (await console.browser().sign_in("lee@example.org")).status == 401
    assert (await manager.post(f"{page}/disabled", {"disabled": "no"})).said == "Lee can sign in again."
    assert (await console.browser().sign_in("lee@example.org")).status == 200


async def test_a_manager_takes_away_what_was_lost(console: ConsoleHouse, manager: Browser) -> None:
    lee = console.account("lee@example.org")
    console.with_app(lee)
    page = f"/staff/people/{lee.id}"
    assert "Take away the second step" in (await manager.get(page)).text
    assert "at the next sign-in" in (await manager.post(f"{page}/second-factor")).said
    shown = await manager.post(f"{page}/password")
    assert "/staff/set-up/" in shown.text
    assert (await console.browser().sign_in("lee@example.org")).status == 401


async def test_a_role_that_is_none_is_refused(console: ConsoleHouse, manager: Browser) -> None:
    lee = console.account("lee@example.org")
    await manager.get(f"/staff/people/{lee.id}")
    assert (await manager.post(f"/staff/people/{lee.id}/role", {"role": "owner"})).status == 422


async def test_a_manager_keeps_their_own_account(console: ConsoleHouse) -> None:
    mara = console.account("mara", Role.MANAGER)
    browser = console.at_work(mara)
    shown = await browser.get(f"/staff/people/{mara.id}")
    assert "This is your own account" in shown.text
    assert "own account" in (await browser.post(f"/staff/people/{mara.id}/disabled", {"disabled": "yes"})).said


@pytest.mark.parametrize("rest", ["", "/password"])
async def test_an_account_that_is_not_there_is_not_found(manager: Browser, rest: str) -> None:
    shown = await (manager.post(f"/staff/people/0{rest}") if rest else manager.get("/staff/people/0"))
    assert shown.status == 404


async def test_who_did_it_stands_in_the_audit(console: ConsoleHouse, manager: Browser) -> None:
    await manager.post("/staff/people", NEW)
    assert (f"{Role.MANAGER}-0@example.org", "account.added", "lee@example.org") in console.audited()
