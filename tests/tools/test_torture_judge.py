"""The kill test's judge finds what it is there to find."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.house import House
from tests.harness.pager_service import Received
from tests.harness.storage import SEALER
from tools.torture import judge
from tools.torture.clinic import PageSeen, pages
from tools.torture.judge import Stored
from tools.torture.patients import Report

SENT = PageSeen("K4XTG", "page-1", "noor", at=103.0)


def report(**changes: Any) -> Report:
    """Accepted, promised, and begun at 100."""
    return Report(
        **{"text": "", "message_id": "m", "begun_at": 100.0, "accepted_at": 101.0, "promised": {"K4XTG"}} | changes
    )


def stored(*references: str, copies: int = 1, said_paged: frozenset[str] = frozenset()) -> Stored:
    """What the database has of that report."""
    return Stored({"m": frozenset(references)}, {"m": copies}, said_paged)


def test_a_report_that_is_stored_and_paged_fails_nothing() -> None:
    found = judge.figures([report()], stored("K4XTG"), [SENT])
    assert judge.failures(found) == []
    assert found["seconds from reply to page"] == {"p50": 2.0, "p95": 2.0, "longest": 2.0}


@pytest.mark.parametrize(
    ("name", "reports", "kept", "sent"),
    [
        ("lost", [report(promised=set())], Stored({}, {"m": 0}, frozenset()), [SENT]),
        ("lost", [report()], stored("K4XTG"), []),
        ("promised falsely", [report(promised={"K4XTG", "W3333"})], stored("K4XTG"), [SENT]),
        ("promised falsely", [report()], stored("K4XTG", said_paged=frozenset({"W3333"})), [SENT]),
        ("never answered", [report(accepted_at=None, promised=set())], stored("K4XTG"), [SENT]),
        ("answered without the safety text", [report(without_safety_text=True)], stored("K4XTG"), [SENT]),
    ],
)
def test_what_must_not_be_is_a_failure(name: str, reports: list[Report], kept: Stored, sent: list[PageSeen]) -> None:
    assert judge.failures(judge.figures(reports, kept, sent)) == [f"{name}: 1, must be 0"]


def test_the_same_page_twice_is_counted_and_the_page_of_another_person_is_not() -> None:
    sent = [SENT, SENT, PageSeen("K4XTG", "page-2", "lee", at=103.0)]
    assert judge.figures([report()], stored("K4XTG"), sent)["pages sent twice"] == 1


def test_one_report_in_two_cases_is_counted() -> None:
    found = judge.figures([report()], stored("K4XTG", "W3333", copies=2), [SENT])
    assert (found["stored twice"], found["escalated twice"]) == (1, 1)


async def test_the_database_is_read_as_the_assistant_writes_it(house: House) -> None:
    outcome = await house.hears("I can't breathe", message_id="message-of-ana-01")
    assert outcome.escalation is not None
    reference = outcome.escalation.reference
    before = judge.read(house.database.engine, SEALER)
    assert (before.references["message-of-ana-01"], before.said_paged) == ({reference}, set())
    house.paging.tick()
    assert judge.read(house.database.engine, SEALER).said_paged == {reference}


def test_a_page_that_broke_off_reached_nobody() -> None:
    text = "Clinic: emergency report K4XTG, waiting 0 min. Reply K4XTG to take it, or open http://h/staff/pages/a1.b.c"
    taken = [Received("/noor", {}, None), Received("/noor", {}, {"message": text}, at=103.0)]
    assert pages(taken) == [PageSeen("K4XTG", "a1", "noor", at=103.0)]
