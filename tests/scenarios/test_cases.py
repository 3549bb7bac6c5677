"""Plays: more than one report, in one case or in several; other languages; questions that nobody answers."""

from __future__ import annotations

import pytest

from bot.domain.escalation import Outcome, Status, Tier
from bot.services.escalations import Report
from bot.storage import tables
from tests.harness.cast import BENIGN, EMERGENCY, URGENT_CRISIS
from tests.harness.play import Play

UNSURE = "my chest does a thing sometimes"
SPANISH = "No puedo respirar"
OTHER_EMERGENCY = "he had a seizure and he is still jerking"


def _resolve(play: Play) -> None:
    play.house.handling.resolve(play.case.reference, "noor", Outcome.HANDLED)


# -- a higher tier -------------------------------------------------------------


async def test_a_higher_tier_begins_the_ladder_again_at_that_tier(play: Play) -> None:
    await play.writes(URGENT_CRISIS)
    play.after(minutes=4)
    play.rings("noor")
    await play.writes(EMERGENCY)
    play.settle()
    (page,) = play.rings("noor")
    assert "emergency report" in page.text
    play.after(minutes=3)
    play.rings("lee")
    play.is_told("paged", "paged")


async def test_a_higher_tier_has_its_own_limit_for_telling_the_patient(play: Play) -> None:
    await play.writes(URGENT_CRISIS)
    play.after(minutes=4)
    await play.writes(EMERGENCY)
    play.after(minutes=5, seconds=59)
    play.is_told("paged", "paged")
    play.after(seconds=1)
    play.is_told("nobody_yet")
    play.rings("noor", "noor", "lee", "kim", "lee")


async def test_a_higher_tier_takes_back_what_was_acknowledged(play: Play) -> None:
    await play.writes(URGENT_CRISIS)
    play.settle()
    play.rings("noor")
    play.acknowledges("noor")
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    assert play.case.status is Status.OPEN
    play.is_told("paged", "seen", "paged")


async def test_a_higher_tier_takes_back_what_was_still_to_go_at_the_lower_one(play: Play) -> None:
    play.pager.failing = ConnectionError()
    await play.writes(URGENT_CRISIS)
    play.settle()
    play.pager.failing = None
    await play.writes(EMERGENCY)
    play.after(minutes=1)
    (page,) = play.rings("noor")
    assert "emergency report" in page.text
    play.is_told("paged")


async def test_a_plain_request_that_turns_out_to_be_an_emergency_is_paged(play: Play) -> None:
    outcome = await play.writes(BENIGN)
    play.house.desk.open_for_sender(outcome.conversation_id, "web", Report("m-1", Tier.ROUTINE, "person_requested"))
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.is_told("paged")


# -- the same again ------------------------------------------------------------


async def test_a_second_report_at_the_same_tier_doubles_nothing(play: Play) -> None:
    first = await play.writes(EMERGENCY)
    play.settle()
    second = await play.writes(OTHER_EMERGENCY)
    assert second.escalation.reference == first.escalation.reference
    play.after(minutes=2, seconds=59)
    play.rings("noor")
    play.after(seconds=1)
    play.rings("lee")
    play.is_told("paged")


