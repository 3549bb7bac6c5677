"""Actions that open an escalation: commit, then tell."""

from __future__ import annotations

import pytest
from rasa_sdk import Action
from rasa_sdk.executor import CollectingDispatcher

from actions import ActionAskStaff, ActionEscalateSevereReport, ActionHandOff
from bot.domain import wording
from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.storage import tables
from tests.harness.cast import CLINIC, EMERGENCY, URGENT_CRISIS
from tests.harness.house import House
from tests.harness.tracker import make_tracker

ALL = pytest.mark.parametrize("action", [ActionEscalateSevereReport(), ActionHandOff(), ActionAskStaff()])


@pytest.mark.parametrize(
    ("text", "tier", "categories"),
    [(EMERGENCY, Tier.EMERGENCY, ("respiratory",)), (URGENT_CRISIS, Tier.URGENT, ("suicidality",))],
)
async def test_a_severe_report_is_stored_and_answered_with_the_fixed_text(
    house: House, dispatcher: CollectingDispatcher, text: str, tier: Tier, categories: tuple[str, ...]
) -> None:
    await ActionEscalateSevereReport().run(dispatcher, make_tracker(text), {})
    (escalation,) = house.desk.listing()
    assert (escalation.tier, escalation.categories) == (tier, categories)
    assert dispatcher.messages[0]["text"] == wording.safety_reply(CLINIC, tier, categories, escalation.reference).text


@pytest.mark.parametrize("text", ["I feel strange", "", None])
async def test_asked_to_escalate_and_unsure_why_a_person_is_woken(
    house: House, dispatcher: CollectingDispatcher, text: str | None
) -> None:
    await ActionEscalateSevereReport().run(dispatcher, make_tracker(text), {})
    assert house.desk.listing()[0].tier is Tier.URGENT
    assert house.database.count(tables.pages) == 1


async def test_the_wish_for_a_person_is_stored_without_a_page(house: House, dispatcher: CollectingDispatcher) -> None:
    await ActionHandOff().run(dispatcher, make_tracker("can I talk to somebody"), {})
    (escalation,) = house.desk.listing()
    assert (escalation.tier, escalation.reason) == (Tier.ROUTINE, "person_requested")
    assert escalation.reference in dispatcher.messages[0]["text"]
    assert house.database.count(tables.pages) == 0


async def test_a_question_for_the_staff_is_stored_with_its_words(
    house: House, dispatcher: CollectingDispatcher
) -> None:
    tracker = make_tracker("yes please", slots={"offer": "staff", "open_question": "is there parking"})
    events = await ActionAskStaff().run(dispatcher, tracker, {})
    (history,) = house.database.rows(tables.escalation_events)
    assert (history.detail["question"], history.detail["reason"]) == ("is there parking", "question_for_staff")
    assert {event["name"]: event["value"] for event in events} == {"offer": "none", "open_question": None}


@ALL
async def test_after_escalating_nothing_is_offered_any_more(dispatcher: CollectingDispatcher, action: Action) -> None:
    events = await action.run(dispatcher, make_tracker("yes", slots={"offer": "staff"}), {})
    assert ("offer", "none") in [(event["name"], event["value"]) for event in events]


@ALL
async def test_with_the_database_away_the_action_says_so_and_claims_nothing(
    house: House, dispatcher: CollectingDispatcher, action: Action
) -> None:
    house.database.goes_down()
    await action.run(dispatcher, make_tracker(EMERGENCY), {})
    (message,) = dispatcher.messages
    assert "could not" in message["text"].lower()
    assert CLINIC.phone in message["text"]


@ALL
async def test_an_action_that_runs_again_for_the_same_message_acts_once(
    house: House, dispatcher: CollectingDispatcher, action: Action
) -> None:
    await action.run(dispatcher, make_tracker(EMERGENCY), {})
    once = house.database.rows(tables.escalation_events)
    await action.run(dispatcher, make_tracker(EMERGENCY), {})
    assert house.database.rows(tables.escalation_events) == once
    assert dispatcher.messages[0] == dispatcher.messages[1]


async def test_what_the_gateway_has_stored_already_is_not_counted_again(
    house: House, dispatcher: CollectingDispatcher
) -> None:
    outcome = await house.hears(EMERGENCY)
    stored, history = house.database.rows(tables.messages)[0].id, house.database.rows(tables.escalation_events)
    tracker = make_tracker(EMERGENCY, outcome.conversation_id, "gateway", metadata={"message_id": stored})
    await ActionEscalateSevereReport().run(dispatcher, tracker, {})
    assert house.desk.listing() == (outcome.escalation,)
    assert house.database.rows(tables.escalation_events) == history


async def test_a_wish_for_a_person_during_an_emergency_is_added_to_it(
    house: House, dispatcher: CollectingDispatcher
) -> None:
    await ActionEscalateSevereReport().run(dispatcher, make_tracker(EMERGENCY), {})
    await ActionHandOff().run(dispatcher, make_tracker("a person please", message_id="rasa-2"), {})
    (escalation,) = house.desk.listing()
    assert escalation.tier is Tier.EMERGENCY
    assert escalation.reference in dispatcher.messages[1]["text"]


async def test_kind_and_topic_go_to_the_gateway_beside_the_text(dispatcher: CollectingDispatcher) -> None:
    await ActionHandOff().run(dispatcher, make_tracker("a person please"), {})
    custom = dispatcher.messages[0]["custom"]
    assert (custom["kind"], custom["topic"]) == ("handoff", "staff/handoff")
    assert "text" not in custom


SPANISH_TEXTS = {
    ActionHandOff: wording.Asked.PERSON,
    ActionAskStaff: wording.Asked.QUESTION,
}


@pytest.mark.parametrize("action", list(SPANISH_TEXTS))
async def test_who_writes_spanish_is_passed_on_in_spanish(
    house: House, dispatcher: CollectingDispatcher, action: type[Action]
) -> None:
    await action().run(dispatcher, make_tracker("quiero hablar con una persona, por favor"), {})
    (escalation,) = house.desk.listing()
    expected = wording.handoff_reply(CLINIC, escalation.reference, SPANISH_TEXTS[action], Language.SPANISH)
    assert dispatcher.messages[0]["text"] == expected.text


async def test_a_severe_report_in_spanish_is_answered_in_spanish(
    house: House, dispatcher: CollectingDispatcher
) -> None:
    await ActionEscalateSevereReport().run(dispatcher, make_tracker("me siento muy mal, ayuda por favor"), {})
    (escalation,) = house.desk.listing()
    expected = wording.safety_reply(
        CLINIC, escalation.tier, escalation.categories, escalation.reference, Language.SPANISH
    )
    assert dispatcher.messages[0]["text"] == expected.text
