"""What follows a call that nobody takes, or that is passed on: the ladder goes on at once, and never twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.escalation import Tier
from bot.domain.on_call import Ladder, Step
from bot.services.page_calls import PageCalls
from bot.storage import tables
from tests.harness.cast import EMERGENCY, MINUTE, ON_CALL
from tests.harness.house import House

NOOR, NOORS_OTHER, LEE, KIM, OLGA = "+15550100101", "+15550100102", "+15550100111", "+15550100121", "+15550100131"


def _calls(house: House) -> PageCalls:
    return PageCalls(house.database, house.clock, house.on_call, house.handling, house.ladder)


@pytest.fixture
def calls(house: House) -> PageCalls:
    return _calls(house)


@pytest.fixture
async def reference(house: House) -> str:
    """An emergency of which Noor's first number has been paged."""
    outcome = await house.hears(EMERGENCY)
    _works(house)
    return outcome.escalation.reference


def _works(house: House) -> None:
    while house.timekeeper.tick() + house.paging.tick():
        pass


def _page(house: House, step: str) -> str:
    (page,) = [row.id for row in house.database.rows(tables.pages) if row.step == step]
    return str(page)


def _ladder(house: House, *steps: Step, last_resort: tuple[str, ...]) -> House:
    """The same house with another ladder for emergencies."""
    ladder = {**ON_CALL.ladders, Tier.EMERGENCY: Ladder(steps, 3, 5 * MINUTE)}
    on_call = replace(ON_CALL, ladders=ladder, last_resort=last_resort)
    return House(house.database, house.spool_folder, clock=house.clock, pager=house.pager, on_call=on_call)


@pytest.mark.usefixtures("reference")
def test_what_a_call_says_is_as_it_is_now(house: House, calls: PageCalls, reference: str) -> None:
    house.clock.move(minutes=7, seconds=30)
    view = calls.view(_page(house, "1.0.0/noor/0"))
    assert view is not None
    assert (view.reference, view.waiting_minutes, view.person, view.owner_name, view.is_for_them) == (
        reference, 7, "noor", None, True,
    )  # fmt: skip
    assert calls.view("no such page") is None


@pytest.mark.usefixtures("reference")
def test_unanswered_the_next_number_is_called_at_once(house: House, calls: PageCalls) -> None:
    assert calls.not_answered(_page(house, "1.0.0/noor/0"), "busy")
    _works(house)
    assert house.pager.reached == [NOOR, NOORS_OTHER]


@pytest.mark.usefixtures("reference")
def test_after_the_last_number_the_next_step_is_taken_at_once(house: House, calls: PageCalls) -> None:
    calls.not_answered(_page(house, "1.0.0/noor/0"), "busy")
    _works(house)
    calls.not_answered(_page(house, "1.0.0/noor/1"), "no_answer")
    _works(house)
    assert house.pager.reached == [NOOR, NOORS_OTHER, LEE]


@pytest.mark.usefixtures("reference")
def test_the_same_end_told_twice_is_once(house: House, calls: PageCalls) -> None:
    page = _page(house, "1.0.0/noor/0")
    assert [calls.not_answered(page, "busy"), calls.not_answered(page, "busy")] == [True, False]


def test_once_somebody_has_it_an_end_changes_nothing(house: House, calls: PageCalls, reference: str) -> None:
    house.handling.acknowledge(reference, "lee", "cli")
    assert not calls.not_answered(_page(house, "1.0.0/noor/0"), "busy")
    assert not calls.pass_on(_page(house, "1.0.0/noor/0"))


def test_the_end_of_a_call_from_before_the_ladder_began_again_changes_nothing(
    house: House, calls: PageCalls, reference: str
) -> None:
    page = _page(house, "1.0.0/noor/0")
    house.handling.acknowledge(reference, "lee", "cli")
    house.clock.move(minutes=5)
    _works(house)
    assert not calls.not_answered(page, "no_answer")


@pytest.mark.usefixtures("reference")
def test_passed_on_the_next_person_is_called_and_not_the_same_persons_other_number(
    house: House, calls: PageCalls, reference: str
) -> None:
    assert calls.pass_on(_page(house, "1.0.0/noor/0"))
    _works(house)
    assert house.pager.reached == [NOOR, LEE]
    (passed,) = [entry for entry in house.desk.history(reference) if entry.event == "passed_on"]
    assert (passed.actor, passed.detail) == ("noor", {"step": "1.0.0/noor/0"})


@pytest.mark.usefixtures("reference")
def test_after_passing_on_the_clock_of_the_ladder_starts_from_there(house: House, calls: PageCalls) -> None:
    house.clock.move(minutes=1)
    calls.pass_on(_page(house, "1.0.0/noor/0"))
    _works(house)
    house.clock.move(minutes=2, seconds=59)
    _works(house)
    assert house.pager.reached == [NOOR, LEE]
    house.clock.move(seconds=1)
    _works(house)
    assert sorted(house.pager.reached) == sorted([NOOR, LEE, KIM, LEE])


@pytest.mark.usefixtures("reference")
def test_pressing_it_twice_passes_on_once(house: House, calls: PageCalls) -> None:
    page = _page(house, "1.0.0/noor/0")
    assert [calls.pass_on(page), calls.pass_on(page)] == [True, False]


@pytest.mark.parametrize(
    ("last_resort", "reached"), [(("olga",), [NOOR, OLGA]), (("noor", "olga"), [NOOR, OLGA]), ((), [NOOR, NOOR])]
)
async def test_passed_on_by_the_last_the_last_resort_is_called_or_else_the_next_round_begins(
    house: House, last_resort: tuple[str, ...], reached: list[str]
) -> None:
    house = _ladder(house, Step(("noor",)), last_resort=last_resort)
    await house.hears(EMERGENCY)
    _works(house)
    _calls(house).pass_on(_page(house, "1.0.0/noor/0"))
    _works(house)
    assert house.pager.reached == reached


async def test_whom_the_end_of_the_round_would_tell_is_not_told_twice(house: House) -> None:
    house = _ladder(house, Step(("noor",)), last_resort=("olga",))
    house.on_call.ladders[Tier.EMERGENCY] = replace(house.on_call.ladders[Tier.EMERGENCY], rounds=1)
    await house.hears(EMERGENCY)
    _works(house)
    _calls(house).pass_on(_page(house, "1.0.0/noor/0"))
    _works(house)
    house.clock.move(minutes=5)
    _works(house)
    assert house.pager.reached == [NOOR, OLGA]


def test_news_that_its_owner_passes_on_goes_to_somebody_else(house: House, calls: PageCalls, reference: str) -> None:
    house.handling.acknowledge(reference, "lee", "cli")
    with house.database() as uow:
        escalation = uow.escalations.by_reference(reference)
        assert escalation is not None
        house.ladder.news(uow, escalation, "new-report", house.clock())
        uow.commit()
    _works(house)
    (page,) = [row for row in house.database.rows(tables.pages) if row.step.startswith("new-report")]
    assert calls.pass_on(page.id)
    _works(house)
    assert house.pager.reached == [NOOR, LEE, NOOR]


@pytest.mark.parametrize("page", ["", "no such page"])
def test_a_page_that_does_not_exist_is_nothing(calls: PageCalls, page: str) -> None:
    assert (calls.not_answered(page, "busy"), calls.pass_on(page)) == (False, False)
