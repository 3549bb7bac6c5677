"""Pages leave once, are tried again, and carry nothing of the patient's."""

from __future__ import annotations

import pytest

from bot.domain.escalation import Tier
from bot.services.escalations import Report
from bot.storage import tables
from tests.harness.cast import CLINIC, EMERGENCY
from tests.harness.house import House


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
        (page,) = house.database.rows(tables.pages)
        pauses.append((page.due_at - house.clock()).total_seconds())
        house.clock.now = page.due_at
    return pauses


@pytest.mark.usefixtures("reference")
async def test_a_page_is_sent_once(house: House) -> None:
    assert [house.paging.tick(), house.paging.tick()] == [1, 0]
    assert len(house.pager.sent) == 1


@pytest.mark.usefixtures("reference")
async def test_a_sent_page_is_recorded(house: House) -> None:
    house.paging.tick()
    (page,) = house.database.rows(tables.pages)
    assert (page.state, page.sent_at) == ("sent", house.clock())
    assert [row.event for row in house.database.rows(tables.escalation_events)] == ["opened", "page_sent"]


async def test_a_page_says_clinic_tier_reference_and_waiting_time_and_no_more(house: House, reference: str) -> None:
    house.clock.move(minutes=3, seconds=50)
    house.paging.tick()
    assert house.pager.sent == [f"{CLINIC.name}: emergency report {reference}, waiting 3 min"]


@pytest.mark.usefixtures("reference")
async def test_a_page_that_fails_is_tried_again_with_growing_pauses(house: House) -> None:
    house.pager.failing = ConnectionError("no route")
    assert _pauses(house, 8) == [5, 10, 20, 40, 80, 160, 300, 300]
    assert house.database.rows(tables.pages)[0].last_error == "ConnectionError"


@pytest.mark.usefixtures("reference")
async def test_a_pager_that_fails_all_night_is_still_tried(house: House) -> None:
    house.pager.failing = ConnectionError("no route")
    assert _pauses(house, 100)[-1] == 300


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
    house.pager.send = lambda page, text: (_ for _ in ()).throw(SystemExit)  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        house.paging.tick()
    del house.pager.send
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

    def send(page: object, text: str) -> None:
        house.desk.open_for_sender("ben", "slack", Report("m-1", Tier.ROUTINE, "person_requested"))
        seen.append(house.database.count(tables.escalations))

    house.pager.send = send  # type: ignore[method-assign]
    house.paging.tick()
    assert seen == [2]


@pytest.mark.usefixtures("reference")
async def test_a_second_worker_does_not_send_what_the_first_is_sending(house: House) -> None:
    others: list[int] = []

    def send(page: object, text: str) -> None:
        if not others:
            others.append(-1)
            house.clock.move(seconds=29)
            others.append(house.paging.tick())

    house.pager.send = send  # type: ignore[method-assign]
    assert house.paging.tick() == 1
    assert others == [-1, 0]
