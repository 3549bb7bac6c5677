"""The audit and the histories: whatever somebody without the key does to them is found and named."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.chain import START
from bot.domain.escalation import Outcome, Tier
from bot.services.account_ports import AuditFilter
from bot.services.audit import AuditDesk
from bot.services.escalations import Report
from bot.storage import staff_tables as t
from bot.storage.tables import escalation_events
from tests.harness.clock import FakeClock
from tests.harness.house import House
from tests.harness.storage import Database


@pytest.fixture
def desk(database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AuditDesk:
    """Five lines, read two at a time."""
    monkeypatch.setattr("bot.services.audit._BATCH", 2)
    desk = AuditDesk(database, database.reader, clock)
    for number in range(4):  # the first also begins it
        clock.move(minutes=1)
        desk.note("noor" if number % 2 else "lee", "audit.read", f"case-{number}", {"number": number})
    return desk


def change(database: Database, statement: str) -> None:
    """What somebody with the database and without the key can do."""
    with database.engine.begin() as connection:
        connection.execute(sa.text(statement))


# -- the audit -----------------------------------------------------------------


def test_a_record_that_nobody_has_touched_is_whole(desk: AuditDesk, database: Database) -> None:
    verdict = desk.verify("mara")
    assert (verdict.entries, verdict.broken) == (5, None)
    assert verdict.head == database.rows(t.audit)[4].hash
    assert desk.verify("mara").entries == 6


def test_a_record_that_is_empty_is_whole(database: Database, clock: FakeClock) -> None:
    assert AuditDesk(database, database.reader, clock).verify("mara").broken is None


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET actor = 'kim' WHERE number = 3", "audit line 3 is not as it was written"),
        ("UPDATE audit SET action = 'x' WHERE number = 3", "audit line 3 is not as it was written"),
        ("UPDATE audit SET subject = 'x' WHERE number = 1", "audit line 1 is not as it was written"),
        ("UPDATE audit SET at = '2026-01-01 00:00:00.000000' WHERE number = 2", "audit line 2 is not"),
        ("UPDATE audit SET detail = '{}' WHERE number = 5", "audit line 5 is not as it was written"),
        ("UPDATE audit SET hash = 'x' WHERE number = 4", "audit line 4 is not as it was written"),
        ("DELETE FROM audit WHERE number = 3", "audit line 3 is missing"),
        ("DELETE FROM audit WHERE number = 1", "audit line 1 is missing"),
        ("DELETE FROM audit WHERE number = 5", "audit line 5 is missing: the audit ended with line 5"),
        ("DELETE FROM audit", "audit line 1 is missing: the audit ended with line 5"),
        ("UPDATE audit_head SET hash = 'x'", "audit line 6 is missing: the audit ended with line 5"),
        (
            "INSERT INTO audit SELECT 6, at, actor, action, subject, detail, hash, 'x' FROM audit WHERE number = 5",
            "audit line 6 is not as it was written",
        ),
        ("UPDATE audit SET number = 9 - number WHERE number IN (4, 5)", "audit line 4 is not as it was written"),
    ],
)
def test_the_first_line_that_was_tampered_with_is_named(
    desk: AuditDesk, database: Database, statement: str, said: str
) -> None:
    if "9 - number" in statement:  # swapping goes in two steps: a number is there once
        change(database, "UPDATE audit SET number = number + 10 WHERE number IN (4, 5)")
        statement = "UPDATE audit SET number = 19 - number WHERE number > 10"
    change(database, statement)
    assert (desk.verify("mara").broken or "").startswith(said)


def test_an_end_that_was_cut_off_with_its_note_is_found_by_a_line_that_was_kept(
    desk: AuditDesk, database: Database
) -> None:
    verdict = desk.verify("mara")
    kept = (verdict.entries, verdict.head)
    assert desk.verify("mara", kept).broken is None
    change(database, "DELETE FROM audit WHERE number > 4")
    change(database, "UPDATE audit_head SET number = 4, hash = (SELECT hash FROM audit WHERE number = 4)")
    assert desk.verify("mara", kept).broken == f"audit line {kept[0]} is not the one that was noted"


def test_details_are_sealed_and_still_proved(desk: AuditDesk, database: Database) -> None:
    with database.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT detail FROM audit").scalars().all()
    assert all("gAAAAA" in each for each in raw)


# -- the histories -------------------------------------------------------------


@pytest.fixture
def cases(house: House) -> House:
    """Two cases: the first is closed by now."""
    references = []
    for sender in ("ana", "ben"):
        report = Report(f"message-{sender}", Tier.EMERGENCY, "screen", ("cardiac",), {"evidence": [{"text": "…"}]})
        references.append(house.desk.open_for_sender(sender, "rest", report).reference)
    house.handling.acknowledge(references[0], "noor", "cli")
    house.handling.resolve(references[0], "noor", Outcome.HANDLED, "spoke with her")
    return house


def verify(house: House) -> str:
    """What a check finds."""
    return AuditDesk(house.database, house.database.reader, house.clock).verify("mara").broken or "whole"


def test_histories_that_nobody_has_touched_are_whole(cases: House) -> None:
    verdict = AuditDesk(cases.database, cases.database.reader, cases.clock).verify("mara")
    assert (verdict.broken, verdict.events) == (None, cases.database.count(escalation_events))
    assert verdict.events >= 8


@pytest.mark.parametrize(
    "change_it",
    [
        "UPDATE escalation_events SET actor = 'lee' WHERE event = 'resolved'",
        "UPDATE escalation_events SET event = 'acknowledged' WHERE event = 'resolved'",
        "UPDATE escalation_events SET detail = '{}' WHERE event = 'resolved'",
        "UPDATE escalation_events SET at = '2026-01-01 00:00:00.000000' WHERE event = 'resolved'",
        "UPDATE escalation_events SET hash = NULL, previous = NULL WHERE event = 'resolved'",
        "DELETE FROM escalation_events WHERE event = 'acknowledged'",
        "UPDATE escalation_events SET escalation_id = (SELECT max(escalation_id) FROM escalation_events e"
        " WHERE e.escalation_id <> escalation_events.escalation_id) WHERE event = 'acknowledged'",
    ],
)
def test_a_history_that_was_tampered_with_is_named(cases: House, change_it: str) -> None:
    reference = next(e.reference for e in cases.desk.listing(include_resolved=True) if e.status == "resolved")
    change(cases.database, change_it)
    assert ("is not as it was written" in verify(cases)) or ("has lost its hash" in verify(cases))
    if "escalation_id =" not in change_it:
        assert f"of the history of {reference}" in verify(cases)


def test_lines_of_before_the_chain_are_allowed_at_the_start_and_nowhere_else(cases: House) -> None:
    """As after an update: the first case is older than the chain, the second is not."""
    rows = cases.database.rows(escalation_events)
    first = rows[0].escalation_id
    old = max(row.id for row in rows if row.escalation_id == first and row.event in ("opened", "step_taken"))
    e = escalation_events
    with cases.database.engine.begin() as connection:
        connection.execute(e.delete().where(e.c.escalation_id == first, e.c.id > old))
        connection.execute(e.update().where(e.c.escalation_id == first).values(hash=None, previous=None))
        connection.execute(t.audit.delete())
        connection.execute(t.audit_head.update().values(number=0, hash=START, unchained_events=old))
    reference = next(e.reference for e in cases.desk.listing(include_resolved=True) if e.id == first)
    with cases.database() as uow:
        uow.escalations.record(first, "noor", "wrote", {"characters": 3}, cases.clock())
        uow.commit()
    assert verify(cases) == "whole"
    # The audit has begun by now, and says itself up to where lines have no hash.
    change(cases.database, "UPDATE audit_head SET unchained_events = 9999")
    change(cases.database, "UPDATE escalation_events SET hash = NULL WHERE event = 'wrote'")
    assert verify(cases).endswith(f"of the history of {reference} (wrote) has lost its hash")


def test_a_talk_that_is_forgotten_leaves_its_history_whole(cases: House) -> None:
    """The words go, and with them what the staff wrote about them; what happened, and when, stays proved."""
    case = next(e for e in cases.desk.listing(include_resolved=True) if e.status == "resolved")
    with cases.database() as uow:
        uow.forgetting.ask(case.conversation_id, cases.clock())
        uow.forgetting.forget(case.conversation_id, cases.clock())
        uow.commit()
    assert {entry.detail.get("reason") for entry in cases.desk.history(case.reference)} == {None}
    assert verify(cases) == "whole"
    change(cases.database, "UPDATE forgettings SET done_at = NULL")
    assert f"of the history of {case.reference} (opened) is not as it was written" in verify(cases)


def test_what_stays_of_a_talk_that_is_forgotten_cannot_be_changed(cases: House) -> None:
    case = next(e for e in cases.desk.listing(include_resolved=True) if e.status == "resolved")
    with cases.database() as uow:
        uow.forgetting.ask(case.conversation_id, cases.clock())
        uow.forgetting.forget(case.conversation_id, cases.clock())
        uow.commit()
    e = escalation_events
    sealed = cases.database.sealer.seal_json({"outcome": "false_alarm"})
    with cases.database.engine.begin() as connection:
        connection.execute(e.update().where(e.c.event == "resolved").values(detail=sealed))
    assert "(resolved) is not as it was written" in verify(cases)


def test_a_history_reads_as_before(cases: House) -> None:
    reference = next(e.reference for e in cases.desk.listing(include_resolved=True) if e.status == "resolved")
    entry = cases.desk.history(reference)[-2]
    assert (entry.actor, entry.event, entry.detail["reason"]) == ("noor", "resolved", "spoke with her")


# -- reading -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (AuditFilter(), [5, 4, 3]),
        (AuditFilter(before=3), [2, 1]),
        (AuditFilter(actor="noor"), [5, 3]),
        (AuditFilter(subject="case-0"), [2]),
        (AuditFilter(action="audit.begun"), [1]),
        (AuditFilter(actor="nobody"), []),
    ],
)
def test_the_newest_lines_come_first(desk: AuditDesk, wanted: AuditFilter, numbers: list[int]) -> None:
    assert [entry.number for entry in desk.listing("mara", wanted, 3)] == numbers


def test_lines_of_a_time_are_found(desk: AuditDesk, clock: FakeClock) -> None:
    wanted = AuditFilter(since=clock.now - timedelta(minutes=2), until=clock.now)
    assert [entry.subject for entry in desk.listing("mara", wanted, 9)] == ["case-2", "case-1"]


def test_reading_the_audit_stands_in_it_once_for_all_its_pages(desk: AuditDesk, database: Database) -> None:
    desk.listing("mara", AuditFilter(actor="lee"), 9)
    desk.listing("mara", AuditFilter(actor="lee", before=3), 9)
    with database() as uow:
        lines = uow.audit.entries(5, 9)
    assert [(line.actor, line.action, line.detail) for line in lines] == [("mara", "audit.read", {"actor": "lee"})]


def test_what_a_check_found_stands_in_the_audit(desk: AuditDesk, database: Database) -> None:
    change(database, "UPDATE audit SET actor = 'kim' WHERE number = 3")
    desk.verify("mara")
    with database() as uow:
        (line,) = uow.audit.entries(5, 9)
    assert line.detail["broken"] == "audit line 3 is not as it was written"
