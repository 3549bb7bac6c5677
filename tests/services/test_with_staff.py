"""A person has taken over: the bot is silent, and what must not be overlooked is not."""

from __future__ import annotations

import asyncio

from bot.domain.escalation import Outcome, Tier
from bot.domain.messages import ReplyKind
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN, EMERGENCY, URGENT_CRISIS
from tests.harness.house import House


async def _taken_over(house: House) -> tuple[str, str]:
    outcome = await house.hears(URGENT_CRISIS)
    house.handling.take_over(outcome.escalation.reference, "noor")
    house.dialogue.asked.clear()
    return outcome.conversation_id, outcome.escalation.reference


async def test_a_message_is_stored_and_the_bot_says_nothing(house: House) -> None:
    talk, reference = await _taken_over(house)
    before = house.database.count(tables.messages)
    outcome = await house.hears(BENIGN, talk)
    assert outcome.replies == ()
    assert outcome.escalation.reference == reference
    assert house.dialogue.asked == []
    assert house.database.count(tables.messages) == before + 1


async def test_the_same_message_again_asks_nobody_either(house: House) -> None:
    talk, _ = await _taken_over(house)
    for _ in range(2):
        assert (await house.hears(BENIGN, talk, "the-same-message-id")).replies == ()
    assert house.dialogue.asked == []


async def test_a_new_red_flag_gets_the_safety_text_and_pages_who_has_it(house: House) -> None:
    talk, _ = await _taken_over(house)
    outcome = await house.hears(EMERGENCY, talk)
    assert [reply.kind for reply in outcome.replies] == [ReplyKind.SAFETY]
    assert outcome.escalation.tier is Tier.EMERGENCY
    house.paging.tick()
    assert house.pager.reached[-1] == house.on_call.people["noor"].contacts[0].address


async def test_an_answer_that_comes_after_the_take_over_is_not_said(house: House) -> None:
    outcome = await house.hears(URGENT_CRISIS)
    house.dialogue.hangs()
    house.dialogue.entered.clear()
    asking = asyncio.create_task(house.hears(BENIGN, outcome.conversation_id))
    await house.dialogue.entered.wait()
    house.handling.take_over(outcome.escalation.reference, "noor")
    house.dialogue.released.set()
    assert (await asking).replies == ()


async def test_after_the_end_the_bot_answers_again(house: House) -> None:
    talk, reference = await _taken_over(house)
    house.handling.resolve(reference, "noor", Outcome.HANDLED)
    assert (await house.hears(BENIGN, talk)).replies == (ANSWER,)
