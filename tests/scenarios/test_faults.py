"""Plays: processes die, the database goes away, clocks jump. Nothing is lost, nothing is said twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.domain.escalation import Outcome, Tier
from bot.services.pager_process import PagerWatch
from bot.storage import tables
from tests.harness.cast import BENIGN, EMERGENCY, URGENT_CRISIS
from tests.harness.play import Play


def _alarms(play: Play) -> None:
    """The alarm works in the background: wait until it has."""
    play.house.alarm._hands.shutdown(wait=True)


# -- the database is gone --------------------------------------------------------


async def test_with_the_database_gone_the_patient_is_advised_and_staff_are_paged_once(play: Play) -> None:
    play.database.goes_down()
    outcome = await play.writes(EMERGENCY)
    await play.writes(EMERGENCY)
    _alarms(play)
    assert outcome.replies[0].text.startswith("This may be an emergency. Call 112 now")
    assert "could NOT pass this on" in outcome.replies[0].text
    (page,) = play.rings("noor")
    assert page.title.endswith("emergency report, database unavailable")
    assert len(play.house.spooled()) == 2
    play.house.intake.take_in_spooled()


async def test_a_report_from_the_disk_gets_an_ordinary_ladder_once(play: Play) -> None:
    play.database.goes_down()
    await play.writes(EMERGENCY)
    _alarms(play)
    play.rings("noor")
    play.after(minutes=10)
    play.database.comes_back()
    assert [play.house.intake.take_in_spooled(), play.house.intake.take_in_spooled()] == [1, 0]
    play.after(minutes=3)
    play.rings("noor", "lee")
    play.is_told("paged")


async def test_the_alarm_takes_the_next_way_and_the_next_person(play: Play) -> None:
    play.pager.refusing = {play.address("noor"), play.address("noor", 2)}
    play.database.goes_down()
    await play.writes(EMERGENCY)
    _alarms(play)
    play.rings("lee")


async def test_an_alarm_that_reached_nobody_is_tried_again_with_the_next_message(play: Play) -> None:
    play.pager.failing = ConnectionError()
    play.database.goes_down()
    outcome = await play.writes(EMERGENCY)
    _alarms(play)
    play.pager.failing = None
    assert play.house.alarm.sound(outcome.conversation_id, Tier.EMERGENCY)
    play.rings("noor")


async def test_the_alarm_says_so_when_the_disk_refuses_too(play: Play) -> None:
    play.house.spool_folder.write_text("in the way", encoding="utf-8")
    play.database.goes_down()
    await play.writes(EMERGENCY)
    _alarms(play)
    (page,) = play.rings("noor")
    assert "could NOT be kept" in page.text


async def test_the_alarm_is_for_those_who_would_be_woken_only(play: Play) -> None:
    play.database.goes_down()
    await play.writes(BENIGN)
    assert not play.house.alarm.sound("a conversation", Tier.SAME_DAY)
    _alarms(play)
    play.nobody_rings()


async def test_a_database_that_goes_away_in_the_middle_delays_the_ladder_and_loses_nothing(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.database.goes_down()
    play.clock.move(minutes=5)
    assert play.pagers[0].once() is None
    play.nobody_rings()
    play.database.comes_back()
    play.settle()
    play.rings("lee")
    play.is_told("paged")


async def test_a_page_that_was_accepted_as_the_database_went_away_is_not_sent_again(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.pager.meanwhile = lambda _: play.database.goes_down()
    play.pagers[0].once()
    play.pager.meanwhile = None
    play.clock.move(minutes=2)
    play.database.comes_back()
    play.settle()
    play.rings("noor")
    play.is_told("paged")


# -- restarts and several at once --------------------------------------------------


async def test_a_report_while_no_pager_runs_is_paged_when_one_starts(play: Play) -> None:
    play.the_pager_dies()
    await play.writes(EMERGENCY)
    play.clock.move(minutes=1)
    play.nobody_rings()
    play.a_pager_starts()
    play.settle()
    (page,) = play.rings("noor")
    assert "waiting 1 min" in page.text
    play.is_told("paged")


async def test_the_silence_of_the_pager_is_noticed(play: Play) -> None:
    watch = PagerWatch(play.database, play.clock)
    assert watch.is_silent()
    play.settle()
    assert not watch.is_silent()
    play.the_pager_dies()
    play.clock.move(seconds=31)
    assert watch.is_silent()


async def test_a_pager_that_restarts_in_the_middle_goes_on_where_it_was(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(minutes=3)
    play.rings("noor", "lee")
    play.everything_restarts()
    play.after(minutes=2, seconds=59)
    play.nobody_rings()
    play.after(seconds=1)
    play.rings("kim", "lee")
    play.is_told("paged", "nobody_yet")


async def test_a_pager_that_dies_while_it_sends_leaves_the_page_to_the_next(play: Play) -> None:
    await play.writes(EMERGENCY)
    with play.database() as uow:
        assert len(uow.pages.lease_due(play.clock.now, play.clock.now.replace(second=30), 9)) == 1
        uow.commit()
    play.everything_restarts()
    play.after(seconds=30)
    play.nobody_rings()
    play.after(seconds=1)
    play.rings("noor")
    play.is_told("paged")


async def test_a_patient_who_goes_on_after_a_restart_is_in_the_same_case(play: Play) -> None:
    first = await play.writes(EMERGENCY)
    play.settle()
    play.everything_restarts()
    second = await play.writes("are you there?")
    assert second.escalation.reference == first.escalation.reference
    play.rings("noor")
    play.is_told("paged")


async def test_of_two_pagers_each_page_is_sent_by_one(play: Play) -> None:
    play.a_pager_starts()
    await play.writes(EMERGENCY)
    play.after(minutes=6)
    play.rings("noor", "lee", "kim", "lee")
    assert play.history().count("step_taken") == 3
    play.is_told("paged", "nobody_yet")


async def test_when_one_of_two_pagers_dies_the_other_goes_on(play: Play) -> None:
    play.a_pager_starts()
    await play.writes(EMERGENCY)
    play.settle()
    play.pagers.pop(0)
    play.after(minutes=3)
    play.rings("noor", "lee")
    play.is_told("paged")


async def test_somebody_taken_out_of_the_ladder_meanwhile_gives_way_to_the_others(play: Play) -> None:
    play.the_pager_dies()
    await play.writes(EMERGENCY)
    people = {name: person for name, person in play.on_call.people.items() if name != "noor"}
    ladder = play.on_call.ladders[Tier.EMERGENCY]
    others = type(ladder)(ladder.steps[1:], ladder.rounds, ladder.pause)
    play.everything_restarts(type(play.on_call)(
        zone=play.on_call.zone, people=people, ladders={Tier.EMERGENCY: others},
        limits=play.on_call.limits, last_resort=("olga",),
    ))  # fmt: skip
    play.settle()
    play.rings("kim", "lee")
    play.is_told("paged")


async def test_a_case_that_cannot_go_on_does_not_hold_up_the_others(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    await play.writes(URGENT_CRISIS, who="ben")
    await play.writes(EMERGENCY, who="ana")
    play.settle()
    ladders = {Tier.EMERGENCY: play.on_call.ladders[Tier.EMERGENCY]}  # what no start would allow
    play.everything_restarts(
        type(play.on_call)(play.on_call.zone, play.on_call.people, ladders, play.on_call.limits, ("olga",))
    )
    play.after(minutes=6)
    play.rings("noor", "noor", "lee", "kim", "lee")
    assert "timer_failed" in caplog.text
    play.is_told("paged", who="ben")
    play.is_told("paged", "nobody_yet", who="ana")


# -- clocks ------------------------------------------------------------------------


async def test_a_clock_that_is_set_back_an_hour_after_the_report_delays_no_page(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.the_clock_jumps(hours=-1)
    play.rings("noor")
    play.is_told("paged")


async def test_a_clock_that_is_set_back_an_hour_leaves_the_delays_as_they_were(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.the_clock_jumps(hours=-1)
    play.after(minutes=2, seconds=59)
    play.rings("noor")
    play.after(seconds=1)
    play.rings("lee")
    play.after(minutes=3)
    play.rings("kim", "lee")
    play.is_told("paged", "nobody_yet")


async def test_a_clock_that_is_set_back_leaves_the_limit_of_an_acknowledgement_as_it_was(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.acknowledges("noor")
    play.the_clock_jumps(hours=-1)
    play.after(minutes=5)
    play.rings("noor")
    play.is_told("paged", "seen", "paged")


async def test_a_retry_is_not_an_hour_late_when_the_clock_is_set_back(play: Play) -> None:
    play.pager.failing = ConnectionError()
    await play.writes(EMERGENCY)
    play.settle()
    play.pager.failing = None
    play.the_clock_jumps(hours=-1)
    play.after(seconds=5)
    play.rings("noor")
    play.is_told("paged")


async def test_a_question_back_is_not_an_hour_late_when_the_clock_is_set_back(play: Play) -> None:
    play.house.screen.doubts_about(BENIGN)
    await play.writes(BENIGN)
    play.the_clock_jumps(hours=-1)
    play.after(minutes=5)
    play.rings("noor")
    play.is_told("paged")


async def test_a_clock_that_jumps_two_hours_takes_the_next_step_and_not_a_burst(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.the_clock_jumps(hours=2)
    play.rings("lee")
    play.is_told("paged", "nobody_yet")
    play.after(minutes=2, seconds=59)
    play.nobody_rings()
    play.after(seconds=1)
    play.rings("kim", "lee")


# -- drills ------------------------------------------------------------------------


async def test_a_drill_goes_the_whole_way_and_wakes_nobody(play: Play) -> None:
    await play.writes(EMERGENCY)
    with play.database.engine.begin() as connection:
        connection.execute(sa.update(tables.escalations).values(canary=True))
    play.after(hours=1)
    assert {page.address for page in play.pager.pages} == {""}
    assert play.let_them_ring() > 0
    assert play.house.desk.listing() == ()
    play.is_told("paged", "nobody_yet")
    play.acknowledges("noor")
    play.house.handling.resolve(play.case.reference, "canary", Outcome.HANDLED)
    play.is_told("seen", "closed")
