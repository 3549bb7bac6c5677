"""The outbox of pages: each is sent by one worker at a time, and not forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from bot.domain.escalation import Tier
from bot.services.ports import Page
from bot.storage import tables
from tests.harness.clock import START
from tests.harness.storage import Database
from tests.storage.test_repositories import an_escalation

LEASE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@pytest.fixture
def escalation_id(database: Database) -> str:
    """An escalation with one page that is due at START."""
    with database() as uow:
        escalation = an_escalation(uow.conversations.add("web", START).id, Tier.EMERGENCY)
        uow.escalations.add(escalation)
        uow.pages.add(escalation.id, "emergency/1", due_at=START, now=START)
        uow.commit()
    return escalation.id


def _lease(database: Database, now: datetime, limit: int = 9) -> tuple[Page, ...]:
    with database() as uow:
        due = uow.pages.lease_due(now, now + LEASE, limit)
        uow.commit()
    return due


def test_a_page_knows_what_it_is_about(database: Database, escalation_id: str) -> None:
    (page,) = _lease(database, START)
    assert (page.escalation_id, page.tier, page.opened_at) == (escalation_id, Tier.EMERGENCY, START)


def test_a_step_has_one_page(database: Database, escalation_id: str) -> None:
    with database() as uow:
        added = [uow.pages.add(escalation_id, step, START, START) for step in ("emergency/1", "emergency/2")]
    assert added == [False, True]


@pytest.mark.usefixtures("escalation_id")
def test_a_page_is_not_due_before_its_time(database: Database) -> None:
    assert _lease(database, START - SECOND) == ()


@pytest.mark.usefixtures("escalation_id")
def test_a_second_worker_does_not_get_a_leased_page(database: Database) -> None:
    assert len(_lease(database, START)) == 1
    assert _lease(database, START + SECOND) == ()


@pytest.mark.usefixtures("escalation_id")
def test_of_workers_at_the_same_moment_one_gets_the_page(database: Database) -> None:
    start = Barrier(4)

    def work(_: int) -> int:
        start.wait()
        return len(_lease(database, START))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1


@pytest.mark.usefixtures("escalation_id")
def test_a_page_of_a_worker_that_died_is_due_again(database: Database) -> None:
    (first,) = _lease(database, START)
    (again,) = _lease(database, START + LEASE + SECOND)
    assert (again.id, again.attempts) == (first.id, 1)


@pytest.mark.usefixtures("escalation_id")
def test_a_sent_page_is_never_due_again(database: Database) -> None:
    (page,) = _lease(database, START)
    with database() as uow:
        uow.pages.mark_sent(page.id, START)
        uow.commit()
    assert _lease(database, START + 10 * LEASE) == ()


@pytest.mark.usefixtures("escalation_id")
@pytest.mark.parametrize(("after", "due"), [(9, 0), (10, 1)])
def test_a_failed_page_waits_for_its_retry(database: Database, after: int, due: int) -> None:
    (page,) = _lease(database, START)
    with database() as uow:
        uow.pages.mark_failed(page.id, "OSError" * 100, START + timedelta(seconds=10))
        uow.commit()
    assert len(_lease(database, START + timedelta(seconds=after))) == due
    assert len(database.rows(tables.pages)[0].last_error) == 200


def test_no_more_pages_are_leased_than_asked_for(database: Database, escalation_id: str) -> None:
    with database() as uow:
        for step in range(3):
            uow.pages.add(escalation_id, f"more/{step}", START - SECOND, START)
        uow.commit()
    assert [len(_lease(database, START, limit=2)) for _ in range(3)] == [2, 2, 0]
