"""Pages leave once, are tried again, take another way, and carry nothing of the patient's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from bot.domain.escalation import Tier
from bot.domain.on_call import Contact, Ladder, Step
from bot.services.escalations import Report
from bot.services.paging import LEASE, PATIENCE, PagingService
from bot.storage import tables
from tests.harness.cast import CLINIC, EMERGENCY, MINUTE, ON_CALL
from tests.harness.house import House
from tests.harness.storage import Database

NOORS, NOORS_OTHER, LEES = "+15550100101", "+15550100102", "+15550100111"


@pytest.fixture
async def reference(house: House) -> str:
    """The reference of an emergency that is due to be paged."""
    outcome = await house.hears(EMERGENCY)
    return outcome.escalation.reference


def _pauses(house: House, count: int) -> list[float]:
    """Seconds until the next try, for so many failures in a row."""
    pauses = []
    for _ in range(count):
        house.paging.tick()
        page = house.database.rows(tables.pages)[0]
        pauses.append((page.due_at - house.clock()).total_seconds())
        house.clock.now = page.due_at
    return pauses


def _states(house: House) -> dict[str, str]:
    return {row.step: row.state for row in house.database.rows(tables.pages)}


def _events(house: House) -> list[str]:
    return [row.event for row in house.database.rows(tables.escalation_events)]


@pytest.mark.usefixtures("reference")
async def test_a_page_is_sent_once(house: House) -> None:
    assert [house.paging.tick(), house.paging.tick()] == [1, 0]
    assert house.pager.reached == [NOORS]


@pytest.mark.usefixtures("reference")
async def test_a_sent_page_is_recorded_and_the_patient_is_told(house: House) -> None:
    house.paging.tick()
    (page,) = house.database.rows(tables.pages)
    assert (page.state, page.sent_at) == ("sent", house.clock())
    assert _events(house) == ["opened", "step_taken", "page_sent", "patient_told"]


async def test_a_page_says_clinic_tier_reference_waiting_time_and_a_link_and_no_more(
    house: House, reference: str
) -> None:
    house.clock.move(minutes=3, seconds=50)
    house.paging.tick()
    (page,) = house.database.rows(tables.pages)
    assert house.pager.pages[0].title == "On call: emergency"
    assert house.pager.sent == [
        f"{CLINIC.name}: emergency report {reference}, waiting 3 min. "
        f"To take it open {house.links.url(page.id, house.clock())}"
    ]


@pytest.mark.usefixtures("reference")
async def test_a_clock_that_was_set_back_gives_no_negative_waiting_time(house: House) -> None:
    house.clock.move(hours=-1)
    house.paging.tick()
    assert "waiting 0 min" in house.pager.sent[0]


@pytest.mark.usefixtures("reference")
async def test_a_page_that_fails_is_tried_again_with_growing_pauses(house: House) -> None:
    house.pager.failing = ConnectionError("no route")
    assert _pauses(house, 3) == [5, 10, 20]
    assert house.database.rows(tables.pages)[0].last_error == "ConnectionError"


@pytest.mark.usefixtures("reference")
async def test_a_way_that_fails_four_times_is_given_up_for_the_next(house: House) -> None:
    house.pager.down = {NOORS}
    _pauses(house, 3)
    house.paging.tick()
    assert _states(house) == {"1.0.0/noor/0": "refused", "1.0.0/noor/1": "pending"}
    house.paging.tick()
    assert house.pager.reached == [NOORS_OTHER]


@pytest.mark.usefixtures("reference")
async def test_a_way_that_is_refused_is_not_tried_again(house: House) -> None:
    house.pager.refusing = {NOORS}
    house.paging.tick()
    house.paging.tick()
    assert (house.pager.tries, house.pager.reached) == (2, [NOORS_OTHER])


@pytest.mark.usefixtures("reference")
async def test_a_sender_that_is_broken_is_a_way_that_is_closed(house: House) -> None:
    house.pager.failing = ZeroDivisionError("a bug")
    house.paging.tick()
    house.pager.failing = None
    house.paging.tick()
    assert house.pager.reached == [NOORS_OTHER]


@pytest.mark.usefixtures("reference")
async def test_a_page_leaves_when_the_pager_works_again(house: House) -> None:
    house.pager.failing = ConnectionError("no route")
    house.paging.tick()
    house.pager.failing = None
    house.clock.move(seconds=5)
    assert house.paging.tick() == 1


@pytest.mark.usefixtures("reference")
async def test_a_failed_page_is_not_tried_before_its_pause_is_over(house: House) -> None:
    house.pager.failing = ConnectionError("no route")
    house.paging.tick()
    house.clock.move(seconds=4)
    house.paging.tick()
    assert house.pager.tries == 1


@pytest.mark.usefixtures("reference")
async def test_a_worker_that_dies_while_sending_leaves_the_page_to_the_next(house: House) -> None:
    def die(_: Contact) -> None:
        raise SystemExit

    house.pager.meanwhile = die
    with pytest.raises(SystemExit):
        house.paging.tick()
    house.pager.meanwhile = None
    house.clock.move(seconds=31)
    assert house.paging.tick() == 1


async def test_one_tick_sends_everything_that_is_due(house: House) -> None:
    for sender in ("ana", "ben", "cleo"):
        house.desk.open_for_sender(sender, "slack", Report("m-1", Tier.URGENT, "screen"))
    assert house.paging.tick() == 3
    assert len(set(house.pager.sent)) == 3


async def test_with_nothing_due_nothing_is_sent(house: House) -> None:
    house.desk.open_for_sender("ana", "slack", Report("m-1", Tier.ROUTINE, "person_requested"))
    assert (house.paging.tick(), house.pager.sent) == (0, [])


@pytest.mark.usefixtures("reference")
async def test_no_transaction_is_open_while_a_page_is_sent(house: House) -> None:
    seen: list[int] = []

    def meanwhile(_: Contact) -> None:
        house.desk.open_for_sender("ben", "slack", Report("m-1", Tier.ROUTINE, "person_requested"))
        seen.append(house.database.count(tables.escalations))

    house.pager.meanwhile = meanwhile
    house.paging.tick()
    assert seen == [2]


@pytest.mark.usefixtures("reference")
async def test_a_second_worker_does_not_send_what_the_first_is_sending(house: House) -> None:
    others: list[int] = []
    second = PagingService(house.paging._parts)

    def meanwhile(_: Contact) -> None:
        house.clock.move(seconds=29)
        others.append(second.tick())

    house.pager.meanwhile = meanwhile
    assert house.paging.tick() == 1
    assert others == [0]


# -- what happens while a page is on its way -----------------------------------


async def test_who_acknowledges_while_a_page_is_sent_is_the_last_news_for_the_patient(
    house: House, reference: str
) -> None:
    house.pager.meanwhile = lambda _: house.handling.acknowledge(reference, "lee", "cli") and None
    house.paging.tick()
    notices = [row.reply["topic"] for row in house.database.rows(tables.messages) if row.author == "notice"]
    assert notices == ["notice/seen"]
    assert _states(house) == {"1.0.0/noor/0": "sent"}


@pytest.mark.parametrize("failing", [ConnectionError(), ZeroDivisionError()])
async def test_a_page_that_fails_after_somebody_acknowledged_is_not_tried_another_way(
    house: House, reference: str, failing: Exception
) -> None:
    def meanwhile(_: Contact) -> None:
        house.handling.acknowledge(reference, "lee", "cli")
        raise failing

    house.pager.meanwhile = meanwhile
    house.paging.tick()
    assert _states(house) == {"1.0.0/noor/0": "cancelled"}
    house.pager.meanwhile = None
    house.clock.move(minutes=4)
    assert house.paging.tick() == 0


@pytest.mark.usefixtures("reference")
async def test_an_accepted_page_is_not_sent_again_when_the_database_went_away_meanwhile(house: House) -> None:
    house.pager.meanwhile = lambda _: house.database.goes_down()
    assert house.paging.tick() == 1
    house.database.comes_back()
    house.clock.move(minutes=2)
    assert house.paging.tick() == 0
    assert (house.pager.tries, _states(house)) == (1, {"1.0.0/noor/0": "sent"})


async def test_somebody_who_was_taken_out_of_the_list_counts_as_refused_and_not_as_paged(
    engine: Engine, tmp_path: Path
) -> None:
    await House(Database(engine), tmp_path / "spool").hears(EMERGENCY)
    people = {name: person for name, person in ON_CALL.people.items() if name != "noor"}
    ladders = {Tier.EMERGENCY: Ladder((Step(("lee",)), Step(("kim",), 3 * MINUTE)), 3, 5 * MINUTE)}
    restarted = House(Database(engine), tmp_path / "spool", on_call=replace(ON_CALL, people=people, ladders=ladders))
    assert restarted.paging.tick() == 0
    assert _states(restarted) == {"1.0.0/noor/0": "refused"}
    assert _events(restarted)[-2:] == ["page_refused", "step_reached_nobody"]


# -- a provider that hangs -----------------------------------------------------


@pytest.fixture
async def hanging(engine: Engine, tmp_path: Path) -> House:
    """A house where Noor's first number hangs, and a report that was handed to it."""
    house = House(Database(engine), tmp_path / "spool", patience=0.1)
    house.pager.hanging = {NOORS}
    await house.hears(EMERGENCY)
    return house


