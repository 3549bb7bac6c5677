"""Plays: who is on call at what hour, through the nights on which clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.domain.on_call import Window
from tests.harness.cast import EMERGENCY, ON_CALL
from tests.harness.play import with_people
from tests.scenarios.conftest import Stage

EVERY_DAY = frozenset(range(7))
DAY = Window(EVERY_DAY, time(7), time(19))
NIGHT = Window(EVERY_DAY, time(19), time(7))
SHORT = Window(EVERY_DAY, time(1, 30), time(2, 30))
# Noor by day, Lee by night; Kim always.
SHIFTS = with_people(ON_CALL, noor=(DAY,), lee=(NIGHT,))
# Nobody of the ladder at night.
OFFICE_HOURS = with_people(ON_CALL, noor=(DAY,), lee=(DAY,), kim=(DAY,))


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


NOON, MIDNIGHT = _utc(2026, 3, 2, 18), _utc(2026, 3, 3, 6)  # Chicago: -6 h


async def test_a_step_with_nobody_on_call_is_skipped_at_once(stage: Stage) -> None:
    play = stage(on_call=SHIFTS, at=MIDNIGHT)
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("lee")
    play.is_told("paged")


async def test_a_step_in_the_middle_with_nobody_on_call_is_skipped_when_it_is_due(stage: Stage) -> None:
    play = stage(on_call=SHIFTS, at=NOON)
    await play.writes(EMERGENCY)
    play.after(minutes=3)
    play.rings("noor", "kim")
    play.is_told("paged")


async def test_with_nobody_on_call_the_last_resort_is_paged_at_once(stage: Stage) -> None:
    play = stage(on_call=OFFICE_HOURS, at=MIDNIGHT)
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("olga")
    assert set(play.is_told("nobody_yet", "paged")[0].split()) >= {"call", "112"}


async def test_with_nobody_on_call_the_safety_text_still_comes_first(stage: Stage) -> None:
    play = stage(on_call=OFFICE_HOURS, at=MIDNIGHT)
    outcome = await play.writes(EMERGENCY)
    play.settle()
    with play.database() as uow:
        authors = [entry.author for entry in uow.messages.talk(outcome.conversation_id, 0, 9)]
    assert authors == ["patient", "bot", "bot", "notice", "notice"]
    play.let_them_ring()
    play.is_told("nobody_yet", "paged")


async def test_the_last_resort_is_paged_again_while_nobody_is_on_call(stage: Stage) -> None:
    play = stage(on_call=OFFICE_HOURS, at=MIDNIGHT)
    await play.writes(EMERGENCY)
    play.after(minutes=10)
    play.rings("olga", "olga", "olga")
    play.is_told("nobody_yet", "paged")


async def test_who_comes_on_call_in_the_middle_is_paged_from_then_on(stage: Stage) -> None:
    play = stage(on_call=SHIFTS, at=_utc(2026, 3, 2, 12, 58))  # two minutes before seven
    await play.writes(EMERGENCY)
    play.after(minutes=3)
    play.rings("lee", "kim")
    play.after(minutes=5)
    play.rings("noor")
    play.is_told("paged", "nobody_yet")


@pytest.mark.parametrize(
    ("at", "who"),
    [
        (_utc(2026, 3, 8, 7, 29), "kim"),  # 01:29
        (_utc(2026, 3, 8, 7, 30), "noor"),  # 01:30
        (_utc(2026, 3, 8, 7, 59), "noor"),  # 01:59, and then it is 03:00
        (_utc(2026, 3, 8, 8, 0), "kim"),  # 03:00
    ],
)
async def test_the_night_on_which_an_hour_is_left_out(stage: Stage, at: datetime, who: str) -> None:
    play = stage(on_call=with_people(ON_CALL, noor=(SHORT,), lee=(DAY,)), at=at)
    await play.writes(EMERGENCY)
    play.settle()
    play.rings(who)
    play.is_told("paged")


@pytest.mark.parametrize(
    ("at", "who"),
    [
        (_utc(2026, 11, 1, 6, 30), "noor"),  # 01:30, summer time
        (_utc(2026, 11, 1, 7, 15), "kim"),  # 01:15, winter time
        (_utc(2026, 11, 1, 7, 30), "noor"),  # 01:30, winter time
        (_utc(2026, 11, 1, 8, 30), "kim"),  # 02:30
    ],
)
async def test_the_night_on_which_an_hour_comes_twice(stage: Stage, at: datetime, who: str) -> None:
    play = stage(on_call=with_people(ON_CALL, noor=(SHORT,), lee=(DAY,)), at=at)
    await play.writes(EMERGENCY)
    play.settle()
    play.rings(who)
    play.is_told("paged")


@pytest.mark.parametrize("at", [_utc(2026, 3, 8, 7, 55), _utc(2026, 11, 1, 6, 55)])
async def test_delays_are_as_long_as_ever_while_the_clocks_change(stage: Stage, at: datetime) -> None:
    play = stage(at=at)
    await play.writes(EMERGENCY)
    play.after(minutes=5, seconds=59)
    play.rings("noor", "lee")
    play.after(seconds=1)
    play.rings("kim", "lee")
    play.is_told("paged", "nobody_yet")


async def test_who_is_away_is_not_paged(stage: Stage) -> None:
    away = replace(ON_CALL.people["noor"], away=((date(2026, 3, 2), date(2026, 3, 2)),))
    play = stage(on_call=replace(ON_CALL, people={**ON_CALL.people, "noor": away}), at=NOON)
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("lee")
    play.is_told("paged")
