"""Calls: taken once, answered in time, and never lost, whatever is broken."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from bot.domain.errors import StorageUnavailable
from bot.domain.escalation import Escalation, Status, Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.phone_tree.model import Fetch, HangUp, Listen, Record, RingDesk, RingPerson, Spoke
from bot.services.telephone_ports import Text
from bot.services.whispers import Taken
from bot.storage import tables
from tests.harness.cast import BENIGN, EMERGENCY
from tests.harness.house import House
from tests.harness.screen import DOUBT
from tests.harness.switchboard import ANA, CLINIC_NUMBER, DESK, Switchboard

HAZY = "I have breathe"


@pytest.fixture
def board(house: House) -> Switchboard:
    """A line without a desk."""
    return Switchboard(house)


def case(board: Switchboard) -> Escalation:
    """The only one that is open."""
    (found,) = board.house.desk.listing()
    return found


def events(board: Switchboard) -> list[str]:
    """What happened to it."""
    return [entry.event for entry in board.house.desk.history(case(board).reference)]


def texts(board: Switchboard) -> list[Text]:
    """The outbox of texts."""
    ids = [row.id for row in board.house.database.rows(tables.texts)]
    with board.house.database() as uow:
        return [found for found in map(uow.texts.get, ids) if found is not None]


# -- in time ------------------------------------------------------------------------


async def test_a_slow_answer_is_waited_for_and_then_said(house: House) -> None:
    board = Switchboard(house, answer_seconds=0.05)
    await board.begins()
    house.dialogue.hangs()
    assert (await board.says(BENIGN)).startswith("One moment, please.")
    assert board.then == Fetch()
    house.dialogue.released.set()
    assert (await board.is_silent()).startswith("Plan about two hours.")
    assert house.dialogue.asked == [BENIGN]


async def test_what_takes_too_long_is_texted_when_it_is_there(house: House) -> None:
    board = Switchboard(house, answer_seconds=0.05)
    await board.begins()
    house.dialogue.hangs()
    await board.says(BENIGN)
    await board.is_silent()
    assert (await board.is_silent()).startswith("It takes me longer than it should")
    assert (await board.presses("1")).startswith("Thank you. A text message is on its way.")
    assert [text.body[:21] for text in texts(board)] == ["This is the automated"]
    house.dialogue.released.set()
    await board.hearing.finish(5)
    assert texts(board)[-1].body.startswith("Plan about two hours.")


async def test_a_report_is_said_at_once_though_the_dialogue_hangs(house: House) -> None:
    board = Switchboard(house, answer_seconds=5)
    await board.begins()
    house.dialogue.hangs()
    assert (await board.says(EMERGENCY)).startswith("This may be an emergency. Call 112 now")
    house.dialogue.released.set()


# -- once -----------------------------------------------------------------------------


async def test_the_same_turn_twice_gets_the_same_answer(board: Switchboard) -> None:
    await board.begins()
    turn = board.told[-1].turn
    first = await board.calls.turn(board.incoming, turn, Spoke(EMERGENCY, 0.9))
    assert await board.calls.turn(board.incoming, turn, Spoke("never mind", 0.9)) == first
    assert events(board).count("opened") == 1


async def test_the_same_turn_at_once_is_one(board: Switchboard) -> None:
    await board.begins()
    turn = board.told[-1].turn
    answers = await asyncio.gather(*(board.calls.turn(board.incoming, turn, Spoke(EMERGENCY, 0.9)) for _ in range(5)))
    assert len(set(answers)) == 1
    assert board.house.database.count(tables.messages) == 2


async def test_a_call_whose_beginning_was_lost_is_taken_in_all_the_same(board: Switchboard) -> None:
    answer = await board.calls.turn(board.incoming, 4, Spoke(EMERGENCY, 0.9))
    assert board.told[int(answer)].says[0].text.startswith("This may be an emergency.")
    assert case(board).tier is Tier.EMERGENCY


# -- whose talk ---------------------------------------------------------------------------


async def test_a_second_call_goes_on_in_the_talk_of_the_number(house: House) -> None:
    first, second = Switchboard(house), Switchboard(house, call_id="CA2")
    for board in (first, second):
        await board.begins()
        await board.says(BENIGN)
    assert house.database.count(tables.conversations) == 1


async def test_the_number_is_kept_to_call_back(board: Switchboard) -> None:
    await board.begins()
    await board.says(EMERGENCY)
    talk_id = case(board).conversation_id
    with board.house.database() as uow:
        talk = uow.conversations.get(talk_id)
    assert talk is not None
    assert talk.callback_number == ANA


# -- words that were heard badly -------------------------------------------------------------


async def test_a_badly_heard_question_is_stored_and_not_answered(board: Switchboard) -> None:
    await board.begins()
    assert (await board.says(BENIGN, 0.2)).startswith("I am sorry, I did not understand that.")
    assert board.house.dialogue.asked == []
    assert [row.author for row in board.house.database.rows(tables.messages)] == ["patient"]


async def test_a_badly_heard_doubt_is_asked_about(board: Switchboard) -> None:
    board.house.screen.doubts_about(HAZY)
    await board.begins()
    assert "Is this happening to you, or to someone with you, right now?" in await board.says(HAZY, 0.2)


@pytest.fixture
async def asked(board: Switchboard) -> Switchboard:
    """Who was asked whether it is happening right now."""
    board.house.screen.doubts_about(HAZY)
    await board.begins()
    await board.says(HAZY)
    return board


async def test_a_badly_heard_no_answers_nothing(asked: Switchboard) -> None:
    assert "Is this happening" in await asked.says("no", 0.2)
    assert asked.house.database.rows(tables.safety_questions)[0].outcome is None


async def test_a_badly_heard_yes_counts(asked: Switchboard) -> None:
    assert (await asked.says("yes", 0.2)).startswith("This may be an emergency.")


@pytest.mark.parametrize("key", ["1", "2"])
async def test_a_key_answers_the_question(asked: Switchboard, key: str) -> None:
    await asked.presses(key)
    outcome = asked.house.database.rows(tables.safety_questions)[0].outcome
    assert outcome == {"1": "yes", "2": "no"}[key]
    assert bool(asked.house.desk.listing()) is (key == "1")


async def test_silence_twice_wakes_somebody_at_once(asked: Switchboard) -> None:
    await asked.is_silent()
    assert (await asked.is_silent()).startswith("I did not hear an answer")
    assert (case(asked).tier, case(asked).reason) == (Tier.EMERGENCY, "not_answered")
    assert asked.then == RingPerson("noor")


async def test_a_hang_up_in_place_of_an_answer_wakes_somebody_at_once(asked: Switchboard) -> None:
    await asked.hangs_up()
    assert case(asked).reason == "not_answered"
    assert events(asked)[-1] == "call_ended"


# -- the end of a call ---------------------------------------------------------------------


async def test_the_end_of_a_call_is_in_the_history_once(board: Switchboard) -> None:
    await board.begins()
    await board.says(EMERGENCY)
    await board.hangs_up()
    await board.hangs_up()
    assert events(board).count("call_ended") == 1
    assert case(board).status is Status.OPEN


async def test_the_end_of_an_ordinary_call_leaves_nothing_open(board: Switchboard) -> None:
    await board.begins()
    await board.says(BENIGN)
    await board.hangs_up()
    assert board.house.desk.listing() == ()


async def test_the_end_of_a_call_that_nobody_knows_is_no_fault(board: Switchboard) -> None:
    await board.hangs_up()
    assert board.house.database.count(tables.calls) == 0


# -- the desk -----------------------------------------------------------------------------------


async def test_in_its_hours_the_desk_is_rung(house: House) -> None:
    board = Switchboard(house, desk=DESK)
    await board.begins()
    await board.presses("0")
    assert (board.then, board.told[-1].number) == (RingDesk(), DESK.number)


async def test_after_its_hours_it_is_not(house: House) -> None:
    board = Switchboard(house, desk=DESK)
    house.clock.move(hours=2)
    await board.begins()
    assert (await board.presses("0")).startswith("Nobody is at our desk at the moment.")


async def test_a_wish_for_a_person_that_the_dialogue_passed_on_reaches_the_desk(house: House) -> None:
    board = Switchboard(house, desk=DESK)
    house.dialogue.replies = (Reply("I have passed it on.", ReplyKind.HANDOFF, topic="staff/handoff"),)
    await board.begins()
    await board.says("I would rather have a nurse")
    assert board.then == RingDesk()


# -- somebody on call takes it ---------------------------------------------------------------------


@pytest.fixture
async def ringing(board: Switchboard) -> Switchboard:
    """Noor's phone rings for a caller in danger."""
    await board.begins()
    await board.says(EMERGENCY)
    return board