def _let_go(house: House) -> None:
    """The provider answers at last, and all is recorded."""
    house.pager.released.set()
    house.paging._hands.shutdown(wait=True)


async def test_a_page_that_hangs_does_not_hold_up_the_turn(hanging: House) -> None:
    assert hanging.paging.tick() == 0
    assert hanging.timekeeper.tick() == 0
    _let_go(hanging)


async def test_a_page_that_hangs_is_given_up_for_the_next_way(hanging: House) -> None:
    hanging.paging.tick()
    hanging.clock.move(seconds=PATIENCE.total_seconds() - 1)
    assert (hanging.paging.tick(), _states(hanging)) == (0, {"1.0.0/noor/0": "pending"})
    hanging.clock.move(seconds=1)
    hanging.paging.tick()
    assert _states(hanging)["1.0.0/noor/0"] == "refused"
    assert _states(hanging)["1.0.0/noor/1"] in ("pending", "sent")
    _let_go(hanging)
    assert sorted(hanging.pager.reached) == [NOORS, NOORS_OTHER]


async def test_a_page_that_is_accepted_late_is_recorded_as_sent(hanging: House) -> None:
    hanging.paging.tick()
    hanging.clock.now += PATIENCE
    hanging.paging.tick()
    _let_go(hanging)
    assert set(_states(hanging).values()) == {"sent"}


async def test_a_page_that_hangs_past_its_lease_is_not_sent_beside_itself(hanging: House) -> None:
    hanging.paging.tick()
    hanging.clock.now += LEASE + timedelta(seconds=1)
    hanging.paging._lose_patience = lambda: None  # type: ignore[method-assign]
    assert hanging.paging.tick() == 0
    assert hanging.pager.tries == 1
    _let_go(hanging)
