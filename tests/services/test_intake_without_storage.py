"""The database is gone: what is said, what is written to disk, what comes of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sqlalchemy.engine import Engine

from bot.domain import wording
from bot.domain.escalation import Tier
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN, CLINIC, EMERGENCY, fresh_id
from tests.harness.house import House
from tests.harness.storage import SEALER, Database


async def test_the_emergency_text_goes_out_without_a_claim(house: House) -> None:
    house.database.goes_down()
    outcome = await house.hears(EMERGENCY)
    assert outcome.replies == (wording.safety_reply(CLINIC, Tier.EMERGENCY, ("respiratory",), None),)
    assert outcome.escalation is None


async def test_a_severe_report_is_written_to_disk_whole(house: House) -> None:
    house.database.goes_down()
    outcome = await house.hears(EMERGENCY, message_id="message-of-ana-01")
    (path,) = house.spooled()
    assert json.loads(SEALER.open(path.read_text(encoding="utf-8"))) == {
        "channel": "web",
        "conversation_id": outcome.conversation_id,
        "message_id": "message-of-ana-01",
        "text": EMERGENCY,
    }


async def test_a_report_from_disk_is_taken_in_once_when_the_database_is_back(house: House) -> None:
    house.database.goes_down()
    outcome = await house.hears(EMERGENCY)
    house.database.comes_back()
    assert [house.intake.take_in_spooled(), house.intake.take_in_spooled()] == [1, 0]
    (escalation,) = house.desk.listing()
    assert (escalation.conversation_id, escalation.tier) == (outcome.conversation_id, Tier.EMERGENCY)
    assert house.database.count(tables.pages) == 1


async def test_a_report_stays_on_disk_while_the_database_is_away(house: House) -> None:
    house.database.goes_down()
    await house.hears(EMERGENCY)
    assert house.intake.take_in_spooled() == 0
    assert len(house.spooled()) == 1


async def test_a_report_that_was_repeated_while_away_is_taken_in_once(house: House) -> None:
    talk, message_id = await house.talk(), fresh_id()
    house.database.goes_down()
    for _ in range(3):
        await house.hears(EMERGENCY, talk, message_id)
    house.database.comes_back()
    house.intake.take_in_spooled()
    assert [row.text for row in house.database.rows(tables.messages)].count(EMERGENCY) == 1
    assert house.database.count(tables.escalations) == 1


async def test_a_first_message_that_was_repeated_while_away_is_taken_in_once(house: House) -> None:
    message_id = fresh_id()
    house.database.goes_down()
    for _ in range(2):
        await house.hears(EMERGENCY, message_id=message_id)
    house.database.comes_back()
    house.intake.take_in_spooled()
    assert house.database.count(tables.escalations) == 1


async def test_a_report_repeated_after_the_database_is_back_is_taken_in_once(house: House) -> None:
    talk, message_id = await house.talk(), fresh_id()
    house.database.goes_down()
    await house.hears(EMERGENCY, talk, message_id)
    house.database.comes_back()
    outcome = await house.hears(EMERGENCY, talk, message_id)
    assert outcome.escalation is not None
    house.intake.take_in_spooled()
    assert [row.text for row in house.database.rows(tables.messages)].count(EMERGENCY) == 1


async def test_a_first_message_that_is_tried_again_before_the_spool_is_taken_in_is_one_report(house: House) -> None:
    message_id = fresh_id()
    house.database.goes_down()
    await house.hears(EMERGENCY, message_id=message_id)
    house.database.comes_back()
    await house.hears(EMERGENCY, message_id=message_id)
    assert house.intake.take_in_spooled() == 1
    assert house.database.count(tables.escalations) == 1


async def test_a_first_message_that_was_stored_before_the_database_went_is_one_report(house: House) -> None:
    message_id = fresh_id()
    await house.hears(EMERGENCY, message_id=message_id)
    house.database.goes_down()
    await house.hears(EMERGENCY, message_id=message_id)
    house.database.comes_back()
    assert house.intake.take_in_spooled() == 1
    assert house.database.count(tables.escalations) == 1


async def test_a_database_that_hangs_does_not_keep_the_emergency_text(engine: Engine, tmp_path: Path) -> None:
    house = House(Database(engine), tmp_path / "spool", storage_seconds=0.01)
    house.database.hangs()
    outcome = await house.hears(EMERGENCY)
    house.database.comes_back()
    assert outcome.replies == (wording.safety_reply(CLINIC, Tier.EMERGENCY, ("respiratory",), None),)
    assert len(house.spooled()) == 1


async def test_a_report_that_a_slow_database_took_in_the_end_is_one_report(engine: Engine, tmp_path: Path) -> None:
    house = House(Database(engine), tmp_path / "spool", storage_seconds=0.01)
    message_id = fresh_id()
    house.database.hangs()
    outcome = await house.hears(EMERGENCY, message_id=message_id)
    house.database.comes_back()
    house.intake.take_in_spooled()
    await asyncio.get_running_loop().shutdown_default_executor()  # what hung has come to its end, too
    (escalation,) = house.desk.listing()
    assert escalation.conversation_id == outcome.conversation_id


async def test_a_try_between_the_two_steps_of_taking_in_is_the_same_report(house: House) -> None:
    house.database.goes_down()
    message_id = fresh_id()
    await house.hears(EMERGENCY, message_id=message_id)
    house.database.goes_down(after_transactions=1)
    house.database.down = False
    assert house.intake.take_in_spooled() == 0  # the conversation is made, its message not yet
    house.database.comes_back()
    await house.hears(EMERGENCY, message_id=message_id)
    assert house.intake.take_in_spooled() == 1
    assert (house.database.count(tables.conversations), house.database.count(tables.escalations)) == (1, 1)


async def test_a_short_id_that_two_patients_share_keeps_both_reports(house: House) -> None:
    await house.hears(EMERGENCY, message_id="1")
    house.database.goes_down()
    await house.hears(EMERGENCY, message_id="1")
    house.database.comes_back()
    house.intake.take_in_spooled()
    assert house.database.count(tables.escalations) == 2


async def test_the_patient_can_go_on_in_the_conversation_that_was_taken_in(house: House) -> None:
    house.database.goes_down()
    lost = await house.hears(EMERGENCY)
    house.database.comes_back()
    house.intake.take_in_spooled()
    outcome = await house.hears(BENIGN, lost.conversation_id)
    assert outcome.replies == (wording.reminder_reply(CLINIC, outcome.escalation.reference), ANSWER)


async def test_a_question_gets_the_degraded_reply_and_is_not_written_to_disk(house: House) -> None:
    house.database.goes_down()
    outcome = await house.hears(BENIGN)
    assert outcome.replies == (wording.degraded_reply(CLINIC, None),)
    assert house.spooled() == []
    assert house.dialogue.asked == []


async def test_an_answer_is_given_even_if_it_can_no_longer_be_stored(house: House) -> None:
    house.database.goes_down(after_transactions=1)
    outcome = await house.hears(BENIGN)
    assert outcome.replies == (ANSWER,)


async def test_with_dialogue_and_database_gone_nothing_is_claimed(house: House) -> None:
    house.dialogue.goes_down()
    house.database.goes_down(after_transactions=1)
    outcome = await house.hears(BENIGN)
    assert outcome.replies == (wording.degraded_reply(CLINIC, None),)


async def test_with_disk_and_database_gone_the_emergency_text_still_goes_out(house: House) -> None:
    house.spool_folder.write_text("in the way", encoding="utf-8")
    house.database.goes_down()
    outcome = await house.hears(EMERGENCY)
    assert CLINIC.emergency_number in outcome.replies[0].text
    assert "could NOT pass this on" in outcome.replies[0].text
