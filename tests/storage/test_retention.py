"""Which talks may go, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.escalation import Status, Tier
from bot.domain.retention import Limits, Retention
from tests.harness.clock import START
from tests.harness.storage import Database
from tests.storage.test_repositories import an_escalation

DAY = timedelta(days=1)
RETENTION = Retention(talks=10 * DAY, reports=400 * DAY, feedback=30 * DAY)


def _talk(database: Database, *said: datetime, status: Status | None = None) -> str:
    """A talk that began at START, with messages and perhaps a report; its id."""
    with database() as uow:
        talk: str = uow.conversations.add("web", START).id
        for number, at in enumerate(said):
            uow.messages.add_inbound(talk, f"message-{number}", "text", {}, at)
        if status is not None:
            case = an_escalation(talk, Tier.EMERGENCY)
            uow.escalations.add(case)
            uow.escalations.update(replace(case, status=status))
        uow.commit()
    return talk


def _due(database: Database, days: int) -> set[str]:
    now = START + days * DAY
    limits = Limits.of(RETENTION, now)
    with database() as uow:
        found = uow.retention.talks(limits, now - DAY, 100)
        assert uow.retention.count_talks(limits, now - DAY) == len(found)
        assert all(uow.retention.is_due(talk, limits, now - DAY) for talk in found)
    return set(found)


def test_a_talk_without_a_report_has_its_own_time(database: Database) -> None:
    old, young = _talk(database, START), _talk(database, START, START + 9 * DAY)
    assert _due(database, 9) == set()
    assert _due(database, 11) == {old}
    assert _due(database, 20) == {old, young}


def test_a_report_keeps_its_talk_longer_and_an_open_one_for_ever(database: Database) -> None:
    closed = _talk(database, START, status=Status.RESOLVED)
    _talk(database, START, status=Status.OPEN)
    assert _due(database, 399) == set()
    assert _due(database, 401) == {closed}


def test_what_is_gone_is_not_found_again(database: Database) -> None:
    talk = _talk(database, START)
    with database() as uow:
        uow.forgetting.ask(talk, START)
        uow.forgetting.forget(talk, START)
        uow.commit()
    assert _due(database, 20) == set()
