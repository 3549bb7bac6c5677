"""The ladder is climbed step by step, skips who is off, and never ends in silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.escalation import Tier
from bot.domain.on_call import Contact, Ladder, Method, OnCall, Person, Step
from bot.domain.paging_policy import Move, Position, advance
from tests.domain.test_on_call import WINDOWS
from tests.harness.on_call import WEEKDAYS, ladder, local, on_call, person, window

NOON = local("2026-11-23 12:00").astimezone(UTC)  # a Monday
DAYS = window(WEEKDAYS, "08:00", "17:00")
NIGHTS = window(WEEKDAYS, "17:00", "08:00")
NOOR, LEE, KIM = person("noor"), person("lee"), person("kim")


def _climb(staff: OnCall, moves: int, start: datetime = NOON) -> list[tuple[datetime, Move]]:
    """The first moves of a report that nobody acknowledges, each at the time it was due."""
    taken: list[tuple[datetime, Move]] = []
    position, at = Position(), start
    for _ in range(moves):
        move = advance(staff, Tier.EMERGENCY, position, at)
        taken.append((at, move))
        position, at = move.following, move.due_at
    return taken


def _told(staff: OnCall, moves: int, start: datetime = NOON) -> list[tuple[int, str]]:
    """Minutes after the start, and who was paged; the last resort behind a "!"."""
    return [
        ((at - start) // timedelta(minutes=1), "!" * move.last_resort + " ".join(move.people))
        for at, move in _climb(staff, moves, start)
    ]


# -- steps and delays ----------------------------------------------------------


def test_steps_are_taken_in_order_with_their_delays() -> None:
    staff = on_call([NOOR, LEE, KIM], ladder((0, "noor"), (3, "lee"), (4, "kim noor")))
    assert _told(staff, 3) == [(0, "noor"), (3, "lee"), (7, "kim noor")]


def test_a_step_without_a_delay_is_due_with_the_one_before() -> None:
    assert _told(on_call([NOOR, LEE], ladder((0, "noor"), (0, "lee"))), 2) == [(0, "noor"), (0, "lee")]


def test_a_move_says_what_was_taken_and_what_follows_when() -> None:
    staff = on_call([NOOR, LEE], ladder((0, "noor"), (3, "lee")))
    move = advance(staff, Tier.EMERGENCY, Position(1, 0), NOON)
    assert move == Move(Position(1, 0), ("noor",), False, Position(1, 1), NOON + timedelta(minutes=3))


def test_a_step_with_nobody_on_call_is_skipped_at_once() -> None:
    staff = on_call([person("noor", NIGHTS), LEE, KIM], ladder((0, "noor"), (3, "lee"), (3, "kim")))
    assert _told(staff, 2) == [(0, "lee"), (3, "kim")]
    assert advance(staff, Tier.EMERGENCY, Position(), NOON).taken == Position(0, 1)


def test_several_steps_in_a_row_with_nobody_on_call_are_skipped_at_once() -> None:
    staff = on_call(
        [person("noor", NIGHTS), person("lee", NIGHTS), KIM], ladder((0, "noor"), (9, "lee noor"), (9, "kim"))
    )
    assert _told(staff, 1) == [(0, "kim")]


def test_who_is_off_is_left_out_of_a_step_that_others_are_on_for() -> None:
    assert _told(on_call([person("noor", NIGHTS), LEE], ladder((0, "noor lee"))), 1) == [(0, "lee")]


def test_who_is_on_is_asked_when_the_step_is_due_not_when_the_report_came() -> None:
    staff = on_call([person("lee", DAYS), person("noor", NIGHTS)], ladder((0, "lee"), (3, "lee noor")))
    assert _told(staff, 2, local("2026-11-23 16:58").astimezone(UTC)) == [(0, "lee"), (3, "noor")]


def test_a_position_that_a_shorter_ladder_no_longer_has_ends_the_round() -> None:
    move = advance(on_call([NOOR], ladder((0, "noor")), last_resort="noor"), Tier.EMERGENCY, Position(0, 5), NOON)
    assert (move.people, move.following) == ((), Position(1, 0))


def test_a_tier_without_a_ladder_has_no_next_step() -> None:
    with pytest.raises(KeyError):
        advance(on_call([NOOR], ladder((0, "noor"))), Tier.ROUTINE, Position(), NOON)


# -- rounds and the last resort ------------------------------------------------


def test_a_round_is_run_again_its_pause_after_the_last_step() -> None:
    staff = on_call([NOOR, LEE], ladder((0, "noor"), (3, "lee"), rounds=3, pause=5), last_resort="lee")
    assert _told(staff, 6) == [(0, "noor"), (3, "lee"), (8, "noor"), (11, "lee"), (16, "noor"), (19, "lee")]


def test_a_ladder_of_one_step_is_run_again_after_one_pause() -> None:
    assert _told(on_call([NOOR], ladder((0, "noor"), rounds=3)), 3) == [(0, "noor"), (5, "noor"), (10, "noor")]


def test_the_last_resort_is_told_at_the_end_of_the_last_round_and_of_every_further_one() -> None:
    staff = on_call([NOOR, LEE, KIM], ladder((0, "noor"), (3, "lee"), rounds=2, pause=5), last_resort="kim")
    assert _told(staff, 8) == [
        (0, "noor"), (3, "lee"), (8, "noor"), (11, "lee"), (14, "!kim"), (19, "noor"), (22, "lee"), (25, "!kim"),
    ]  # fmt: skip


def test_the_last_step_has_the_pause_to_answer_where_it_has_no_delay_of_its_own() -> None:
    assert _told(on_call([NOOR, KIM], ladder((0, "noor"), rounds=1, pause=5), last_resort="kim"), 3) == [
        (0, "noor"), (5, "!kim"), (10, "noor"),
    ]  # fmt: skip


def test_the_last_resort_is_not_told_before_all_rounds_are_through() -> None:
    staff = on_call([NOOR, KIM], ladder((0, "noor"), rounds=10), last_resort="kim")
    assert [told for _, told in _told(staff, 11)] == ["noor"] * 10 + ["!kim"]


def test_with_nobody_on_call_at_all_the_last_resort_is_told_at_once_and_after_every_pause() -> None:
    staff = on_call([person("noor", NIGHTS), KIM], ladder((0, "noor"), (3, "noor")), last_resort="kim")
    assert _told(staff, 3) == [(0, "!kim"), (5, "!kim"), (10, "!kim")]


def test_when_everybody_goes_off_in_the_middle_the_last_resort_is_told_at_the_next_step() -> None:
    staff = on_call([person("lee", DAYS), KIM], ladder((0, "lee"), (3, "lee")), last_resort="kim")
    assert _told(staff, 2, local("2026-11-23 16:59").astimezone(UTC)) == [(0, "lee"), (3, "!kim")]


def test_who_comes_on_call_after_a_gap_is_paged_in_the_next_round() -> None:
    staff = on_call([person("noor", NIGHTS), KIM], ladder((0, "noor")), last_resort="kim")
    assert _told(staff, 2, local("2026-11-23 16:56").astimezone(UTC)) == [(0, "!kim"), (5, "noor")]


def test_the_last_resort_is_told_when_off_and_when_away() -> None:
    monday = NOON.date()
    kim = person("kim", NIGHTS, away=[(monday, monday)])
    assert _told(on_call([person("noor", NIGHTS), kim], ladder((0, "noor")), last_resort="kim"), 1) == [(0, "!kim")]


def test_without_a_last_resort_the_rounds_go_on() -> None:
    assert _told(on_call([NOOR], ladder((0, "noor"), rounds=1)), 3) == [(0, "noor"), (5, "!"), (10, "noor")]


def test_the_last_steps_empty_the_round_ends_at_once_and_the_pause_follows() -> None:
    staff = on_call([NOOR, person("lee", NIGHTS)], ladder((0, "noor"), (3, "lee"), pause=5))
    assert _told(staff, 3) == [(0, "noor"), (3, ""), (8, "noor")]


def test_the_delays_are_real_minutes_on_the_night_that_the_clock_goes_back() -> None:
    staff = on_call([NOOR, LEE], ladder((0, "noor"), (3, "lee"), pause=5))
    assert [minute for minute, _ in _told(staff, 4, local("2026-11-01 01:58").astimezone(UTC))] == [0, 3, 8, 11]


# -- whatever the ladder -------------------------------------------------------


@st.composite
def ladders(draw: st.DrawFn) -> OnCall:
    """Three people with hours, up to four steps; Kim may be the last resort."""
    ids = ["noor", "lee", "kim"]
    people = [Person(id, id, "nurse", (Contact(Method.LOG),), tuple(draw(st.lists(WINDOWS, max_size=2)))) for id in ids]
    groups = st.lists(st.sampled_from(ids), min_size=1, unique=True)
    steps = tuple(
        Step(tuple(draw(groups)), timedelta(minutes=draw(st.integers(0, 60)))) for _ in range(draw(st.integers(1, 4)))
    )
    taken = Ladder(steps, draw(st.integers(1, 4)), timedelta(minutes=draw(st.integers(1, 60))))
    return on_call(people, taken, last_resort=draw(st.sampled_from(["", "kim"])))


STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=100, deadline=None)
@given(ladders(), STARTS)
def test_no_ladder_ends_or_spins(staff: OnCall, start: datetime) -> None:
    taken = staff.ladders[Tier.EMERGENCY]
    moves = _climb(staff, 60, start)
    most = len(taken.steps) + 1
    for (early, _), (late, _) in zip(moves, moves[most:], strict=False):
        assert late - early >= taken.pause


@settings(max_examples=100, deadline=None)
@given(ladders(), STARTS)
def test_nobody_who_is_off_is_paged_but_as_the_last_resort(staff: OnCall, start: datetime) -> None:
    for at, move in _climb(staff, 40, start):
        if move.last_resort:
            assert move.people == staff.last_resort
        else:
            assert move.people == staff.on(move.people, at)


@settings(max_examples=100, deadline=None)
@given(ladders(), STARTS)
def test_steps_are_taken_in_order_and_only_empty_ones_are_left_out(staff: OnCall, start: datetime) -> None:
    steps = staff.ladders[Tier.EMERGENCY].steps
    due = Position()
    for at, move in _climb(staff, 40, start):
        assert (move.taken.round, move.taken.step >= due.step) == (due.round, True)
        assert not any(staff.on(step.people, at) for step in steps[due.step : move.taken.step])
        assert move.following in (Position(due.round, move.taken.step + 1), Position(due.round + 1, 0))
        due = move.following


@settings(max_examples=100, deadline=None)
@given(ladders(), STARTS)
def test_with_a_last_resort_somebody_is_told_in_the_first_move_of_every_round(staff: OnCall, start: datetime) -> None:
    for _, move in _climb(staff, 40, start):
        first = advance(staff, Tier.EMERGENCY, Position(move.taken.round, 0), move.due_at)
        assert first.people or not staff.last_resort