async def test_whoever_is_rung_hears_what_it_is(ringing: Switchboard) -> None:
    about = ringing.whispers.about("CA1")
    assert about is not None
    assert (about.reference, about.tier) == (case(ringing).reference, Tier.EMERGENCY)


async def test_the_key_acknowledges_by_call(ringing: Switchboard) -> None:
    assert ringing.whispers.take("CA1", "noor").taken is Taken.YES
    history = ringing.house.desk.history(case(ringing).reference)
    assert [entry.detail for entry in history if entry.event == "acknowledged"] == [{"way": "call"}]


async def test_a_provider_that_does_not_tell_is_judged_by_the_key(ringing: Switchboard) -> None:
    assert "I am calling the next person" in await ringing.phone_rang(True)
    ringing.whispers.take("CA1", "lee")
    assert (await ringing.phone_rang(True)).startswith("Your talk with our staff has ended.")


async def test_two_who_were_not_connected_are_due_to_be(ringing: Switchboard) -> None:
    ringing.whispers.take("CA1", "noor")
    assert {row.kind for row in ringing.house.database.rows(tables.timers)} == {"close"}
    assert (await ringing.phone_rang(False, bridged=False)).startswith("Noor, nurse has seen your report")
    assert {row.kind for row in ringing.house.database.rows(tables.timers)} == {"take_over"}


