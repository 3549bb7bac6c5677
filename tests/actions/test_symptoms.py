"""The form of the symptom talk, turn by turn, and what its end does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import ActionEndSymptomTalk, ValidateSymptomForm
from bot.domain import wording
from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.safety.symptoms import FACTS
from bot.settings import ROOT
from bot.storage import tables
from tests.harness.cast import CLINIC, EMERGENCY
from tests.harness.house import House
from tests.harness.tracker import make_tracker

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
MILD: dict[str, Any] = {
    "symptom": ["nausea"],
    "symptom_severity": 2.0,
    "symptom_course": "better",
    "symptom_since": 1.0,
    "symptom_treatment": 2.0,
    "symptom_talk": {"said": "I feel queasy", "asked": 4, "misses": 0},
}
FAQ: dict[str, Any] = {
    f"utter_faq/{name}": yaml.safe_load((ROOT / f"data/nlu/faq/{name}.yml").read_text(encoding="utf-8"))["responses"][
        f"utter_faq/{name}"
    ]
    for name in ("nausea", "common_side_effects")
}
DOMAIN: dict[str, Any] = {"responses": FAQ}


@pytest.fixture(autouse=True)
def _wired(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("escalate", "symptoms"):
        monkeypatch.setattr(f"actions.{module}.desk", lambda: house.desk)
        monkeypatch.setattr(f"actions.{module}.clinic", lambda: CLINIC)
    monkeypatch.setattr("actions.symptoms.local_now", lambda: NOW)


def _in_form(text: str, asked: str | None, intent: str = "nlu_fallback", **slots: Any) -> Tracker:
    """A message while `asked` is open; Rasa has put its text into that slot already."""
    filled = {"requested_slot": asked, **slots, **({asked: text} if asked else {})}
    return make_tracker(text, slots=filled, intent={"name": intent, "confidence": 0.9})


async def _heard(tracker: Tracker, dispatcher: CollectingDispatcher | None = None) -> dict[str, Any]:
    """The slots that the form's action sets; "rejected" where it leaves the message to other rules."""
    events = await ValidateSymptomForm().run(dispatcher or CollectingDispatcher(), tracker, {})
    found = {event["name"]: event.get("value") for event in events if event["event"] == "slot"}
    rejected = any(event["event"] == "action_execution_rejected" for event in events)
    return {**found, **({"rejected": True} if rejected else {})}


