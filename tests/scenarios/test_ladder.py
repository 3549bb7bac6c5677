"""Plays: nobody answers. Who is paged when, and what the patient is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.escalation import Tier
from bot.services.escalations import Report
from tests.harness.cast import BENIGN, EMERGENCY, ON_CALL, URGENT_CRISIS
from tests.harness.play import Play
from tests.scenarios.conftest import Stage


async def test_the_first_page_leaves_at_once(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.is_told("paged")


async def test_the_patient_is_told_when_staff_were_paged_by_the_clinics_clock(play: Play) -> None:
    outcome = await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    (text,) = play.is_told("paged")
    assert f"paged about {outcome.escalation.reference} at 08:00" in text


async def test_the_backup_is_paged_three_minutes_later_and_not_before(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(minutes=2, seconds=59)
    play.rings("noor")
    play.after(seconds=1)
    play.rings("lee")
    play.is_told("paged")


async def test_after_six_minutes_the_director_is_paged_beside_the_backup(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(minutes=5, seconds=59)
    play.rings("noor", "lee")
    play.is_told("paged")
    play.after(seconds=1)
    play.rings("kim", "lee")
    play.is_told("nobody_yet")


async def test_at_the_limit_the_patient_is_told_to_call_and_not_before(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(minutes=5, seconds=59)
    play.is_told("paged")
    play.after(seconds=1)
    (text,) = play.is_told("nobody_yet")
    assert "call 112 now" in text
    play.rings("noor", "lee", "kim", "lee")


async def test_after_the_last_step_and_a_pause_the_ladder_begins_again(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(minutes=10, seconds=59)
    play.rings("noor", "lee", "kim", "lee")
    play.after(seconds=1)
    play.rings("noor")
    play.after(minutes=3)
    play.rings("lee")
    play.is_told("paged", "nobody_yet")


async def test_after_three_rounds_the_last_resort_is_paged(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(minutes=30, seconds=59)
    play.rings(*3 * ["noor", "lee", "lee", "kim"])
    play.after(seconds=1)
    play.rings("olga")
    play.is_told("paged", "nobody_yet")


async def test_nobody_gives_up_after_the_last_resort(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(minutes=31)
    play.rings(*3 * ["noor", "lee", "lee", "kim"], "olga")
    play.after(minutes=14)
    play.rings("noor", "lee", "lee", "kim", "olga")
    play.is_told("paged", "nobody_yet")


async def test_without_a_last_resort_the_ladder_goes_on_all_the_same(stage: Stage) -> None:
    play = stage(on_call=replace(ON_CALL, last_resort=()))
    await play.writes(EMERGENCY)
    play.after(minutes=36)
    play.rings(*3 * ["noor", "lee", "lee", "kim"], "noor")
    play.is_told("paged", "nobody_yet")


async def test_an_urgent_report_has_its_own_delays(play: Play) -> None:
    await play.writes(URGENT_CRISIS)
    play.after(minutes=4, seconds=59)
    play.rings("noor")
    play.after(seconds=1)
    play.rings("lee")
    play.after(minutes=9, seconds=59)
    play.is_told("paged")
    play.after(seconds=1)
    play.is_told("nobody_yet")
    play.rings("noor")


async def test_the_patient_is_told_each_thing_once_however_long_it_takes(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.after(hours=2)
    play.is_told("paged", "nobody_yet")
    assert play.let_them_ring() > 30


@pytest.mark.parametrize("tier", [Tier.ROUTINE, Tier.SAME_DAY])
async def test_what_can_wait_pages_nobody(play: Play, tier: Tier) -> None:
    outcome = await play.writes(BENIGN)
    play.house.desk.open_for_sender(outcome.conversation_id, "web", Report("m-1", tier, "person_requested"))
    play.after(hours=24)
    play.nobody_rings()
    play.is_told()


async def test_an_ordinary_question_pages_nobody(play: Play) -> None:
    await play.writes(BENIGN)
    play.after(hours=24)
    play.nobody_rings()


async def test_two_patients_have_each_their_own_ladder(play: Play) -> None:
    await play.writes(EMERGENCY, who="ana")
    play.after(minutes=1)
    await play.writes(EMERGENCY, who="ben")
    play.after(minutes=2)
    play.rings("noor", "noor", "lee")
    play.after(minutes=1)
    play.rings("lee")
    for who in ("ana", "ben"):
        play.is_told("paged", who=who)


async def test_a_page_says_nothing_of_the_patient(play: Play) -> None:
    await play.writes("My name is Anastasia Quimby, call me at +1 555-010-0142. I can't breathe")
    play.after(hours=1)
    assert play.let_them_ring() > 15
    talk = play.patients["ana"].talk or ""
    play.no_page_holds("anastasia", "quimby", "555-010-0142", "15550100142", "breathe", "respiratory", talk)
    play.is_told("paged", "nobody_yet")
