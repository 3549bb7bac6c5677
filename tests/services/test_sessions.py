"""Sessions: who is at work stays in, who is not is out."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.storage import staff_tables as t
from tests.harness.clock import FakeClock
from tests.services.staff_cast import NOOR, Accounts, Visitor


@pytest.fixture
def token(accounts: Accounts) -> str:
    """Noor has signed in."""
    accounts.add()
    return accounts.enter().token


def test_whoever_is_at_work_stays_in(accounts: Accounts, clock: FakeClock, token: str) -> None:
    for _ in range(10):
        clock.move(minutes=14, seconds=59)
        found = accounts.sessions.find(token, touch=True)
        assert found is not None
        assert (found.ends_at - clock()).total_seconds() == 15 * 60


def test_looking_alone_is_not_work(accounts: Accounts, clock: FakeClock, token: str) -> None:
    for _ in range(2):
        clock.move(minutes=7)
        assert accounts.sessions.find(token, touch=False) is not None
    clock.move(minutes=1)
    assert accounts.sessions.find(token, touch=True) is None


def test_what_is_over_stays_over(accounts: Accounts, clock: FakeClock, token: str) -> None:
    clock.move(minutes=15)
    assert accounts.sessions.find(token, touch=True) is None
    clock.move(minutes=-15)
    assert accounts.sessions.find(token, touch=True) is None
    assert [action for _, action, _ in accounts.audited()].count("session.over") == 1


def test_after_twelve_hours_it_is_over_however_busy(accounts: Accounts, clock: FakeClock, token: str) -> None:
    for _ in range(71):
        clock.move(minutes=10)
        found = accounts.sessions.find(token, touch=True)
        assert found is not None
    assert (found.ends_at - clock()).total_seconds() == 600
    clock.move(minutes=10)
    assert accounts.sessions.find(token, touch=True) is None


@pytest.mark.parametrize("token", ["", "guess", "0" * 9999, "\u0661"])
def test_a_token_that_we_did_not_make_belongs_to_nobody(accounts: Accounts, token: str) -> None:
    assert accounts.sessions.find(token, touch=True) is None


def test_no_token_lies_in_the_database(accounts: Accounts, token: str) -> None:
    assert token not in str(accounts.database.rows(t.staff_sessions))


def test_what_a_browser_says_of_itself_is_kept_short_and_plain(accounts: Accounts) -> None:
    accounts.add()
    begun = accounts.enter(visitor=Visitor("198.51.100.7", "Fire\x00fox\n" + "x" * 999))
    agent = accounts.found(begun.token).session.agent
    assert agent.startswith("Firefoxxx")
    assert len(agent) == 120


def test_everywhere_else_is_signed_out_but_not_here(accounts: Accounts, token: str) -> None:
    others = [accounts.enter().token for _ in range(3)]
    assert accounts.sessions.end_others(accounts.found(token)) == 3
    assert accounts.sessions.find(token, touch=False) is not None
    assert [accounts.sessions.find(other, touch=False) for other in others] == [None] * 3
    assert accounts.audited()[-1] == (NOOR, "session.all_ended", NOOR)


def test_whoever_signs_out_twice_is_out_once(accounts: Accounts, token: str) -> None:
    found = accounts.found(token)
    for _ in range(2):
        accounts.sessions.sign_out(found)
    assert [action for _, action, _ in accounts.audited()].count("session.signed_out") == 1


def test_a_session_says_why_it_ended(accounts: Accounts, token: str) -> None:
    accounts.sessions.discard(token)
    accounts.sessions.discard("guess")
    with accounts.database.engine.connect() as connection:
        assert connection.execute(sa.select(t.staff_sessions.c.end_reason)).scalars().all() == ["replaced"]
