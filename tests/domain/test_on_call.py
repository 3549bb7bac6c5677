"""Who is on call when: nights, clock changes, days away; and the hours of a ladder."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.escalation import Tier
from bot.domain.on_call import Contact, Cover, Ladder, Method, OnCall, Person, Step, Window, coverage
from tests.harness.on_call import CHICAGO, LORD_HOWE, WEEKDAYS, ladder, local, on_call, person, window

NIGHTS = window(WEEKDAYS, "17:00", "08:00")
WHOLE_DAY = window([2], "08:00", "08:00")
DAYS = window(WEEKDAYS, "08:00", "17:00")
MINUTE = timedelta(minutes=1)


def _is_on(who: Person, text: str, fold: int = 0) -> bool:
    return who.is_on(local(text, fold=fold).astimezone(UTC), CHICAGO)


# -- hours ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23 07:59", False),
        ("2026-11-23 08:00", True),
        ("2026-11-27 16:59", True),
        ("2026-11-27 17:00", False),
        ("2026-11-28 12:00", False),
        ("2026-11-22 12:00", False),
    ],
)
def test_day_hours_hold_from_their_start_up_to_their_end(text: str, expected: bool) -> None:
    assert _is_on(person("lee", DAYS), text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23 00:00", False),  # Sunday's night is not among them
        ("2026-11-23 16:59", False),
        ("2026-11-23 17:00", True),
        ("2026-11-24 00:00", True),
        ("2026-11-24 07:59", True),
        ("2026-11-24 08:00", False),
        ("2026-11-28 07:59", True),  # Friday's night ends on Saturday
        ("2026-11-28 08:00", False),
        ("2026-11-28 17:00", False),
    ],
)
def test_overnight_hours_end_on_the_next_morning(text: str, expected: bool) -> None:
    assert _is_on(person("noor", NIGHTS), text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-25 07:59", False),
        ("2026-11-25 08:00", True),
        ("2026-11-26 07:59", True),
        ("2026-11-26 08:00", False),
    ],
)
def test_hours_that_end_when_they_start_are_a_whole_day(text: str, expected: bool) -> None:
    assert _is_on(person("kim", WHOLE_DAY), text) is expected


def test_a_night_of_sunday_goes_into_monday() -> None:
    noor = person("noor", window([6], "22:00", "06:00"))
    assert [_is_on(noor, f"2026-11-23 0{hour}:00") for hour in (5, 6)] == [True, False]


def test_without_hours_somebody_is_always_on() -> None:
    assert all(_is_on(person("kim"), f"2026-11-{day} {hour}:30") for day in range(21, 29) for hour in range(10, 24))


def test_hours_are_those_of_the_clinic_not_of_utc() -> None:
    lee = person("lee", DAYS)
    assert lee.is_on(datetime(2026, 11, 23, 22, 59, tzinfo=UTC), CHICAGO)
    assert not lee.is_on(datetime(2026, 11, 23, 22, 59, tzinfo=UTC), ZoneInfo("UTC"))


# -- clock changes -------------------------------------------------------------


def _minutes_on(who: Person, first: datetime, last: datetime) -> int:
    start = first.astimezone(UTC)
    count = (last.astimezone(UTC) - start) // MINUTE
    return sum(who.is_on(start + minute * MINUTE, CHICAGO) for minute in range(count))


@pytest.mark.parametrize(
    ("evening", "morning", "hours"),
    [
        ("2026-03-07 12:00", "2026-03-08 12:00", 9),  # 02:00 becomes 03:00
        ("2026-10-31 12:00", "2026-11-01 12:00", 11),  # 02:00 becomes 01:00
        ("2026-11-07 12:00", "2026-11-08 12:00", 10),
    ],
)
def test_a_night_is_as_long_as_the_clock_makes_it(evening: str, morning: str, hours: int) -> None:
    noor = person("noor", window([5], "22:00", "08:00"))
    assert _minutes_on(noor, local(evening), local(morning)) == hours * 60


@pytest.mark.parametrize("fold", [0, 1])
def test_hours_inside_the_hour_that_comes_twice_hold_both_times(fold: int) -> None:
    noor = person("noor", window([6], "01:15", "01:45"))
    assert [_is_on(noor, f"2026-11-01 01:{minute}", fold) for minute in (14, 15, 44, 45)] == [False, True, True, False]


def test_hours_that_begin_in_the_hour_that_is_left_out_begin_with_the_next() -> None:
    noor = person("noor", window([6], "02:30", "04:00"))
    at = datetime(2026, 3, 8, 8, 0, tzinfo=UTC)  # 03:00 there, the minute after 01:59
    assert [noor.is_on(at - MINUTE, CHICAGO), noor.is_on(at, CHICAGO)] == [False, True]


def test_hours_that_lie_in_the_hour_that_is_left_out_do_not_come() -> None:
    noor = person("noor", window([6], "02:10", "02:50"))
    assert _minutes_on(noor, local("2026-03-08 00:00"), local("2026-03-08 06:00")) == 0


# -- days away -----------------------------------------------------------------

CHRISTMAS = (date(2026, 12, 24), date(2026, 12, 26))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-23 23:59", True),
        ("2026-12-24 00:00", False),
        ("2026-12-26 23:59", False),
        ("2026-12-27 00:00", True),
    ],
)
def test_days_away_are_whole_days_of_the_clinic_first_and_last_included(text: str, expected: bool) -> None:
    assert _is_on(person("kim", away=[CHRISTMAS]), text) is expected


def test_days_away_cut_a_night_at_midnight() -> None:
    noor = person("noor", NIGHTS, away=[CHRISTMAS])
    assert [_is_on(noor, "2026-12-23 23:59"), _is_on(noor, "2026-12-24 00:01")] == [True, False]


def test_somebody_may_be_away_more_than_once() -> None:
    kim = person("kim", away=[CHRISTMAS, (date(2026, 12, 31), date(2026, 12, 31))])
    assert [_is_on(kim, f"2026-12-{day} 12:00") for day in (25, 28, 31)] == [False, True, False]


# -- whom a ladder pages -------------------------------------------------------


def test_people_of_a_step_are_named_in_its_order_without_those_who_are_off() -> None:
    staff = on_call([person("noor", NIGHTS), person("kim"), person("lee")], ladder((0, "lee noor kim")))
    assert staff.on(("lee", "noor", "kim"), local("2026-11-23 12:00")) == ("lee", "kim")


def test_steps_that_reach_nobody_are_left_out() -> None:
    staff = on_call([person("noor", NIGHTS), person("lee", DAYS), person("kim")], ladder((0, "noor"), (3, "lee kim")))
    assert staff.paged(Tier.EMERGENCY, local("2026-11-23 12:00")) == (("lee", "kim"),)


def test_a_tier_without_a_ladder_pages_nobody() -> None:
    staff = on_call([person("kim")], ladder((0, "kim")))
    assert staff.paged(Tier.ROUTINE, local("2026-11-23 12:00")) == ()


def test_an_address_does_not_show_when_a_person_is_printed() -> None:
    assert "555" not in repr(person("kim"))


# -- coverage ------------------------------------------------------------------


def _plain(staff: OnCall, start: datetime, days: int) -> list[Cover]:
    """Minute by minute, as anybody would do it by hand."""
    first = start.astimezone(UTC).replace(second=0, microsecond=0)
    found: list[Cover] = []
    for minute in range(days * 24 * 60):
        at = first + minute * MINUTE
        steps = staff.paged(Tier.EMERGENCY, at)
        if found and found[-1].steps == steps:
            found[-1] = Cover(found[-1].start, at + MINUTE, steps)
        else:
            found.append(Cover(at, at + MINUTE, steps))
    return found


# Days around both clock changes of each zone, and an ordinary one.
STARTS = {
    CHICAGO: [date(2026, 3, 7), date(2026, 10, 31), date(2026, 12, 24)],
    LORD_HOWE: [date(2026, 4, 4), date(2026, 10, 3), date(2026, 12, 24)],
}
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]))
NIGHT_CLOCKS = st.builds(time, st.integers(0, 3), st.integers(0, 59), st.sampled_from([0, 0, 20]))
WINDOWS = st.builds(
    Window,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.one_of(CLOCKS, NIGHT_CLOCKS),
    st.one_of(CLOCKS, NIGHT_CLOCKS),
)


@st.composite
def schedules(draw: st.DrawFn) -> tuple[OnCall, datetime]:
    """Three people, a ladder of theirs, and a moment near a clock change."""
    zone = draw(st.sampled_from(list(STARTS)))
    day = draw(st.sampled_from(STARTS[zone]))
    away = st.builds(lambda shift, length: (day + timedelta(shift), day + timedelta(shift + length)),
                     st.integers(-2, 2), st.integers(0, 2))  # fmt: skip
    people = [
        Person(id, id, "nurse", (Contact(Method.LOG),), tuple(draw(st.lists(WINDOWS, max_size=2))),
               tuple(draw(st.lists(away, max_size=1))))
        for id in ("noor", "lee", "kim")
    ]  # fmt: skip
    steps = draw(
        st.lists(st.lists(st.sampled_from(["noor", "lee", "kim"]), min_size=1, unique=True), min_size=1, max_size=3)
    )
    begin = datetime.combine(day, draw(CLOCKS), tzinfo=zone) + timedelta(seconds=draw(st.integers(0, 59)))
    taken = Ladder(tuple(Step(tuple(step)) for step in steps), 1, timedelta(minutes=5))
    return on_call(people, taken, zone=zone), begin


@settings(max_examples=60, deadline=None)
@given(schedules())
def test_coverage_is_exact_to_the_minute_on_days_of_clock_changes(schedule: tuple[OnCall, datetime]) -> None:
    staff, start = schedule
    assert list(coverage(staff, Tier.EMERGENCY, start, 2)) == _plain(staff, start, 2)


def test_coverage_names_the_stretches_of_a_night_and_the_gap_between() -> None:
    staff = on_call(
        [person("noor", NIGHTS), person("lee", window(WEEKDAYS, "09:00", "17:00"))], ladder((0, "noor lee"))
    )
    covers = coverage(staff, Tier.EMERGENCY, local("2026-11-23 17:00"), 1)
    assert [(cover.end.astimezone(CHICAGO).hour, cover.steps, cover.is_gap) for cover in covers] == [
        (8, (("noor",),), False),
        (9, (), True),
        (17, (("lee",),), False),
    ]


def test_hours_that_begin_in_the_hour_that_is_left_out_are_covered_from_the_clock_change_on() -> None:
    staff = on_call([person("noor", window([6], "02:30", "04:00"))], ladder((0, "noor")))
    covers = coverage(staff, Tier.EMERGENCY, datetime(2026, 3, 8, tzinfo=UTC), 1)
    assert [cover.start for cover in covers if cover.steps] == [datetime(2026, 3, 8, 8, 0, tzinfo=UTC)]


@pytest.mark.parametrize("days", [1, 14, 60])
def test_stretches_follow_each_other_without_a_hole_and_differ(days: int) -> None:
    staff = on_call([person("noor", NIGHTS), person("lee", DAYS)], ladder((0, "noor"), (3, "lee")))
    start = datetime(2026, 10, 25, 7, 30, 30, tzinfo=UTC)
    covers = coverage(staff, Tier.EMERGENCY, start, days)
    assert covers[0].start == start.replace(second=0)
    assert covers[-1].end == covers[0].start + timedelta(days=days)
    for before, after in pairwise(covers):
        assert before.end == after.start
        assert before.steps != after.steps


class _Counting(OnCall):
    """Counts how often it is asked."""

    __slots__ = ()
    asked: int = 0

    def paged(self, tier: Tier, at: datetime) -> tuple[tuple[str, ...], ...]:
        _Counting.asked += 1
        return OnCall.paged(self, tier, at)


def test_two_weeks_are_looked_at_where_something_can_change_only() -> None:
    plain = on_call([person("noor", NIGHTS), person("lee", DAYS), person("kim")], ladder((0, "noor"), (3, "lee kim")))
    staff = _Counting(plain.zone, plain.people, plain.ladders, plain.limits)
    _Counting.asked = 0
    coverage(staff, Tier.EMERGENCY, datetime(2026, 10, 25, tzinfo=UTC), 14)
    assert 0 < _Counting.asked < 14 * 24


def test_coverage_of_no_days_is_empty() -> None:
    assert (
        coverage(on_call([person("kim")], ladder((0, "kim"))), Tier.EMERGENCY, datetime(2026, 1, 1, tzinfo=UTC), 0)
        == ()
    )