async def _ended(tracker: Tracker) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The replies at the end of the talk, and the slots that are left."""
    dispatcher = CollectingDispatcher()
    events = await ActionEndSymptomTalk().run(dispatcher, tracker, DOMAIN)
    return dispatcher.messages, {event["name"]: event.get("value") for event in events}


def _end(text: str = "getting better", ended: str | None = None, **changes: Any) -> Tracker:
    slots = {**MILD, **changes, "requested_slot": None}
    slots["symptom_talk"] = {**MILD["symptom_talk"], "ended": ended}
    return make_tracker(text, slots=slots)


# -- the form ------------------------------------------------------------------


async def test_the_first_message_says_what_it_is_and_is_remembered() -> None:
    slots = await _heard(_in_form("I feel queasy since noon", None, "report_side_effect"))
    assert (slots["symptom"], slots["symptom_since"], slots["requested_slot"]) == (["nausea"], 3, "symptom_severity")
    assert slots["symptom_talk"]["said"] == "I feel queasy since noon"


async def test_a_new_talk_knows_nothing_of_an_old_one() -> None:
    slots = await _heard(_in_form("I feel dizzy", None, "report_side_effect", **MILD))
    assert slots["symptom"] == ["dizziness"]
    assert [slots[fact] for fact in FACTS if fact != "symptom"] == [None] * 4


async def test_an_answer_fills_its_slot_and_the_next_question_opens() -> None:
    talk = {"symptom": ["nausea"], "symptom_talk": {"asked": 1}}
    slots = await _heard(_in_form("3 of 10", "symptom_severity", **talk))
    assert (slots["symptom_severity"], slots["requested_slot"]) == (3, "symptom_course")


async def test_the_number_of_a_button_is_what_it_says() -> None:
    tracker = _in_form("1", "symptom_course", symptom=["nausea"])
    tracker.latest_message["choice"] = "Getting better"
    assert (await _heard(tracker))["symptom_course"] == "better"


async def test_what_is_not_understood_is_said_and_asked_again(dispatcher: CollectingDispatcher) -> None:
    slots = await _heard(_in_form("blub", "symptom_since", symptom=["nausea"]), dispatcher)
    assert slots["symptom_since"] is None
    assert [message["custom"]["topic"] for message in dispatcher.messages] == ["symptoms/not_understood"]


async def test_the_second_time_the_question_is_left_open(dispatcher: CollectingDispatcher) -> None:
    tracker = _in_form("blub", "symptom_since", **{**MILD, "symptom_treatment": None, "symptom_talk": {"misses": 1}})
    slots = await _heard(tracker, dispatcher)
    assert (slots["symptom_since"], slots["requested_slot"]) == ("unknown", "symptom_treatment")
    assert dispatcher.messages == []


@pytest.mark.parametrize("intent", ["faq", "report_severe", "start_over"])
async def test_something_else_is_left_to_the_rules_and_fills_nothing(intent: str) -> None:
    slots = await _heard(_in_form("can I drive tomorrow?", "symptom_since", intent, symptom=["nausea"]))
    assert slots == {"symptom_since": None, "rejected": True}


async def test_after_something_else_the_open_question_stands() -> None:
    tracker = _in_form("can I drive tomorrow?", "symptom_since", "faq", **{**MILD, "symptom_treatment": None})
    tracker.slots["symptom_since"] = None
    tracker.events.append({"event": "action_execution_rejected", "name": "symptom_form"})
    slots = await _heard(tracker)
    assert (slots["symptom_since"], slots["requested_slot"]) == (None, "symptom_since")


@pytest.mark.parametrize(
    ("text", "intent", "how"), [("never mind", "deny", "stop"), ("a person", "ask_human", "person")]
)
async def test_a_patient_can_leave(text: str, intent: str, how: str) -> None:
    slots = await _heard(_in_form(text, "symptom_since", intent, symptom=["nausea"]))
    assert (slots["requested_slot"], slots["symptom_talk"]["ended"]) == (None, how)


async def test_while_a_severe_report_is_open_nothing_is_asked(house: House) -> None:
    outcome = await house.hears(EMERGENCY)
    tracker = _in_form("mild", "symptom_severity", symptom=["nausea"])
    tracker.sender_id = outcome.conversation_id
    assert (await _heard(tracker))["requested_slot"] is None


async def test_with_the_database_away_the_talk_goes_on(house: House) -> None:
    house.database.goes_down()
    assert (await _heard(_in_form("I feel queasy", None, "report_side_effect")))["requested_slot"] == "symptom_severity"


# -- its end -------------------------------------------------------------------


async def test_mild_and_expected_gets_the_documents_answer_and_when_to_call(house: House) -> None:
    (answer, when), slots = await _ended(_end())
    assert (answer["custom"]["kind"], answer["custom"]["topic"]) == ("answer", "faq/nausea")
    assert answer["custom"]["sources"]
    assert when["text"] == wording.when_to_call_reply(CLINIC).text
    assert slots["offer"] == "none"
    assert house.desk.listing() == ()


@pytest.mark.parametrize(
    ("changes", "tier", "because"),
    [
        ({"symptom_severity": 8.0}, Tier.URGENT, ["severe"]),
        ({"symptom_course": "worse"}, Tier.URGENT, ["getting_worse"]),
        ({"symptom_since": 30.0}, Tier.SAME_DAY, ["over_24_hours"]),
    ],
)
async def test_worse_on_any_answer_goes_to_the_staff_with_the_facts(
    house: House, changes: dict[str, Any], tier: Tier, because: list[str]
) -> None:
    (reply,), _ = await _ended(_end(**changes))
    (escalation,) = house.desk.listing()
    assert (escalation.tier, escalation.reason, escalation.categories) == (
        tier,
        "symptom_talk",
        ("vomiting_dehydration",),
    )
    assert reply["text"] == wording.safety_reply(CLINIC, tier, escalation.categories, escalation.reference).text
    opened = house.database.rows(tables.escalation_events)[0]
    facts = {fact: {**MILD, **changes}[fact] for fact in FACTS}
    assert (opened.detail["said"], opened.detail["facts"]) == ("I feel queasy", facts)
    assert opened.detail["because"] == because


@pytest.mark.parametrize(("severity", "pages"), [(9.0, 1), (2.0, 0)])
async def test_only_what_is_urgent_pages_the_staff(house: House, severity: float, pages: int) -> None:
    await _ended(_end(symptom_severity=severity, symptom_since=30.0))
    assert house.database.count(tables.pages) == pages


@pytest.mark.parametrize("fact", ["symptom_severity", "symptom_course", "symptom_since", "symptom_treatment"])
async def test_when_something_is_unknown_the_staff_are_offered(house: House, fact: str) -> None:
    (answer, offer), slots = await _ended(_end(**{fact: "unknown"}))
    assert (answer["custom"]["topic"], offer["custom"]["topic"]) == ("faq/nausea", "symptoms/unsure")
    assert [button["text"] for button in offer["custom"]["buttons"]] == [wording.YES.text, wording.NO.text]
    assert (slots["offer"], slots["open_question"]) == ("staff", "I feel queasy")
    assert house.desk.listing() == ()


async def test_of_what_the_documents_do_not_describe_nobody_is_told_that_it_is_expected() -> None:
    (offer,), slots = await _ended(_end(symptom=["other"]))
    assert (offer["custom"]["topic"], slots["offer"]) == ("symptoms/unsure", "staff")


async def test_who_leaves_is_told_when_to_call(house: House) -> None:
    (reply,), slots = await _ended(_end("never mind", "stop", symptom_treatment=None))
    assert (reply["text"], slots["offer"]) == (wording.when_to_call_reply(CLINIC).text, "none")
    assert house.desk.listing() == ()


async def test_who_leaves_after_something_bad_is_escalated_all_the_same(house: House) -> None:
    await _ended(_end("never mind", "stop", symptom_since=50.0))
    assert house.desk.listing()[0].tier is Tier.SAME_DAY


async def test_who_wants_a_person_is_passed_on_with_what_was_told(house: House) -> None:
    (reply,), _ = await _ended(_end("a person please", "person", symptom_since=None))
    (escalation,) = house.desk.listing()
    assert (escalation.tier, escalation.reason) == (Tier.ROUTINE, "person_requested")
    assert "your wish to talk to a person" in reply["text"]
    assert house.database.rows(tables.escalation_events)[0].detail["facts"]["symptom"] == ["nausea"]


async def test_more_about_an_open_severe_report_is_added_to_it(house: House) -> None:
    outcome = await house.hears(EMERGENCY)
    tracker = _end("mild")
    tracker.sender_id = outcome.conversation_id
    (reply,), _ = await _ended(tracker)
    (escalation,) = house.desk.listing()
    assert (escalation.tier, escalation.reference in reply["text"]) == (Tier.EMERGENCY, True)
    assert house.database.rows(tables.escalation_events)[-1].detail["facts"]["symptom"] == ["nausea"]


async def test_while_the_gateway_asks_whether_it_is_happening_now_a_mild_symptom_is_no_report(house: House) -> None:
    house.screen.doubts_about("my chest feels odd")
    outcome = await house.hears("my chest feels odd")
    tracker = _end("odd", symptom_treatment=None)
    tracker.sender_id = outcome.conversation_id
    (reply,), _ = await _ended(tracker)
    assert reply["custom"]["topic"] == "symptoms/when_to_call"
    assert house.desk.listing() == ()


async def test_with_the_database_away_nothing_is_claimed(house: House) -> None:
    house.database.goes_down()
    (reply,), _ = await _ended(_end(symptom_severity=9.0))
    assert "could not" in reply["text"].lower()
    assert CLINIC.phone in reply["text"]


async def test_the_end_forgets_the_answers() -> None:
    _, slots = await _ended(_end())
    assert [slots[name] for name in (*FACTS, "symptom_talk")] == [None] * 6


async def test_the_fixed_texts_are_in_the_language_of_the_message() -> None:
    (reply,), _ = await _ended(_end("ya no quiero hablar de esto, gracias", "stop"))
    assert reply["text"] == wording.when_to_call_reply(CLINIC, Language.SPANISH).text
