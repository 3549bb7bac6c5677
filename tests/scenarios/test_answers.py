"""Plays: somebody answers. What stops, what goes on, and who is told what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.conversation import Mode
from bot.domain.errors import AlreadyTaken, IllegalMove, NotFound
from bot.domain.escalation import Outcome, Status
from tests.harness.cast import BENIGN, EMERGENCY
from tests.harness.play import Play


@pytest.fixture
async def paged(play: Play) -> Play:
    """Ana has reported, Noor's phone has rung, a minute is over."""
    await play.writes(EMERGENCY)
    play.after(minutes=1)
    play.rings("noor")
    play.is_told("paged")
    return play


@pytest.fixture
def seen(paged: Play) -> Play:
    """Noor has acknowledged."""
    paged.acknowledges("noor")
    paged.is_told("seen")
    return paged


@pytest.fixture
def taken(seen: Play) -> Play:
    """Noor has taken it over."""
    seen.takes_over("noor")
    seen.is_told("joined")
    return seen


@pytest.fixture
def answered(taken: Play) -> Play:
    """Noor has written."""
    taken.says("noor", "Hello Ana, this is Noor.")
    taken.is_told("staff:Noor")
    return taken


# -- acknowledging -------------------------------------------------------------


async def test_who_opens_the_link_stops_the_ladder(paged: Play) -> None:
    assert paged.acknowledges("noor").status is Status.ACKNOWLEDGED
    paged.after(minutes=4, seconds=59)
    paged.nobody_rings()
    paged.is_told("seen")


async def test_who_replies_with_the_code_stops_the_ladder(paged: Play) -> None:
    assert paged.replies_with_the_code("noor").owner == "noor"
    paged.after(minutes=4, seconds=59)
    paged.is_told("seen")


async def test_who_acknowledges_at_the_command_line_stops_the_ladder(paged: Play) -> None:
    paged.house.handling.acknowledge(paged.case.reference, "front desk", "cli")
    paged.after(minutes=4, seconds=59)
    (text,) = paged.is_told("seen")
    assert text.startswith("A member of our staff saw your report")


async def test_the_patient_is_told_by_whom_it_was_seen_and_when(paged: Play) -> None:
    paged.acknowledges("noor")
    (text,) = paged.is_told("seen")
    assert text.startswith(f"Noor (nurse) saw your report {paged.case.reference} at 08:01")


async def test_of_two_who_acknowledge_the_second_is_told_who_has_it(paged: Play) -> None:
    paged.after(minutes=2)
    paged.rings("lee")
    paged.acknowledges("lee")
    with pytest.raises(AlreadyTaken, match="already with Lee"):
        paged.replies_with_the_code("noor")
    paged.is_told("seen")


async def test_of_two_at_the_same_moment_one_wins(paged: Play) -> None:
    def acknowledge(who: str) -> str:
        try:
            return paged.house.handling.acknowledge(paged.case.reference, who, "sms").owner or ""
        except AlreadyTaken as error:
            return str(error.owner)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(acknowledge, ["noor", "lee", "kim", "olga"]))
    owner = paged.case.owner
    assert sorted(name.lower() for name in answers) == [owner] * 4
    assert paged.history().count("acknowledged") == 1
    paged.is_told("seen")


async def test_who_acknowledges_twice_does_it_once(seen: Play) -> None:
    seen.acknowledges("noor")
    assert seen.history().count("acknowledged") == 1


async def test_a_link_is_over_after_an_hour(paged: Play) -> None:
    page = paged.last_page
    paged.after(minutes=59, seconds=1)
    with pytest.raises(AssertionError, match="the link is over"):
        paged.acknowledges("noor", page)
    paged.let_them_ring()
    paged.is_told("nobody_yet")


async def test_a_page_of_an_earlier_round_still_acknowledges(paged: Play) -> None:
    page = paged.last_page
    paged.after(minutes=20)
    paged.let_them_ring()
    paged.acknowledges("noor", page)
    paged.after(minutes=4)
    paged.is_told("nobody_yet", "seen")


async def test_a_code_that_was_never_given_acknowledges_nothing(paged: Play) -> None:
    with pytest.raises(NotFound):
        paged.house.handling.acknowledge("ZZZZZ", "noor", "sms")
    paged.after(minutes=2)
    paged.rings("lee")


# -- after the acknowledgement -------------------------------------------------


async def test_acknowledged_and_not_taken_over_pages_everybody_again(seen: Play) -> None:
    seen.after(minutes=4, seconds=59)
    seen.nobody_rings()
    seen.after(seconds=1)
    seen.rings("noor")
    seen.after(minutes=3)
    seen.rings("lee")
    seen.is_told("paged")
    assert "acknowledgement_expired" in seen.history()


