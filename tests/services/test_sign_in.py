"""Signing in: who is let in, who has to wait, and what nobody learns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.staff import Role
from bot.services.account_ports import Stage
from bot.services.passwords import Argon2Hasher
from bot.services.sign_in import LockedOut, NotSignedIn, Visitor
from tests.harness.clock import FakeClock
from tests.harness.console import PASSWORD
from tests.harness.storage import Database
from tests.services.staff_cast import HERE, NOOR, Accounts


def fail(accounts: Accounts, times: int, name: str = NOOR, visitor: Visitor = HERE) -> None:
    """Wrong passwords."""
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            accounts.enter(name, "a wrong password", visitor)


# -- passwords -----------------------------------------------------------------


def test_the_right_password_begins_a_session_of_its_owner(accounts: Accounts) -> None:
    noor = accounts.add()
    begun = accounts.enter()
    assert (begun.stage, accounts.found(begun.token).staff) == (Stage.SIGNED_IN, noor)


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), PASSWORD + " ", PASSWORD + "x" * 300])
def test_any_other_does_not(accounts: Accounts, password: str) -> None:
    accounts.add()
    with pytest.raises(NotSignedIn):
        accounts.enter(NOOR, password)


def test_an_account_that_is_disabled_is_like_one_that_is_not_there(accounts: Accounts) -> None:
    noor = accounts.add()
    accounts.desk.set_disabled("test", noor.id, True)
    with pytest.raises(NotSignedIn) as disabled:
        accounts.enter()
    with pytest.raises(NotSignedIn) as unknown:
        accounts.enter("somebody@example.org")
    assert str(disabled.value) == str(unknown.value)


def test_an_account_without_a_password_is_opened_by_none(accounts: Accounts) -> None:
    noor = accounts.add()
    accounts.desk.reset_password("test", noor.id)
    for password in ("", PASSWORD):
        with pytest.raises(NotSignedIn):
            accounts.enter(NOOR, password)


def test_for_a_name_that_nobody_has_a_password_is_checked_all_the_same(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add()
    checked: list[str | None] = []
    real = Argon2Hasher.is_right

    def count(self: Argon2Hasher, password_hash: str | None, password: str) -> bool:
        checked.append(password_hash)
        return real(self, password_hash, password)

    monkeypatch.setattr(Argon2Hasher, "is_right", count)
    fail(accounts, 1)
    fail(accounts, 1, "somebody@example.org")
    assert len(checked) == 2
    assert checked[1] is None


def test_a_hash_of_other_costs_is_made_again_at_the_next_sign_in(database: Database, clock: FakeClock) -> None:
    noor = Accounts(database, clock).add()
    dearer = Accounts(database, clock, hasher=Argon2Hasher(memory_kib=16, time=1, lanes=1))
    dearer.enter()
    with database() as uow:
        stored = uow.accounts.get(noor.id).password_hash
    assert "m=16,t=1,p=1" in stored
    assert dearer.enter().stage is Stage.SIGNED_IN


def test_every_failure_stands_in_the_audit_without_what_was_typed(accounts: Accounts) -> None:
    accounts.add()
    fail(accounts, 1)
    fail(accounts, 1, PASSWORD)
    assert accounts.audited()[-2:] == [(NOOR, "sign_in.failed", NOOR), ("nobody", "sign_in.failed", "nobody")]
    with accounts.database() as uow:
        details = [entry.detail for entry in uow.audit.entries(0, 100)][-2:]
    assert details == [{"step": "password", "address": HERE.address, "known": known} for known in (True, False)]


# -- lock-out ------------------------------------------------------------------


def test_the_wait_grows_with_each_further_failure(accounts: Accounts, clock: FakeClock) -> None:
    accounts.add()
    fail(accounts, 5)
    for minutes in (1, 2, 4, 8):
        with pytest.raises(LockedOut) as locked:
            accounts.enter()
        assert locked.value.wait == timedelta(minutes=minutes)
        clock.move(minutes=minutes)
        fail(accounts, 1)


def test_who_waits_is_not_counted_again(accounts: Accounts, clock: FakeClock) -> None:
    accounts.add()
    fail(accounts, 5)
    for _ in range(50):
        with pytest.raises(LockedOut):
            accounts.enter()
    clock.move(minutes=1)
    assert accounts.enter().stage is Stage.SIGNED_IN


def test_a_name_that_nobody_has_is_locked_like_any_other(accounts: Accounts) -> None:
    fail(accounts, 5, "somebody@example.org")
    with pytest.raises(LockedOut) as locked:
        accounts.enter("somebody@example.org")
    assert locked.value.wait == timedelta(minutes=1)


def test_after_the_right_password_the_count_begins_anew(accounts: Accounts) -> None:
    accounts.add()
    for _ in range(3):
        fail(accounts, 4)
        accounts.enter()


def test_from_one_address_twenty_names_can_be_tried(accounts: Accounts, clock: FakeClock) -> None:
    accounts.add()
    for number in range(20):
        fail(accounts, 1, f"guess-{number}")
    with pytest.raises(LockedOut):
        accounts.enter()
    assert accounts.enter(visitor=Visitor("203.0.113.9")).stage is Stage.SIGNED_IN
    clock.move(minutes=1)
    assert accounts.enter().stage is Stage.SIGNED_IN


def test_one_right_password_does_not_free_an_address_of_its_failures(accounts: Accounts) -> None:
    accounts.add()
    for number in range(19):
        fail(accounts, 1, f"guess-{number}")
    accounts.enter()
    fail(accounts, 1, "guess-20")
    with pytest.raises(LockedOut):
        accounts.enter()


def test_a_browser_that_was_here_before_is_not_locked_out_by_strangers(accounts: Accounts) -> None:
    accounts.add()
    device = accounts.enter().device
    fail(accounts, 5)
    with pytest.raises(LockedOut):
        accounts.enter()
    assert accounts.enter(visitor=replace(HERE, device=device)).stage is Stage.SIGNED_IN


def test_it_has_five_tries_of_its_own(accounts: Accounts) -> None:
    accounts.add()
    device = replace(HERE, device=accounts.enter().device)
    fail(accounts, 5, visitor=device)
    with pytest.raises(LockedOut):
        accounts.enter(visitor=device)
    assert accounts.enter().stage is Stage.SIGNED_IN


def test_it_counts_for_no_other_account(accounts: Accounts) -> None:
    accounts.add()
    accounts.add("lee@example.org")
    device = replace(HERE, device=accounts.enter().device)
    fail(accounts, 5, "lee@example.org")
    with pytest.raises(LockedOut):
        accounts.enter("lee@example.org", visitor=device)


@pytest.mark.parametrize("change", [lambda device: device + "0", lambda device: "x" + device, lambda _: "a.b"])
def test_a_browser_cannot_make_itself_known(accounts: Accounts, change: object) -> None:
    accounts.add()
    forged = replace(HERE, device=change(accounts.enter().device))  # type: ignore[operator]
    fail(accounts, 5)
    with pytest.raises(LockedOut):
        accounts.enter(visitor=forged)


def test_many_tries_at_once_are_not_more_than_one_after_the_other(accounts: Accounts) -> None:
    accounts.add()

    def guess(_: int) -> type[Exception]:
        with pytest.raises((NotSignedIn, LockedOut)) as refused:
            accounts.enter(NOOR, "a wrong password")
        return refused.type

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(guess, range(24)))
    assert refused.count(NotSignedIn) == 5


def test_a_clock_that_was_set_back_keeps_nobody_out_for_longer_than_an_hour(
    accounts: Accounts, clock: FakeClock
) -> None:
    accounts.add()
    fail(accounts, 5)
    clock.move(hours=-3)
    assert accounts.enter().stage is Stage.SIGNED_IN


def test_after_a_day_all_is_forgotten(accounts: Accounts, clock: FakeClock) -> None:
    accounts.add()
    fail(accounts, 4)
    clock.move(hours=24)
    fail(accounts, 4)
    assert accounts.enter().stage is Stage.SIGNED_IN


# -- second factor -------------------------------------------------------------


def test_with_an_app_the_password_is_half_of_it(accounts: Accounts, clock: FakeClock) -> None:
    noor = accounts.add()
    app = accounts.app(noor)
    begun = accounts.enter()
    assert begun.stage is Stage.SECOND_FACTOR
    half_way = accounts.found(begun.token)
    whole = accounts.sign_in.with_code(half_way, app.at(clock()), HERE)
    assert accounts.found(whole.token).session.stage is Stage.SIGNED_IN
    assert accounts.sessions.find(begun.token, False) is None


@pytest.mark.parametrize(("seconds", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_telephone_whose_clock_is_half_a_minute_off_is_good_enough(
    accounts: Accounts, clock: FakeClock, seconds: int, is_taken: bool
) -> None:
    app = accounts.app(accounts.add())
    clock.move(minutes=5)
    half_way = accounts.found(accounts.enter().token)
    code = app.at(clock() + timedelta(seconds=seconds))
    if is_taken:
        assert accounts.sign_in.with_code(half_way, code, HERE).stage is Stage.SIGNED_IN
    else:
        with pytest.raises(NotSignedIn):
            accounts.sign_in.with_code(half_way, code, HERE)


def test_no_code_is_taken_twice_nor_one_before_it(accounts: Accounts, clock: FakeClock) -> None:
    app = accounts.app(accounts.add())
    codes = [app.at(clock()), app.at(clock() - timedelta(seconds=30))]
    accounts.sign_in.with_code(accounts.found(accounts.enter().token), codes[0], HERE)
    for code in codes:
        with pytest.raises(NotSignedIn):
            accounts.sign_in.with_code(accounts.found(accounts.enter().token), code, HERE)


def test_the_code_that_set_it_up_signs_nobody_in(accounts: Accounts, clock: FakeClock) -> None:
    app = accounts.app(accounts.add())
    clock.move(minutes=-1)
    with pytest.raises(NotSignedIn):
        accounts.sign_in.with_code(accounts.found(accounts.enter().token), app.at(clock()), HERE)


@pytest.mark.parametrize("code", ["", " ", "abcde-fghjk", "12345", "1234567", "١٢٣٤٥٦", "\ud800", "0" * 9999])
def test_what_is_no_code_is_refused(accounts: Accounts, code: str) -> None:
    accounts.app(accounts.add())
    with pytest.raises(NotSignedIn):
        accounts.sign_in.with_code(accounts.found(accounts.enter().token), code, HERE)


def test_a_recovery_code_works_once_however_it_is_typed(accounts: Accounts) -> None:
    accounts.app(accounts.add())
    code = accounts.codes[3]
    typed = f" {code.upper().replace('-', ' ')} "
    accounts.sign_in.with_code(accounts.found(accounts.enter().token), typed, HERE)
    with pytest.raises(NotSignedIn):
        accounts.sign_in.with_code(accounts.found(accounts.enter().token), code, HERE)
    actions = [action for _, action, _ in accounts.audited()]
    assert actions.count("account.recovery_code_used") == 1


def test_a_recovery_code_of_somebody_else_does_not_work(accounts: Accounts) -> None:
    accounts.app(accounts.add())
    theirs = accounts.codes[0]
    lee = accounts.add("lee@example.org")
    accounts.app(lee)
    with pytest.raises(NotSignedIn):
        accounts.sign_in.with_code(accounts.found(accounts.enter(lee.user_name).token), theirs, HERE)


def test_after_five_wrong_codes_even_a_new_password_has_to_wait_for_a_code(
    accounts: Accounts, clock: FakeClock
) -> None:
    app = accounts.app(accounts.add())
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            accounts.sign_in.with_code(accounts.found(accounts.enter().token), "000000", HERE)
    with pytest.raises(LockedOut):
        accounts.sign_in.with_code(accounts.found(accounts.enter().token), app.at(clock()), HERE)


@pytest.mark.parametrize(("role", "stage"), [(Role.NURSE, Stage.SIGNED_IN), (Role.MANAGER, Stage.ENROL)])
def test_a_clinic_asks_the_roles_that_it_names_for_a_second_factor(
    accounts: Accounts, role: Role, stage: Stage
) -> None:
    named = Accounts(
        accounts.database, accounts.clock, replace(accounts.rules, second_factor=frozenset({Role.MANAGER}))
    )
    named.add(NOOR, role)
    assert named.enter().stage is stage


# -- the clinic's own service --------------------------------------------------


def test_whom_the_service_vouches_for_is_signed_in_to_the_account_of_that_name(accounts: Accounts) -> None:
    noor = accounts.required().add()
    begun = accounts.required().sign_in.with_provider(NOOR.upper(), HERE, proved=True)
    assert (begun.stage, accounts.found(begun.token).staff) == (Stage.SIGNED_IN, noor)


@pytest.mark.parametrize("proved", [True, False])
def test_who_was_only_still_signed_in_there_has_proved_nothing(accounts: Accounts, proved: bool) -> None:
    accounts.add()
    found = accounts.found(accounts.sign_in.with_provider(NOOR, HERE, proved).token)
    assert accounts.sessions.is_proved(found.session) is proved


def test_without_an_account_the_service_opens_nothing(accounts: Accounts) -> None:
    with pytest.raises(NotSignedIn, match="no account for you"):
        accounts.sign_in.with_provider("somebody@example.org", HERE, proved=True)


# -- the password again --------------------------------------------------------


def test_the_password_again_renews_the_session_and_its_token(accounts: Accounts, clock: FakeClock) -> None:
    accounts.add()
    token = accounts.enter().token
    before = accounts.found(token)
    clock.move(minutes=10)
    assert not accounts.sessions.is_proved(before.session)
    after = accounts.found(accounts.sign_in.prove(before, PASSWORD))
    assert accounts.sessions.is_proved(after.session)
    assert after.session.csrf != before.session.csrf
    assert accounts.sessions.find(token, False) is None


def test_a_wrong_password_proves_nothing_and_is_counted(accounts: Accounts) -> None:
    accounts.add()
    found = accounts.found(accounts.enter().token)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            accounts.sign_in.prove(found, "a wrong password")
    with pytest.raises(LockedOut):
        accounts.sign_in.prove(found, PASSWORD)