async def test_after_the_hang_up_there_is_nobody_to_talk_to(ringing: Switchboard) -> None:
    await ringing.hangs_up()
    taken = ringing.whispers.take("CA1", "noor")
    assert (taken.taken, case(ringing).owner) == (Taken.GONE, "noor")
    assert "speaks_by_phone" not in events(ringing)


async def test_without_the_database_whoever_pressed_the_key_is_connected(ringing: Switchboard) -> None:
    ringing.house.database.goes_down()
    assert ringing.whispers.take("CA1", "noor").taken is Taken.NOT_STORED


# -- messages --------------------------------------------------------------------------------------


@pytest.fixture
async def left(board: Switchboard) -> Switchboard:
    """Who left a message after hours."""
    await board.begins()
    await board.presses("0")
    await board.presses("3")
    assert board.then == Record()
    await board.leaves()
    return board


async def test_a_message_is_kept_for_the_staff_before_it_is_written_down(left: Switchboard) -> None:
    assert (case(left).tier, case(left).reason) == (Tier.ROUTINE, "voicemail")
    detail = left.house.desk.history(case(left).reference)[0].detail
    assert (detail["recording"], detail["seconds"]) == ("RE1", 9)


async def test_a_transcript_is_screened(left: Switchboard) -> None:
    await left.transcribed(EMERGENCY)
    assert (case(left).tier, case(left).status) == (Tier.EMERGENCY, Status.OPEN)
    assert "step_taken" in events(left)


async def test_a_transcript_comes_once(left: Switchboard) -> None:
    for _ in range(2):
        await left.transcribed(EMERGENCY)
    assert events(left).count("tier_raised") == 1


async def test_an_ordinary_transcript_is_stored_and_not_answered(left: Switchboard) -> None:
    await left.transcribed("please move my appointment")
    assert left.house.dialogue.asked == []
    assert case(left).tier is Tier.ROUTINE


