"""Accounts, sessions, tries and the audit as they are stored, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.errors import Conflict
from bot.domain.staff import Role, Staff
from bot.services.account_ports import Account, Session, SetUpLink, Stage
from bot.services.retries import again_on_conflict
from bot.storage import staff_tables as t
from tests.harness.clock import START
from tests.harness.storage import Database

HOUR = timedelta(hours=1)
NOOR = Account(
    Staff("1" * 32, "noor@example.org", "Noor", Role.NURSE, "noor"),
    START,
    "$argon2id$…",
    START,
    "BASE32SECRET",
    58_000_000,
)
LEE = Account(Staff("2" * 32, "lee", "Lee", Role.MANAGER), START)


@pytest.fixture
def both(database: Database) -> Database:
    """Two accounts."""
    with database() as uow:
        uow.accounts.add(NOOR)
        uow.accounts.add(LEE)
        uow.commit()
    return database


def session(session_id: str, staff_id: str = NOOR.staff.id) -> Session:
    """One that has just begun."""
    return Session(session_id, staff_id, "csrf", Stage.SIGNED_IN, START, START, START, "Firefox")


# -- accounts ------------------------------------------------------------------


def test_an_account_comes_back_as_it_was_stored(both: Database) -> None:
    with both() as uow:
        assert uow.accounts.get(NOOR.staff.id) == NOOR
        assert uow.accounts.hold(NOOR.staff.id) == NOOR
        assert uow.accounts.by_user_name("noor@example.org") == NOOR
        assert uow.accounts.by_person("noor") == NOOR
        assert uow.accounts.listing() == (LEE, NOOR)
        assert uow.accounts.get("0") is None


def test_a_changed_account_comes_back_changed(both: Database) -> None:
    changed = replace(
        NOOR,
        staff=replace(NOOR.staff, name="N.", role=Role.AUDITOR, person=None),
        password_hash=None,
        totp_secret=None,
        disabled=True,
        expires_at=START + HOUR,
        last_sign_in=START,
    )
    with both() as uow:
        uow.accounts.update(changed)
        uow.commit()
    with both() as uow:
        assert uow.accounts.get(NOOR.staff.id) == changed


@pytest.mark.parametrize("same", ["user_name", "person"])
def test_a_name_and_a_person_belong_to_one_account(both: Database, same: str) -> None:
    new = replace(LEE, staff=Staff("3" * 32, "kim", "Kim", Role.NURSE, "kim"))
    taken = replace(new, staff=replace(new.staff, **{same: getattr(NOOR.staff, same)}))
    with pytest.raises(Conflict), both() as uow:
        uow.accounts.add(taken)
        uow.commit()


def test_the_secret_of_a_second_factor_is_sealed(both: Database) -> None:
    with both.engine.connect() as connection:
        stored = connection.execute(sa.text("SELECT totp_secret FROM staff WHERE user_name = 'noor@example.org'"))
        assert stored.scalar_one().startswith("sealed:")


def test_a_recovery_code_is_used_once_by_its_owner(both: Database) -> None:
    with both() as uow:
        uow.accounts.set_recovery_codes(NOOR.staff.id, ["a", "b"])
        assert not uow.accounts.use_recovery_code(LEE.staff.id, "a", START)
        assert [uow.accounts.use_recovery_code(NOOR.staff.id, "a", START) for _ in range(2)] == [True, False]
        assert uow.accounts.recovery_codes_left(NOOR.staff.id) == 1
        uow.accounts.set_recovery_codes(NOOR.staff.id, [])
        assert uow.accounts.recovery_codes_left(NOOR.staff.id) == 0


def once(database: Database, use: Callable[[Database], bool]) -> int:
    """How many of eight at the same moment are told that they did it."""
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(lambda _: again_on_conflict(lambda: use(database)), range(8)))


def test_of_many_at_once_one_uses_a_link(both: Database) -> None:
    with both() as uow:
        uow.accounts.add_link("token", SetUpLink(NOOR.staff.id, START + HOUR), START)
        uow.commit()

    def use(database: Database) -> bool:
        with database() as uow:
            used = uow.accounts.use_link("token", START)
            uow.commit()
            return used

    assert once(both, use) == 1


def test_of_many_at_once_one_uses_a_recovery_code(both: Database) -> None:
    with both() as uow:
        uow.accounts.set_recovery_codes(NOOR.staff.id, ["a"])
        uow.commit()

    def use(database: Database) -> bool:
        with database() as uow:
            used = uow.accounts.use_recovery_code(NOOR.staff.id, "a", START)
            uow.commit()
            return used

    assert once(both, use) == 1


@pytest.mark.parametrize(("later", "is_open"), [(timedelta(0), True), (HOUR, False)])
def test_a_link_is_open_until_its_hour(both: Database, later: timedelta, is_open: bool) -> None:
    with both() as uow:
        uow.accounts.add_link("token", SetUpLink(None, START + HOUR), START)
        assert (uow.accounts.link("token", START + later) is not None) is is_open
        assert uow.accounts.use_link("token", START + later) is is_open


# -- sessions ------------------------------------------------------------------


def test_a_session_comes_back_as_it_was_stored_until_it_ends(both: Database) -> None:
    with both() as uow:
        uow.sessions.add(session("a"), "token-a")
        uow.sessions.offer("a", "SECRET")
        assert uow.sessions.by_token("token-a") == replace(session("a"), offered="SECRET")
        assert [uow.sessions.end("a", "signed_out", START) for _ in range(2)] == [True, False]
        assert uow.sessions.by_token("token-a") is None


def test_all_of_one_account_end_but_one(both: Database) -> None:
    with both() as uow:
        for name in "abc":
            uow.sessions.add(session(name), f"token-{name}")
        uow.sessions.add(session("d", LEE.staff.id), "token-d")
        assert uow.sessions.end_all(NOOR.staff.id, "all", START, but="b") == 2
        assert [each.id for each in uow.sessions.of(NOOR.staff.id)] == ["b"]
        assert [each.id for each in uow.sessions.of(LEE.staff.id)] == ["d"]


# -- tries ---------------------------------------------------------------------


def test_of_many_tries_at_once_none_is_left_out(database: Database) -> None:
    def take(key: str) -> timedelta:
        def once() -> timedelta:
            with database() as uow:
                wait = uow.attempts.take({key: 100, "address": 100}, START)
                uow.commit()
                return wait

        return again_on_conflict(once)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(take, [f"account-{number % 3}" for number in range(24)]))
    assert waits == [timedelta(0)] * 24
    counts = {row.key: row.count for row in database.rows(t.sign_in_attempts)}
    assert counts == {"address": 24, "account-0": 8, "account-1": 8, "account-2": 8}


def test_tries_of_long_ago_are_not_kept(database: Database) -> None:
    with database() as uow:
        uow.attempts.take({"old": 5}, START)
        uow.attempts.take({"new": 5}, START + 49 * HOUR)
        uow.commit()
    assert [row.key for row in database.rows(t.sign_in_attempts)] == ["new"]


# -- the audit -----------------------------------------------------------------


def test_what_is_not_committed_is_not_in_the_audit(database: Database) -> None:
    with database() as uow:
        uow.audit.append("noor", "audit.read", "", {}, START)
    assert database.count(t.audit) == 0


def test_lines_that_are_written_at_once_follow_one_another(database: Database) -> None:
    def note(number: int) -> None:
        def once() -> None:
            with database() as uow:
                uow.conversations.add("web", START)
                uow.audit.append("noor", "audit.read", str(number), {"n": number}, START)
                uow.audit.append("lee", "audit.read", str(number), {"n": number}, START)
                uow.commit()

        again_on_conflict(once)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(24)))
    with database() as uow:
        entries = uow.audit.entries(0, 100)
        previous = "0" * 64
        for number, entry in enumerate(entries, start=1):
            assert entry.number == number
            assert uow.audit.is_whole(entry, previous)
            previous = entry.hash
        assert uow.audit.head() == (49, previous, 0)
    # Two lines of one transaction stay beside each other.
    assert all(one.subject == other.subject for one, other in zip(entries[1::2], entries[2::2], strict=True))


def test_whoever_writes_to_the_audit_waits_for_nobody_in_a_circle(database: Database) -> None:
    """Each takes the lock of its talk first and the audit's last, whatever the order of its calls."""
    with database() as uow:
        talks = [uow.conversations.add("web", START).id for _ in range(2)]
        uow.commit()

    def work(number: int) -> None:
        with database() as uow:
            uow.audit.append("noor", "audit.read", "", {}, START)
            uow.conversations.lock(talks[number % 2])
            uow.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert database.count(t.audit) == 41


@pytest.mark.parametrize("text", ["NUL \x00", "half \ud800", "ключ", "x" * 5000])
def test_a_detail_of_any_text_is_proved_after_it_is_read(database: Database, text: str) -> None:
    with database() as uow:
        uow.audit.append("noor", "audit.read", "", {"text": text, "list": (1, 2.5, None)}, START)
        uow.commit()
    with database() as uow:
        first, second = uow.audit.entries(0, 9)
        assert second.detail["text"] == text
        assert uow.audit.is_whole(second, first.hash)
