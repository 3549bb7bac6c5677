"""Plays: the provider refuses, fails or hangs, and somebody is reached all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.services.paging import PATIENCE
from bot.storage import tables
from tests.harness.cast import EMERGENCY
from tests.harness.play import Play
from tests.scenarios.conftest import Stage


def _refuse(play: Play, *people: str) -> None:
    """Every number of these people is refused for good."""
    play.pager.refusing |= {contact.address for person in people for contact in play.on_call.people[person].contacts}


# -- refuses -------------------------------------------------------------------


async def test_a_number_that_is_refused_gives_way_to_the_next_at_once(play: Play) -> None:
    play.pager.refusing = {play.address("noor")}
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor/2")
    play.is_told("paged")


async def test_a_person_whose_numbers_are_all_refused_gives_way_to_the_next_person_at_once(play: Play) -> None:
    _refuse(play, "noor")
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("lee")
    play.after(minutes=3)
    play.rings("kim", "lee")
    play.is_told("paged")


async def test_a_step_of_which_one_was_reached_hurries_nobody(play: Play) -> None:
    play.pager.down = {play.address("kim")}  # given up after four tries, long after Lee was reached
    await play.writes(EMERGENCY)
    play.after(minutes=10, seconds=59)
    play.rings("noor", "lee", "lee")
    assert "step_reached_nobody" not in play.history()
    play.after(seconds=1)
    play.rings("noor")
    play.is_told("paged", "nobody_yet")


async def test_when_everybody_is_refused_the_last_resort_is_paged_at_once(play: Play) -> None:
    _refuse(play, "noor", "lee", "kim")
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("olga")
    play.is_told("paged", "nobody_yet")


async def test_when_really_everybody_is_refused_it_is_tried_again_after_the_pause(play: Play) -> None:
    _refuse(play, "noor", "lee", "kim", "olga")
    await play.writes(EMERGENCY)
    play.settle()
    assert play.pager.tries == 6
    play.is_told("nobody_yet")
    play.after(minutes=4, seconds=59)
    assert play.pager.tries == 6
    play.pager.refusing = set()
    play.after(seconds=1)
    play.rings("noor")
    play.is_told("paged")


async def test_patients_are_not_told_of_pages_that_nobody_took(play: Play) -> None:
    _refuse(play, "noor", "lee", "kim", "olga")
    await play.writes(EMERGENCY)
    play.after(hours=1)
    play.is_told("nobody_yet")


# -- is down -------------------------------------------------------------------


async def test_a_number_that_is_down_is_tried_again_with_growing_pauses_and_then_the_next(play: Play) -> None:
    play.pager.down = {play.address("noor")}
    await play.writes(EMERGENCY)
    tries = []
    for seconds in (0, 4, 1, 9, 1, 19, 1):
        play.after(seconds=seconds)
        tries.append(play.pager.tries)
    assert tries == [1, 1, 2, 2, 3, 3, 5]
    play.rings("noor/2")
    play.is_told("paged")


async def test_a_page_leaves_when_the_provider_is_back(play: Play) -> None:
    play.pager.failing = ConnectionError()
    await play.writes(EMERGENCY)
    play.after(seconds=10)
    play.pager.failing = None
    play.after(seconds=5)
    play.rings("noor")
    play.is_told("paged")


async def test_a_provider_that_is_down_for_long_is_never_given_up(play: Play) -> None:
    play.pager.failing = ConnectionError()
    await play.writes(EMERGENCY)
    play.after(minutes=50)
    play.is_told("nobody_yet")
    play.pager.failing = None
    play.after(minutes=10)
    assert play.let_them_ring() > 0
    play.is_told("paged")


async def test_a_first_number_that_fails_for_long_does_not_hold_up_the_backup(play: Play) -> None:
    play.pager.down = {play.address("noor"), play.address("noor", 2)}
    await play.writes(EMERGENCY)
    play.after(minutes=3)
    play.rings("lee")
    play.is_told("paged")


async def test_a_step_that_fails_after_the_next_was_taken_does_not_take_it_again(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.pager.down = {play.address("lee")}
    play.after(minutes=6)  # Lee is given up at 3:35, Kim is paged for it, the next step was Kim's own
    play.rings("kim")
    steps = [
        entry.detail["step"] for entry in play.house.desk.history(play.case.reference) if entry.event == "step_taken"
    ]
    assert len(steps) == len(set(steps))
    play.is_told("paged", "nobody_yet")


# -- hangs ---------------------------------------------------------------------


@pytest.fixture
def hanging(stage: Stage) -> Iterator[Play]:
    """Noor's first number answers only when it is let go."""
    play = stage(patience=0.1)
    play.pager.hanging = {play.address("noor")}
    yield play
    _let_go(play)
    play.let_them_ring()


def _let_go(play: Play) -> None:
    """The provider answers at last, and all is recorded."""
    play.pager.released.set()
    play.house.paging._hands.shutdown(wait=True)


async def test_a_number_that_hangs_gives_way_to_the_next(hanging: Play) -> None:
    await hanging.writes(EMERGENCY)
    hanging.after(seconds=PATIENCE.total_seconds() - 1)
    hanging.nobody_rings()
    hanging.is_told()
    hanging.after(seconds=1)
    hanging.rings("noor/2")
    hanging.is_told("paged")


async def test_a_number_that_hangs_does_not_keep_other_patients_waiting(hanging: Play) -> None:
    await hanging.writes(EMERGENCY, who="ana")
    hanging.settle()
    hanging.pager.hanging = set()
    await hanging.writes(EMERGENCY, who="ben")
    hanging.settle()
    hanging.rings("noor")
    hanging.is_told("paged", who="ben")
    _let_go(hanging)
    hanging.rings("noor")
    hanging.is_told("paged", who="ana")


async def test_a_number_that_hangs_does_not_hold_up_the_backup(hanging: Play) -> None:
    hanging.pager.hanging |= {hanging.address("noor", 2)}
    await hanging.writes(EMERGENCY)
    hanging.after(seconds=2 * PATIENCE.total_seconds())
    hanging.rings("lee")
    hanging.is_told("paged")


async def test_what_is_accepted_late_pages_nobody_a_second_time(hanging: Play) -> None:
    await hanging.writes(EMERGENCY)
    hanging.after(seconds=PATIENCE.total_seconds())
    hanging.rings("noor/2")
    _let_go(hanging)
    hanging.rings("noor")
    assert {row.state for row in hanging.database.rows(tables.pages)} == {"sent"}
    hanging.is_told("paged")
