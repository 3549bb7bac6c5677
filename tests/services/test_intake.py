"""A message comes in: what is stored, who is asked, what is said."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain import wording
from bot.domain.conversation import new_id
from bot.domain.errors import StorageUnavailable, UnknownConversation
from bot.domain.escalation import Tier
from bot.domain.messages import Reply, ReplyKind
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN, CLINIC, EMERGENCY, URGENT_CRISIS, fresh_id, said
from tests.harness.house import House

# -- severe reports ------------------------------------------------------------


async def test_a_severe_report_is_stored_and_rasa_is_never_asked(house: House) -> None:
    outcome = await house.hears(EMERGENCY)
    assert house.dialogue.asked == []
    assert (outcome.escalation.tier, outcome.escalation.categories) == (Tier.EMERGENCY, ("respiratory",))
    assert [row.open_key for row in house.database.rows(tables.escalations)] == [outcome.conversation_id]


async def test_a_severe_report_is_answered_with_the_emergency_text_and_its_reference(house: House) -> None:
    outcome = await house.hears(EMERGENCY)
    reference = outcome.escalation.reference
    assert outcome.replies[0] == wording.safety_reply(CLINIC, Tier.EMERGENCY, ("respiratory",), reference)


async def test_message_escalation_page_and_reply_are_one_transaction(house: House) -> None:
    house.database.goes_down(after_transactions=1)
    await house.hears(EMERGENCY)
    kept = (tables.messages, tables.escalations, tables.escalation_messages, tables.pages)
    assert [house.database.count(table) for table in kept] == [3, 1, 1, 1]


async def test_a_report_that_fails_half_way_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr("bot.storage.outbox.SqlPages.add", fail)
    await house.hears(EMERGENCY)
    kept = (tables.conversations, tables.messages, tables.escalations)
    assert [house.database.count(table) for table in kept] == [0, 0, 0]


async def test_the_evidence_goes_into_the_history(house: House) -> None:
    await house.hears(EMERGENCY)
    event = house.database.rows(tables.escalation_events)[0]
    assert event.event == "opened"
    assert [e["words"] for e in event.detail["evidence"]] == ["can't breathe"]


async def test_a_crisis_gets_the_crisis_text(house: House) -> None:
    outcome = await house.hears(URGENT_CRISIS)
    assert f"call or text {CLINIC.crisis_number}" in outcome.replies[0].text


async def test_a_severe_report_with_dialogue_and_pager_down_is_stored_all_the_same(house: House) -> None:
    house.dialogue.goes_down()
    outcome = await house.hears(EMERGENCY)
    assert outcome.escalation.reference in outcome.replies[0].text
    assert house.database.count(tables.pages) == 1


# -- everything else -----------------------------------------------------------


async def test_a_question_is_stored_and_then_asked(house: House) -> None:
    outcome = await house.hears(BENIGN)
    assert house.dialogue.asked == [BENIGN]
    assert (outcome.replies, outcome.escalation) == ((ANSWER,), None)
    assert [row.text for row in house.database.rows(tables.messages)] == [BENIGN, ANSWER.text]


async def test_no_transaction_is_open_while_rasa_is_asked(house: House) -> None:
    house.dialogue.hangs()
    asking = asyncio.create_task(house.hears(BENIGN))
    await house.dialogue.entered.wait()
    other = await house.hears(EMERGENCY)
    assert other.escalation is not None
    house.dialogue.released.set()
    await asking


async def test_a_question_after_an_open_emergency_is_answered_after_a_reminder(house: House) -> None:
    opened = await house.hears(EMERGENCY)
    outcome = await house.hears(BENIGN, opened.conversation_id)
    assert outcome.replies == (wording.reminder_reply(CLINIC, opened.escalation.reference), ANSWER)
    assert outcome.escalation.reference == opened.escalation.reference


async def test_an_open_routine_request_brings_no_reminder(house: House) -> None:
    house.dialogue.goes_down()
    opened = await house.hears(BENIGN)
    house.dialogue.error = None
    outcome = await house.hears("and what should I wear", opened.conversation_id)
    assert outcome.replies == (ANSWER,)


async def test_a_second_report_is_added_to_the_first(house: House) -> None:
    first = await house.hears(URGENT_CRISIS)
    second = await house.hears(EMERGENCY, first.conversation_id)
    assert second.escalation.reference == first.escalation.reference
    assert second.escalation.tier is Tier.EMERGENCY
    assert house.database.count(tables.escalations) == 1


# -- the same message again ----------------------------------------------------


@pytest.mark.parametrize("text", [BENIGN, EMERGENCY, URGENT_CRISIS])
async def test_a_repeated_message_gets_the_same_replies_and_acts_once(house: House, text: str) -> None:
    talk, message_id = await house.talk(), fresh_id()
    first = await house.hears(text, talk, message_id)
    asked, stored = list(house.dialogue.asked), house.database.count(tables.messages)
    assert await house.hears(text, talk, message_id) == first
    assert (house.dialogue.asked, house.database.count(tables.messages)) == (asked, stored)


@pytest.mark.parametrize("text", [BENIGN, EMERGENCY])
async def test_a_repeated_first_message_finds_its_conversation(house: House, text: str) -> None:
    message_id = fresh_id()
    first = await house.hears(text, message_id=message_id)
    assert await house.hears(text, message_id=message_id) == first
    assert house.database.count(tables.conversations) == 1


@pytest.mark.parametrize("message_id", ["1", "42", "msg-000001"])
async def test_a_short_id_opens_nobody_elses_conversation(house: House, message_id: str) -> None:
    anas = await house.hears(BENIGN, message_id=message_id)
    bens = await house.hears(BENIGN, message_id=message_id)
    assert anas.conversation_id != bens.conversation_id


async def test_a_known_id_with_another_text_opens_nobody_elses_conversation(house: House) -> None:
    message_id = fresh_id()
    anas = await house.hears(BENIGN, message_id=message_id)
    bens = await house.hears("what should I wear", message_id=message_id)
    assert anas.conversation_id != bens.conversation_id


async def test_a_first_message_of_another_channel_is_another_message(house: House) -> None:
    message_id = fresh_id()
    web = await house.hears(BENIGN, message_id=message_id)
    sms = await house.intake.receive(said(BENIGN, message_id=message_id, channel="sms"))
    assert web.conversation_id != sms.conversation_id


async def test_after_a_day_the_same_first_message_is_a_new_talk(house: House) -> None:
    message_id = fresh_id()
    first = await house.hears(BENIGN, message_id=message_id)
    house.clock.move(hours=25)
    assert (await house.hears(BENIGN, message_id=message_id)).conversation_id != first.conversation_id


async def test_the_same_message_twice_at_once_acts_once(house: House) -> None:
    talk, message_id = await house.talk(), fresh_id()
    outcomes = await asyncio.gather(*(house.hears(EMERGENCY, talk, message_id) for _ in range(4)))
    assert outcomes == [outcomes[0]] * 4
    assert house.database.count(tables.escalations) == 1


async def test_a_crash_between_storing_and_answering_is_made_good_by_a_repeat(house: House) -> None:
    talk, message_id = await house.talk(), fresh_id()
    house.dialogue.error = RuntimeError("crash")
    with pytest.raises(RuntimeError):
        await house.hears(BENIGN, talk, message_id)
    house.dialogue.error = None
    assert (await house.hears(BENIGN, talk, message_id)).replies == (ANSWER,)
    assert [row.text for row in house.database.rows(tables.messages)].count(BENIGN) == 1


# -- dialogue down -------------------------------------------------------------


async def test_with_dialogue_down_the_question_is_kept_for_the_staff(house: House) -> None:
    house.dialogue.goes_down()
    outcome = await house.hears(BENIGN)
    assert outcome.replies == (wording.degraded_reply(CLINIC, outcome.escalation.reference),)
    assert (outcome.escalation.tier, outcome.escalation.reason) == (Tier.ROUTINE, "dialogue_unavailable")
    assert house.database.count(tables.pages) == 0


async def test_with_dialogue_down_a_repeat_says_the_same_and_keeps_it_once(house: House) -> None:
    house.dialogue.goes_down()
    talk, message_id = await house.talk(), fresh_id()
    first = await house.hears(BENIGN, talk, message_id)
    assert await house.hears(BENIGN, talk, message_id) == first
    assert house.database.count(tables.escalations) == 1


async def test_with_dialogue_down_during_an_emergency_the_reminder_comes_first(house: House) -> None:
    opened = await house.hears(EMERGENCY)
    house.dialogue.goes_down()
    outcome = await house.hears(BENIGN, opened.conversation_id)
    assert [reply.kind for reply in outcome.replies] == [ReplyKind.SAFETY, ReplyKind.FALLBACK]
    assert outcome.escalation.tier is Tier.EMERGENCY


# -- conversations that we do not know -----------------------------------------


async def test_an_unknown_conversation_is_refused(house: House) -> None:
    with pytest.raises(UnknownConversation):
        await house.hears(BENIGN, new_id())
    assert house.database.count(tables.conversations) == 0


async def test_a_severe_report_of_an_unknown_conversation_is_taken_in(house: House) -> None:
    unknown = new_id()
    outcome = await house.hears(EMERGENCY, unknown)
    assert (outcome.conversation_id, outcome.escalation.tier) == (unknown, Tier.EMERGENCY)


@pytest.mark.parametrize(("text", "report"), [(EMERGENCY, True), (BENIGN, False)])
def test_a_text_alone_can_be_screened(house: House, text: str, report: bool) -> None:
    assert house.intake.is_report(text) is report


# -- order within a conversation -----------------------------------------------


async def test_messages_of_one_conversation_are_taken_one_at_a_time_in_order(house: House) -> None:
    talk = await house.talk()
    texts = [f"question number {number}" for number in range(5)]
    await asyncio.gather(*(house.hears(text, talk) for text in texts))
    assert house.dialogue.asked[1:] == texts
    assert house.dialogue.most_at_once == 1


async def test_messages_of_two_conversations_do_not_wait_for_each_other(house: House) -> None:
    anas, bens = await house.talk(), await house.talk()
    house.dialogue.hangs()
    house.dialogue.entered.clear()
    waiting = asyncio.create_task(house.hears(BENIGN, anas))
    await house.dialogue.entered.wait()
    assert (await house.hears(EMERGENCY, bens)).escalation is not None
    assert not waiting.done()
    house.dialogue.released.set()
    await waiting


async def test_locks_go_with_their_last_user(house: House) -> None:
    talk = await house.talk()
    await asyncio.gather(*(house.hears(BENIGN, talk) for _ in range(3)))
    with pytest.raises(UnknownConversation):
        await house.hears(BENIGN, new_id())
    assert house.intake._parts.turns._locks == {}


async def test_a_client_that_goes_away_while_waiting_leaves_no_lock(house: House) -> None:
    talk = await house.talk()
    house.dialogue.hangs()
    house.dialogue.entered.clear()
    first = asyncio.create_task(house.hears(BENIGN, talk))
    second = asyncio.create_task(house.hears(BENIGN, talk))
    await house.dialogue.entered.wait()
    second.cancel()
    house.dialogue.released.set()
    await asyncio.gather(first, second, return_exceptions=True)
    assert (second.cancelled(), house.intake._parts.turns._locks) == (True, {})


# -- replies -------------------------------------------------------------------


async def test_several_replies_are_stored_and_repeated_in_order(house: House) -> None:
    house.dialogue.replies = (ANSWER, Reply("Anything else?", ReplyKind.SMALLTALK))
    message_id = fresh_id()
    outcome = await house.hears(BENIGN, message_id=message_id)
    assert (await house.hears(BENIGN, message_id=message_id)).replies == outcome.replies == house.dialogue.replies


# -- what became of a message --------------------------------------------------


@pytest.mark.parametrize("text", [BENIGN, EMERGENCY])
async def test_what_is_stored_and_answered_has_its_place_in_the_talk(house: House, text: str) -> None:
    message = fresh_id()
    outcome = await house.hears(text, message_id=message)
    again = await house.hears(text, message_id=message)
    positions = [reply.position for reply in outcome.replies]
    assert positions == list(range(2, 2 + len(positions)))
    assert [reply.position for reply in again.replies] == positions
    assert (outcome.state, again.state) == ("answered", "answered")


async def test_an_answer_that_cannot_be_stored_has_no_place(house: House) -> None:
    house.database.goes_down(after_transactions=1)
    outcome = await house.hears(BENIGN)
    assert (outcome.state, [reply.position for reply in outcome.replies]) == ("received", [None])


@pytest.mark.parametrize(("text", "state"), [(BENIGN, "not_stored"), (EMERGENCY, "kept")])
async def test_without_a_database_it_is_said_what_is_kept(house: House, text: str, state: str) -> None:
    house.database.goes_down()
    assert (await house.hears(text)).state == state


async def test_a_report_that_is_kept_nowhere_is_not_called_kept(house: House) -> None:
    house.spool_folder.touch()  # a file where the folder should be
    house.database.goes_down()
    assert (await house.hears(EMERGENCY)).state == "not_stored"