async def test_a_doubt_in_a_transcript_wakes_somebody_since_nobody_can_be_asked(left: Switchboard) -> None:
    left.house.screen.doubts_about(HAZY)
    await left.transcribed(HAZY)
    assert case(left).tier is DOUBT.tier


async def test_a_message_that_nobody_could_write_down_is_for_a_persons_ears_today(left: Switchboard) -> None:
    await left.transcribed("", seconds=9)
    assert case(left).tier is Tier.SAME_DAY


async def test_the_click_of_a_receiver_is_no_message(board: Switchboard) -> None:
    await board.transcribed("", seconds=1)
    assert board.house.desk.listing() == ()


async def test_a_report_in_a_transcript_is_answered_by_text_where_that_was_agreed_to(board: Switchboard) -> None:
    await board.begins()
    await board.presses("0")
    await board.presses("1")
    before = len(texts(board))
    await board.transcribed(EMERGENCY)
    assert [text.body[:27] for text in texts(board)[before:]] == ["This may be an emergency. C"]


# -- the database is gone -----------------------------------------------------------------------------


async def test_without_the_database_a_turn_is_refused(board: Switchboard) -> None:
    board.house.database.goes_down()
    with pytest.raises(StorageUnavailable):
        await board.calls.begin(board.incoming)


async def test_a_database_that_hangs_is_given_up_in_time(house: House) -> None:
    board = Switchboard(house, turn_seconds=0.05)
    board.house.database.hangs()
    with pytest.raises(StorageUnavailable):
        await board.calls.begin(board.incoming)
    board.house.database.comes_back()


async def test_without_the_database_the_caller_hears_the_numbers_and_is_listened_to(board: Switchboard) -> None:
    board.house.database.goes_down()
    turn = await board.makeshift.turn(board.incoming, 0)
    said = " ".join(line.text for line in turn.says)
    assert "hang up and call 112" in said
    assert "116 123" in said
    assert isinstance(turn.then, Listen)


async def test_a_report_without_the_database_is_said_kept_and_rung(board: Switchboard) -> None:
    board.house.database.goes_down()
    turn = await board.makeshift.turn(board.incoming, 1, Spoke(EMERGENCY, 0.9))
    board.house.alarm._hands.shutdown(wait=True)
    assert turn.says[0].text.startswith("This may be an emergency.")
    assert "could NOT pass this on" in turn.says[0].text
    assert turn.then == RingPerson("noor")
    assert len(board.house.spooled()) == 1
    assert board.house.pager.reached == ["+15550100101"]


async def test_it_is_taken_in_later_as_the_talk_of_its_number(board: Switchboard) -> None:
    board.house.database.goes_down()
    await board.makeshift.turn(board.incoming, 1, Spoke(EMERGENCY, 0.9))
    board.house.database.comes_back()
    assert board.house.intake.take_in_spooled() == 1
    with board.house.database() as uow:
        address = uow.addresses.find(ANA, CLINIC_NUMBER)
    assert address is not None
    assert case(board).conversation_id == address.conversation_id
    assert texts(board) == []


async def test_nobody_is_kept_on_a_line_that_leads_nowhere(board: Switchboard) -> None:
    board.house.database.goes_down()
    turn = await board.makeshift.turn(board.incoming, 6)
    assert turn.then == HangUp()
    assert "hang up and call 112" in turn.says[0].text


async def test_a_database_that_goes_between_hearing_and_storing_still_has_the_report(board: Switchboard) -> None:
    await board.begins()
    board.house.database.goes_down(after_transactions=2)  # reads the call, takes the report in
    with pytest.raises(StorageUnavailable):
        await board.says(EMERGENCY)
    turn = await board.makeshift.turn(board.incoming, board.told[-1].turn, Spoke(EMERGENCY, 0.9))
    assert turn.says[0].text.startswith("This may be an emergency.")
    board.house.database.comes_back()
    board.house.intake.take_in_spooled()
    with board.house.database.engine.connect() as connection:
        said = connection.execute(sa.select(sa.func.count()).where(tables.messages.c.author == "patient"))
        assert said.scalar() == 1
    assert events(board).count("opened") == 1