async def test_after_an_acknowledgement_that_led_to_nothing_the_patient_is_told_to_call_again(seen: Play) -> None:
    seen.after(minutes=11)
    seen.let_them_ring()
    seen.is_told("paged", "nobody_yet")
    seen.acknowledges("kim")
    seen.is_told("seen")


async def test_taken_over_stops_the_first_limit(taken: Play) -> None:
    taken.after(minutes=4, seconds=59)
    taken.nobody_rings()
    case = taken.case
    with taken.database() as uow:
        assert uow.conversations.get(case.conversation_id).mode is Mode.STAFF


async def test_taken_over_and_not_a_word_pages_everybody_again(taken: Play) -> None:
    taken.after(minutes=5)
    taken.rings("noor")
    taken.is_told("paged")
    assert taken.case.status is Status.OPEN
    assert "silent_after_take_over" in taken.history()


async def test_the_first_message_stops_that(answered: Play) -> None:
    answered.after(hours=3, minutes=59)
    answered.nobody_rings()
    assert answered.case.status is Status.WITH_STAFF


async def test_who_writes_has_taken_over(paged: Play) -> None:
    paged.says("lee", "I am calling you now.")
    paged.is_told("joined", "staff:Lee")
    paged.after(minutes=30)
    assert paged.case.owner == "lee"


async def test_who_writes_after_having_been_too_slow_has_it_again(taken: Play) -> None:
    taken.after(minutes=5)
    taken.rings("noor")
    taken.says("noor", "Sorry, I am here.")
    taken.is_told("paged", "joined", "staff:Noor")
    taken.after(hours=1)
    taken.nobody_rings()


async def test_only_who_has_it_may_write(answered: Play) -> None:
    with pytest.raises(AlreadyTaken, match="already with Noor"):
        answered.says("lee", "Hello, this is Lee.")


async def test_what_is_not_closed_reminds_who_has_it_again_and_again(answered: Play) -> None:
    answered.after(hours=4)
    (page,) = answered.rings("noor")
    assert "is still open and with you" in page.text
    answered.after(hours=4)
    answered.rings("noor")


async def test_somebody_else_may_take_over_what_was_only_acknowledged(seen: Play) -> None:
    seen.takes_over("lee")
    (text,) = seen.is_told("joined")
    assert text.startswith("Lee (doctor)")
    with pytest.raises(AlreadyTaken, match="already with Lee"):
        seen.takes_over("noor")


# -- the end -------------------------------------------------------------------


async def test_closed_takes_back_what_was_still_to_go(paged: Play) -> None:
    paged.pager.down = {paged.address("lee")}
    paged.after(minutes=2)
    paged.house.handling.resolve(paged.case.reference, "noor", Outcome.HANDLED)
    paged.pager.down = set()
    paged.after(hours=9)
    paged.nobody_rings()
    paged.is_told("closed")


async def test_what_is_closed_cannot_be_acknowledged_or_handed_back(answered: Play) -> None:
    reference = answered.case.reference
    answered.house.handling.resolve(reference, "noor", Outcome.SENT_TO_EMERGENCY)
    with pytest.raises(IllegalMove):
        answered.acknowledges("noor")
    with pytest.raises(IllegalMove):
        answered.house.handling.hand_back(reference, "noor")
    answered.is_told("closed")


async def test_closed_gives_the_talk_back_to_the_bot(answered: Play) -> None:
    answered.house.handling.resolve(answered.case.reference, "noor", Outcome.FALSE_ALARM)
    outcome = await answered.writes(BENIGN)
    assert outcome.escalation is None
    answered.is_told("closed")


async def test_handed_back_stays_with_who_had_it_until_it_is_closed(answered: Play) -> None:
    back = answered.house.handling.hand_back(answered.case.reference, "kim", overrule=True)
    assert (back.status, back.owner) == (Status.ACKNOWLEDGED, "noor")
    answered.after(hours=4)
    answered.rings("noor")


async def test_what_nobody_took_over_cannot_be_handed_back(seen: Play) -> None:
    with pytest.raises(IllegalMove):
        seen.house.handling.hand_back(seen.case.reference, "noor")
    seen.after(minutes=5)
    seen.rings("noor")
    seen.is_told("paged")


async def test_a_new_report_after_handing_back_has_its_limit_again(answered: Play) -> None:
    answered.house.handling.hand_back(answered.case.reference, "noor")
    answered.after(hours=1)
    await answered.writes(EMERGENCY)
    answered.settle()
    (page,) = answered.rings("noor")
    assert "has a new report" in page.text
    answered.after(minutes=8)
    answered.rings("noor", "lee")
    answered.is_told("paged")