async def test_a_milder_report_changes_nothing(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    await play.writes(URGENT_CRISIS)
    play.after(minutes=3)
    play.rings("noor", "lee")
    assert play.case.tier is Tier.EMERGENCY
    play.is_told("paged")


# -- a case that somebody has ----------------------------------------------------


@pytest.fixture
async def with_noor(play: Play) -> Play:
    """Noor speaks with Ana."""
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.says("noor", "Hello Ana, this is Noor.")
    play.is_told("paged", "joined", "staff:Noor")
    play.after(minutes=20)
    return play


async def test_a_new_report_pages_who_has_the_case_and_nobody_else(with_noor: Play) -> None:
    await with_noor.writes(OTHER_EMERGENCY)
    with_noor.settle()
    (page,) = with_noor.rings("noor")
    assert "has a new report" in page.text
    with_noor.says("noor", "I am on it.")
    with_noor.is_told("staff:Noor")
    with_noor.after(minutes=30)
    with_noor.nobody_rings()


async def test_a_new_report_that_who_has_the_case_does_not_answer_pages_everybody(with_noor: Play) -> None:
    await with_noor.writes(OTHER_EMERGENCY)
    with_noor.after(minutes=5)
    with_noor.rings("noor", "noor")
    with_noor.after(minutes=3)
    with_noor.rings("lee")
    with_noor.is_told("paged")


async def test_a_new_report_reaches_others_when_who_has_the_case_cannot_be_reached(with_noor: Play) -> None:
    with_noor.pager.refusing = {with_noor.address("noor"), with_noor.address("noor", 2)}
    await with_noor.writes(OTHER_EMERGENCY)
    with_noor.settle()
    (page,) = with_noor.rings("olga")
    assert "has a new report" in page.text
    with_noor.says("noor", "I am on it.")
    with_noor.is_told("staff:Noor")


async def test_a_new_report_pages_the_first_of_the_ladder_where_nobody_knows_who_has_the_case(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.house.handling.say(play.case.reference, "front desk", "Hello.")
    await play.writes(OTHER_EMERGENCY)
    play.settle()
    play.rings("noor")
    play.is_told("paged", "joined", "staff:front desk")


async def test_a_higher_tier_leaves_the_talk_with_who_speaks_and_pages_that_person(play: Play) -> None:
    await play.writes(URGENT_CRISIS)
    play.settle()
    play.rings("noor")
    play.says("lee", "Hello, this is Lee.")
    await play.writes(EMERGENCY)
    play.settle()
    (page,) = play.rings("lee")
    assert "is more serious than it was" in page.text
    assert (play.case.status, play.case.tier) == (Status.WITH_STAFF, Tier.EMERGENCY)
    play.is_told("paged", "joined", "staff:Lee")


async def test_an_ordinary_message_in_a_case_that_somebody_has_pages_nobody(with_noor: Play) -> None:
    await with_noor.writes("thank you")
    with_noor.after(minutes=30)
    with_noor.nobody_rings()


# -- a case that was closed ------------------------------------------------------


async def test_a_new_report_within_a_day_is_the_same_case_again(play: Play) -> None:
    first = await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    _resolve(play)
    play.after(hours=23, minutes=59)
    again = await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    assert again.escalation.reference == first.escalation.reference
    assert (play.case.status, play.case.outcome) == (Status.OPEN, None)
    play.is_told("paged", "closed", "paged")


async def test_a_new_report_after_a_day_is_a_new_case(play: Play) -> None:
    first = await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    _resolve(play)
    play.after(hours=24, seconds=1)
    again = await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    assert again.escalation.reference != first.escalation.reference
    play.is_told("paged", "closed", "paged")


async def test_a_plain_request_does_not_open_a_closed_case_again(play: Play) -> None:
    first = await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    _resolve(play)
    play.is_told("paged", "closed")
    report = Report("m-2", Tier.ROUTINE, "person_requested")
    second = play.house.desk.open_for_sender(first.conversation_id, "web", report)
    assert second.reference != first.escalation.reference
    play.after(hours=1)
    play.nobody_rings()


# -- languages -----------------------------------------------------------------


async def test_a_patient_who_writes_spanish_is_told_in_spanish_and_the_staff_are_told_that(play: Play) -> None:
    play.house.screen.finds(SPANISH)
    await play.writes(SPANISH)
    play.settle()
    (page,) = play.rings("noor")
    assert "The patient writes Spanish." in page.text
    (text,) = play.is_told("paged")
    assert "personal de guardia" in text


async def test_a_patient_who_changes_the_language_is_told_in_the_new_one(play: Play) -> None:
    await play.writes(EMERGENCY)
    play.settle()
    play.rings("noor")
    play.is_told("paged")
    await play.writes("por favor, necesito ayuda, no puedo hablar inglés")
    play.after(minutes=3)
    (page,) = play.rings("lee")
    assert "The patient writes Spanish." in page.text
    play.after(minutes=3)
    play.rings("kim", "lee")
    (text,) = play.is_told("nobody_yet")
    assert text.startswith("Todavía nadie ha respondido")


# -- questions back --------------------------------------------------------------


async def test_a_question_back_that_nobody_answers_is_paged(play: Play) -> None:
    play.house.screen.doubts_about(UNSURE)
    await play.writes(UNSURE)
    play.after(minutes=4, seconds=59)
    play.nobody_rings()
    play.after(seconds=1)
    play.rings("noor")
    play.is_told("paged")


async def test_a_question_back_that_is_answered_with_no_pages_nobody(play: Play) -> None:
    play.house.screen.doubts_about(UNSURE)
    await play.writes(UNSURE)
    await play.writes("no")
    play.after(hours=1)
    play.nobody_rings()


async def test_a_question_back_that_is_answered_with_yes_is_paged_at_once(play: Play) -> None:
    play.house.screen.doubts_about(UNSURE)
    await play.writes(UNSURE)
    await play.writes("yes right now")
    play.settle()
    play.rings("noor")
    play.is_told("paged")


async def test_a_message_that_was_handed_over_as_a_plain_request_is_still_paged_when_nobody_answers(
    play: Play,
) -> None:
    play.house.screen.doubts_about(UNSURE)
    asked = await play.writes(UNSURE)
    message_id = next(row.id for row in play.database.rows(tables.messages) if row.text == UNSURE)
    report = Report(message_id, Tier.ROUTINE, "person_requested")
    play.house.desk.open_for_sender(asked.conversation_id, "web", report)
    play.after(minutes=5)
    play.rings("noor")
    play.is_told("paged")
