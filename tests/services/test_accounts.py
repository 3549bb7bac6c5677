"""Accounts: added, changed, taken away; each with its line in the audit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest

from bot.domain.staff import Role, Staff
from bot.services.account_ports import Stage
from bot.services.accounts import AccountRefused, NewAccount
from bot.services.sign_in import NotSignedIn
from tests.harness.clock import FakeClock
from tests.harness.console import PASSWORD
from tests.services.staff_cast import HERE, NOOR, Accounts

OTHER = "other words entirely here"


def last(accounts: Accounts) -> tuple[str, str, str]:
    """The newest line of the audit."""
    return accounts.audited()[-1]


# -- adding --------------------------------------------------------------------


def test_who_is_added_with_a_password_signs_in_with_it(accounts: Accounts) -> None:
    noor = accounts.add(person="noor")
    assert accounts.found(accounts.enter().token).staff == noor
    assert ("test", "account.added", NOOR) in accounts.audited()


def test_who_is_added_without_one_chooses_it_by_a_link(accounts: Accounts) -> None:
    staff, token = accounts.desk.add("test", NewAccount(NOOR, "Noor", Role.NURSE))
    assert token is not None
    assert accounts.desk.link(token) == staff
    accounts.desk.choose_password(token, OTHER)
    assert accounts.enter(NOOR, OTHER).stage is Stage.SIGNED_IN
    assert (NOOR, "account.password_changed", NOOR) in accounts.audited()


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewAccount("x", "X", Role.NURSE), "2 to 64 characters"),
        (NewAccount(NOOR.upper(), "Noor", Role.NURSE), f"There is an account {NOOR} already"),
        (NewAccount("kim", "  ", Role.NURSE), "Give a name"),
        (NewAccount("kim", "K" * 65, Role.NURSE), "Give a name"),
        (NewAccount("kim", "K\x00im", Role.NURSE), "Give a name"),
        (NewAccount("kim", "Kim", Role.NURSE, "kim"), "not on the on-call list of clinic.yml. On it: lee, noor"),
        (NewAccount("kim", "Kim", Role.NURSE, "noor"), "has an account already"),
        (NewAccount("lee", "Lee", Role.NURSE), "lee is on the on-call list: say that the account is theirs"),
        (NewAccount("kim", "Kim", Role.NURSE, None, "short"), "12 characters or more"),
    ],
)
def test_what_cannot_be_an_account_is_refused_with_what_to_do(accounts: Accounts, new: NewAccount, said: str) -> None:
    accounts.add(person="noor")
    before = accounts.audited()
    with pytest.raises(AccountRefused, match=said):
        accounts.desk.add("test", new)
    assert accounts.audited() == before
    assert len(accounts.desk.listing()) == 1


def test_a_name_that_somebody_took_at_the_same_moment_is_said(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add()
    monkeypatch.setattr("bot.storage.accounts.SqlAccounts.by_user_name", lambda *_: None)
    with pytest.raises(AccountRefused, match="already"):
        accounts.add()


# -- set-up links --------------------------------------------------------------


def refused(work: Callable[[], object]) -> None:
    """The link is over."""
    with pytest.raises(AccountRefused, match="This link is over, or was used"):
        work()


def test_a_link_is_used_once(accounts: Accounts) -> None:
    token = accounts.desk.reset_password("test", accounts.add().id)
    accounts.desk.choose_password(token, OTHER)
    refused(lambda: accounts.desk.link(token))
    refused(lambda: accounts.desk.choose_password(token, OTHER))


def test_a_link_is_over_after_two_days(accounts: Accounts, clock: FakeClock) -> None:
    token = accounts.desk.reset_password("test", accounts.add().id)
    clock.move(hours=48)
    refused(lambda: accounts.desk.choose_password(token, OTHER))


def test_a_newer_link_ends_the_one_before(accounts: Accounts) -> None:
    noor = accounts.add()
    token = accounts.desk.reset_password("test", noor.id)
    accounts.desk.reset_password("test", noor.id)
    refused(lambda: accounts.desk.link(token))


def test_disabling_an_account_ends_its_link(accounts: Accounts) -> None:
    noor = accounts.add()
    token = accounts.desk.reset_password("test", noor.id)
    accounts.desk.set_disabled("test", noor.id, True)
    refused(lambda: accounts.desk.link(token))


@pytest.mark.parametrize("token", ["", "guess", "\ud800".encode(errors="replace").decode()])
def test_a_link_that_we_did_not_make_is_refused(accounts: Accounts, token: str) -> None:
    accounts.add()
    refused(lambda: accounts.desk.link(token))


def test_the_first_account_is_a_manager_whatever_was_asked_for(accounts: Accounts) -> None:
    token = accounts.desk.first_link()
    assert accounts.desk.link(token) is None
    staff = accounts.desk.make_first(token, NewAccount("mara", "Mara", Role.NURSE, None, PASSWORD))
    assert (staff.role, accounts.enter("mara").stage) == (Role.MANAGER, Stage.SIGNED_IN)
    refused(lambda: accounts.desk.make_first(token, NewAccount("zoe", "Zoe", Role.MANAGER, None, PASSWORD)))


def test_the_link_of_the_first_account_makes_no_second(accounts: Accounts) -> None:
    token = accounts.desk.first_link()
    accounts.add()
    with pytest.raises(AccountRefused, match="There are accounts already"):
        accounts.desk.make_first(token, NewAccount("zoe", "Zoe", Role.MANAGER, None, PASSWORD))


def test_of_two_first_links_the_newer_one_counts(accounts: Accounts) -> None:
    older, newer = accounts.desk.first_link(), accounts.desk.first_link()
    refused(lambda: accounts.desk.link(older))
    assert accounts.desk.link(newer) is None


def test_the_link_of_an_account_makes_no_first_account(accounts: Accounts) -> None:
    token = accounts.desk.reset_password("test", accounts.add().id)
    with pytest.raises(AccountRefused, match="There are accounts already"):
        accounts.desk.make_first(token, NewAccount("zoe", "Zoe", Role.MANAGER, None, PASSWORD))


def test_a_link_without_an_account_has_no_password_to_change(accounts: Accounts) -> None:
    with pytest.raises(AccountRefused, match="makes a new account"):
        accounts.desk.choose_password(accounts.desk.first_link(), OTHER)


# -- passwords -----------------------------------------------------------------


def test_a_changed_password_ends_every_other_session(accounts: Accounts) -> None:
    accounts.add()
    here, elsewhere = accounts.enter().token, accounts.enter().token
    accounts.desk.change_password(accounts.found(here), PASSWORD, OTHER)
    assert accounts.sessions.find(here, False) is not None
    assert accounts.sessions.find(elsewhere, False) is None
    assert accounts.enter(NOOR, OTHER).stage is Stage.SIGNED_IN


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("not my password", OTHER, "The present password is not right"),
        (PASSWORD, PASSWORD, "That is the present password"),
        (PASSWORD, "short", "12 characters or more"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(accounts: Accounts, old: str, new: str, said: str) -> None:
    accounts.add()
    found = accounts.found(accounts.enter().token)
    with pytest.raises(AccountRefused, match=said):
        accounts.desk.change_password(found, old, new)
    assert accounts.enter().stage is Stage.SIGNED_IN


@pytest.mark.parametrize("by_link", [True, False])
def test_a_reset_password_is_void_and_its_owner_out(accounts: Accounts, by_link: bool) -> None:
    noor = accounts.add()
    token = accounts.enter().token
    if by_link:
        accounts.desk.reset_password("mara", noor.id)
    else:
        accounts.desk.set_password("mara", noor.id, OTHER)
    assert accounts.sessions.find(token, False) is None
    with pytest.raises(NotSignedIn):
        accounts.enter()
    action = "account.password_reset" if by_link else "account.password_changed"
    assert ("mara", action, NOOR) in accounts.audited()


# -- roles, and being let in ---------------------------------------------------


def test_a_role_is_given_with_a_line_in_the_audit(accounts: Accounts) -> None:
    noor = accounts.add()
    assert accounts.desk.set_role("mara", noor.id, Role.AUDITOR).role is Role.AUDITOR
    assert last(accounts) == ("mara", "account.role_changed", NOOR)


def test_the_same_role_again_changes_nothing(accounts: Accounts) -> None:
    noor = accounts.add()
    before = accounts.audited()
    accounts.desk.set_role("mara", noor.id, Role.NURSE)
    assert accounts.audited() == before


Take = Callable[[Accounts, str, Staff], object]
TAKES: dict[str, Take] = {
    "disable": lambda accounts, by, staff: accounts.desk.set_disabled(by, staff.id, True),
    "role": lambda accounts, by, staff: accounts.desk.set_role(by, staff.id, Role.NURSE),
}


@pytest.mark.parametrize("take", TAKES.values(), ids=TAKES)
def test_the_last_manager_stays_one(accounts: Accounts, take: Take) -> None:
    mara = accounts.add("mara", Role.MANAGER)
    disabled = accounts.add("max", Role.MANAGER)
    accounts.desk.set_disabled("mara", disabled.id, True)
    accounts.desk.break_glass("test", "nobody else is there")
    with pytest.raises(AccountRefused, match="last manager"):
        take(accounts, "test", mara)


@pytest.mark.parametrize("take", TAKES.values(), ids=TAKES)
def test_a_manager_beside_another_can_go(accounts: Accounts, take: Take) -> None:
    mara = accounts.add("mara", Role.MANAGER)
    accounts.add("max", Role.MANAGER)
    take(accounts, "max", mara)
    managers = [v for v in accounts.desk.listing() if v.staff.role is Role.MANAGER and not v.disabled]
    assert [view.staff.user_name for view in managers] == ["max"]


@pytest.mark.parametrize("take", TAKES.values(), ids=TAKES)
def test_nobody_takes_their_own_account_away(accounts: Accounts, take: Take) -> None:
    mara = accounts.add("mara", Role.MANAGER)
    accounts.add("max", Role.MANAGER)
    with pytest.raises(AccountRefused, match="own account"):
        take(accounts, "mara", mara)


def test_whoever_is_disabled_is_out_and_whoever_is_let_in_again_can_sign_in(accounts: Accounts) -> None:
    noor = accounts.add()
    token = accounts.enter().token
    accounts.desk.set_disabled("mara", noor.id, True)
    assert accounts.sessions.find(token, False) is None
    accounts.desk.set_disabled("mara", noor.id, False)
    assert accounts.sessions.find(token, False) is None
    assert accounts.enter().stage is Stage.SIGNED_IN
    actions = [action for _, action, _ in accounts.audited()]
    assert [a for a in actions if a.endswith("abled")] == ["account.disabled", "account.enabled"]


def test_an_account_that_is_not_there_is_said(accounts: Accounts) -> None:
    for work in (
        lambda: accounts.desk.get("0"),
        lambda: accounts.desk.by_user_name("nobody"),
        lambda: accounts.desk.set_disabled("test", "0", True),
        lambda: accounts.desk.set_role("test", "0", Role.NURSE),
        lambda: accounts.desk.reset_password("test", "0"),
        lambda: accounts.desk.reset_second_factor("test", "0"),
    ):
        with pytest.raises(AccountRefused, match="no such account"):
            work()


# -- second factor -------------------------------------------------------------


def test_a_second_factor_comes_with_ten_codes_for_who_loses_it(accounts: Accounts) -> None:
    noor = accounts.add()
    accounts.app(noor)
    assert len(set(accounts.codes)) == 10
    assert accounts.desk.recovery_codes_left(noor.id) == 10
    assert accounts.desk.get(noor.id).has_second_factor


def test_neither_the_secret_nor_the_codes_lie_open_in_the_database(accounts: Accounts) -> None:
    app = accounts.app(accounts.add())
    with accounts.database.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        stored = str([connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in names])  # noqa: S608
    plain = [code.replace("-", "") for code in accounts.codes]
    assert [secret for secret in (app.secret, PASSWORD, *plain, *accounts.codes) if secret in stored] == []


def test_until_it_is_confirmed_it_is_asked_of_nobody(accounts: Accounts) -> None:
    noor = accounts.add()
    accounts.desk.offer_second_factor(accounts.found(accounts.enter().token))
    assert not accounts.desk.get(noor.id).has_second_factor
    assert accounts.enter().stage is Stage.SIGNED_IN


def test_without_an_offer_no_code_confirms_anything(accounts: Accounts) -> None:
    accounts.add()
    found = accounts.found(accounts.enter().token)
    with pytest.raises(AccountRefused, match="not right"):
        accounts.desk.confirm_second_factor(found, "123456", HERE, accounts.sign_in)


def test_whoever_has_a_password_alone_cannot_replace_a_second_factor(accounts: Accounts, clock: FakeClock) -> None:
    """A sign-in that began before the account had one is no way around it."""
    required = accounts.required()
    noor = required.add()
    thief = required.found(required.enter().token)
    secret = required.desk.offer_second_factor(thief)
    required.app(noor)
    clock.move(minutes=5)
    again = required.found_again(thief)
    with pytest.raises(AccountRefused, match="by now"):
        required.desk.confirm_second_factor(again, pyotp.TOTP(secret).at(clock()), HERE, required.sign_in)


def test_new_recovery_codes_replace_those_of_before(accounts: Accounts, clock: FakeClock) -> None:
    noor = accounts.add()
    app = accounts.app(noor)
    old = accounts.codes
    begun = accounts.sign_in.with_code(accounts.found(accounts.enter().token), app.at(clock()), HERE)
    new = accounts.desk.new_recovery_codes(accounts.found(begun.token))
    assert not set(old) & set(new)
    with pytest.raises(NotSignedIn):
        accounts.sign_in.with_code(accounts.found(accounts.enter().token), old[0], HERE)
    assert accounts.sign_in.with_code(accounts.found(accounts.enter().token), new[0], HERE)


def test_after_a_reset_the_second_factor_and_its_codes_are_gone(accounts: Accounts) -> None:
    noor = accounts.add()
    accounts.app(noor)
    token = accounts.enter().token
    accounts.desk.reset_second_factor("mara", noor.id)
    assert accounts.desk.recovery_codes_left(noor.id) == 0
    assert accounts.sessions.find(token, False) is None
    assert accounts.required().enter().stage is Stage.ENROL
    assert ("mara", "account.second_factor_reset", NOOR) in accounts.audited()


# -- emergency access ----------------------------------------------------------


def test_emergency_access_is_a_manager_for_four_hours(accounts: Accounts, clock: FakeClock) -> None:
    required = accounts.required()
    staff, password, ends = required.desk.break_glass("terminal:root", "both managers are out of reach")
    assert ends - clock() == timedelta(hours=4)
    begun = required.enter(staff.user_name, password)
    assert (begun.stage, staff.role) == (Stage.SIGNED_IN, Role.MANAGER)
    assert ("terminal:root", "account.emergency_access", staff.user_name) in accounts.audited()
    clock.move(hours=4)
    assert required.sessions.find(begun.token, True) is None
    with pytest.raises(NotSignedIn):
        required.enter(staff.user_name, password)


@pytest.mark.parametrize("reason", ["", "          ", "because"])
def test_emergency_access_asks_why(accounts: Accounts, reason: str) -> None:
    with pytest.raises(AccountRefused, match="Say why"):
        accounts.desk.break_glass("terminal:root", reason)
    assert accounts.desk.is_empty()
