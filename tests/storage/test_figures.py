"""What is counted of the database, and what is left out."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.escalation import Outcome, Status, Tier
from bot.services.measures import SPAN, Figures, Outbox
from bot.services.pager_process import NAME
from bot.services.ports import PagePlan
from bot.services.telephone_ports import Purpose, TextState
from bot.storage.figures import read_figures
from tests.harness.clock import START
from tests.harness.storage import Database
from tests.storage.test_repositories import an_escalation

SECOND = timedelta(seconds=1)
NUMBER, CLINIC_NUMBER = "+15550100142", "+15550100199"


def _escalate(database: Database, tier: Tier = Tier.EMERGENCY, **changes: object) -> str:
    """One more, with a page that is due at START; its id."""
    with database() as uow:
        escalation = an_escalation(uow.conversations.add("web", START).id, tier, **changes)
        uow.escalations.add(escalation)
        uow.pages.add(PagePlan(escalation.id, "1", "noor", 0), START, START)
        uow.commit()
    return escalation.id


def _close(database: Database, escalation_id: str) -> None:
    with database() as uow:
        closed = uow.escalations.get(escalation_id).moved(Status.RESOLVED, START, outcome=Outcome.HANDLED)
        uow.escalations.update(closed)
        uow.commit()


def _send(database: Database, seconds: float, **changes: object) -> None:
    """A page that leaves so many seconds after it was stored."""
    escalation_id = _escalate(database, **changes)
    with database() as uow:
        (page,) = [p for p in uow.pages.lease_due(START, START + SECOND, 99) if p.escalation_id == escalation_id]
        uow.pages.mark_sent(page.id, START + seconds * SECOND)
        uow.commit()


def _read(database: Database, after: timedelta = SECOND) -> Figures:
    return read_figures(database.engine, START + after)


def test_an_empty_database_has_nothing_to_tell(database: Database) -> None:
    assert _read(database) == Figures({}, {}, Outbox(0, None), Outbox(0, None), (), None, None)


def test_escalations_are_counted_by_tier_and_status(database: Database) -> None:
    _escalate(database)
    _escalate(database)
    _escalate(database, Tier.URGENT, status=Status.ACKNOWLEDGED)
    assert _read(database).escalations == {
        (Tier.EMERGENCY, Status.OPEN): 2,
        (Tier.URGENT, Status.ACKNOWLEDGED): 1,
    }


def test_closed_ones_and_drills_are_left_out(database: Database) -> None:
    _escalate(database, canary=True)
    _close(database, _escalate(database))
    assert (_read(database).escalations, _read(database).waiting_since) == ({}, {})


def test_a_drill_counts_when_it_has_gone_the_whole_way(database: Database) -> None:
    escalation_id = _escalate(database, canary=True)
    assert _read(database).drilled is None
    _close(database, escalation_id)
    assert _read(database).drilled == START


def test_the_oldest_that_nobody_has_is_told_by_tier(database: Database) -> None:
    _escalate(database, opened_at=START - SECOND)
    _escalate(database)
    _escalate(database, Tier.URGENT, status=Status.ACKNOWLEDGED)
    assert _read(database).waiting_since == {Tier.EMERGENCY: START - SECOND}


def test_pages_wait_from_when_they_are_due(database: Database) -> None:
    _escalate(database)
    assert _read(database, -SECOND).pages == Outbox(0, None)
    assert _read(database).pages == Outbox(1, START)


def test_a_page_that_has_left_is_no_longer_due_and_tells_its_delay(database: Database) -> None:
    _send(database, 3)
    figures = _read(database, SPAN)
    assert (figures.pages.due, figures.page_delays) == (0, (3 * SECOND,))


def test_a_page_of_long_ago_or_of_a_drill_tells_none(database: Database) -> None:
    _send(database, 1)
    _send(database, 7, canary=True)
    assert _read(database, SPAN + SECOND).page_delays == ()


def test_texts_wait_until_they_have_left(database: Database) -> None:
    with database() as uow:
        conversation = uow.conversations.add("sms", START)
        address = uow.addresses.add(NUMBER, CLINIC_NUMBER, conversation.id, START)
        uow.texts.add(address, "one", ["Hello."], Purpose.ANSWER, START)
        uow.texts.add(address, "two", ["Said already."], Purpose.ANSWER, START, TextState.IN_ANSWER)
        uow.commit()
    assert _read(database).texts == Outbox(1, START)


def test_a_pager_tells_when_it_was_last_at_work(database: Database) -> None:
    with database() as uow:
        uow.heartbeats.beat(NAME, START)
        uow.commit()
    assert _read(database).pager_seen == START
