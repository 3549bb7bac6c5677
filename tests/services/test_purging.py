"""What is kept no longer is deleted, a little at a time; what somebody still needs stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.audit import Action
from bot.domain.escalation import Outcome
from bot.domain.retention import Retention
from bot.services.audit import AuditDesk
from bot.services.purging import Memory, Purge
from bot.storage import staff_tables, tables
from tests.harness.cast import BENIGN, EMERGENCY
from tests.harness.house import House

DAY = timedelta(days=1)
RETENTION = Retention(talks=10 * DAY, reports=400 * DAY, feedback=30 * DAY)


@pytest.fixture
def forgotten() -> list[str]:
    """Talks that the dialogue was told to forget."""
    return []


@pytest.fixture
def purge(house: House, forgotten: list[str]) -> Purge:
    """On the house's database."""
    return Purge(house.database, RETENTION, house.clock, Memory(forgotten.append, lambda _moment, _limit: 0))


def _texts(house: House) -> list[str]:
    return [row.text for row in house.database.rows(tables.messages)]


async def _report(house: House) -> str:
    outcome = await house.hears(EMERGENCY)
    assert outcome.escalation is not None
    return outcome.escalation.reference


async def test_a_talk_goes_when_its_last_message_is_old(house: House, purge: Purge, forgotten: list[str]) -> None:
    talk = (await house.hears(BENIGN)).conversation_id
    house.clock.move(days=9)
    await house.hears(BENIGN, talk)
    house.clock.move(days=9)
    assert purge.once().talks == 0
    house.clock.move(days=2)
    assert purge.once().talks == 1
    assert _texts(house) == []
    assert forgotten == [talk]
    assert purge.once().total == 0


async def test_an_open_report_keeps_its_talk_for_ever(house: House, purge: Purge) -> None:
    await _report(house)
    house.clock.move(days=5000)
    assert (purge.due().talks, purge.once().talks) == (0, 0)
    assert EMERGENCY in _texts(house)


async def test_a_closed_report_keeps_its_talk_for_its_own_time(house: House, purge: Purge) -> None:
    reference = await _report(house)
    house.handling.note(reference, "noor", "Her sister is there.")
    house.handling.resolve(reference, "noor", Outcome.HANDLED, "she is well")
    house.clock.move(days=399)
    assert purge.once().talks == 0
    house.clock.move(days=2)
    assert purge.once().talks == 1
    details = str([row.detail for row in house.database.rows(tables.escalation_events)])
    assert "sister" not in details
    assert "she is well" not in details


async def test_the_histories_hold_together_after_it(house: House, purge: Purge) -> None:
    reference = await _report(house)
    house.handling.resolve(reference, "noor", Outcome.HANDLED, "she is well")
    house.clock.move(days=500)
    purge.once()
    verdict = AuditDesk(house.database, house.database.reader, house.clock).verify("mara")
    assert (verdict.broken, verdict.events > 0) == (None, True)


async def test_a_message_that_comes_meanwhile_saves_the_talk(house: House, purge: Purge) -> None:
    talk = (await house.hears(BENIGN)).conversation_id
    house.clock.move(days=11)
    assert purge.due().talks == 1
    await house.hears(BENIGN, talk)
    assert purge.once().talks == 0


async def test_a_step_takes_no_more_than_it_says(house: House, purge: Purge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.purging._TALKS_AT_A_TIME", 2)
    for _ in range(3):
        await house.hears(BENIGN)
    house.clock.move(days=11)
    assert [purge.tick() for _ in range(3)] == [2, 1, 0]
    await house.hears(BENIGN)
    house.clock.move(minutes=59)
    assert purge.tick() == 0


def test_old_feedback_goes_and_new_stays(house: House, purge: Purge) -> None:
    with house.database.engine.begin() as connection:
        for age in (31, 29):
            values = {"topic": "faq/parking", "helpful": True, "at": house.clock() - age * DAY}
            connection.execute(tables.feedback.insert().values(**values))
    assert purge.due().feedback == 1
    assert purge.once().feedback == 1
    assert house.database.count(tables.feedback) == 1


async def test_it_stands_in_the_audit_with_numbers_alone(house: House, purge: Purge) -> None:
    await house.hears(BENIGN)
    house.clock.move(days=11)
    purge.once()
    line = house.database.rows(staff_tables.audit)[-1]
    assert (line.actor, line.action, line.subject) == ("retention", Action.PURGED, "")
    assert line.detail == {"talks": 1, "feedback": 0, "memories": 0}
    purge.once()
    assert house.database.rows(staff_tables.audit)[-1].number == line.number
