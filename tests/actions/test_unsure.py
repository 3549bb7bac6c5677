"""Not understood: the likeliest topics as buttons, or the staff."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import ActionCloseOffer, ActionDidYouMean, ActionOfferStaff
from bot.domain import wording
from tests.harness.tracker import make_tracker


def _topic(name: str) -> dict[str, Any]:
    custom = {"title": name.title(), "question": f"What about {name}?", "topic": f"faq/{name}", "short": f"{name}!"}
    return {"text": f"About {name}.", "custom": custom}


DOMAIN = {
    "responses": {
        **{f"utter_faq/{name}": [_topic(name)] for name in ("driving", "food", "cost", "music")},
        "utter_ask_staff/parking": [
            {"text": "I don't know about parking. Shall I ask?", "custom": {"topic": "ask_staff/parking"}}
        ],
        "utter_faq/untitled": [{"text": "No custom part."}],
        "utter_faq/empty": [],
    }
}


def _ranking(**confidences: float) -> list[dict[str, Any]]:
    return [{"intent_response_key": f"faq/{name}", "confidence": value} for name, value in confidences.items()]


def _nlu(**confidences: float) -> dict[str, Any]:
    return {"intent": {"name": "nlu_fallback"}, "response_selector": {"faq": {"ranking": _ranking(**confidences)}}}


def _slots(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events}


def _buttons(dispatcher: CollectingDispatcher) -> list[tuple[str, str]]:
    return [(button["title"], button["text"]) for button in dispatcher.messages[0]["custom"]["buttons"]]


async def test_the_likeliest_topics_are_offered_most_likely_first(dispatcher: CollectingDispatcher) -> None:
    tracker = make_tracker("ride eat?", **_nlu(food=0.2, driving=0.5, music=0.06, cost=0.1))
    events = await ActionDidYouMean().run(dispatcher, tracker, DOMAIN)
    assert [title for title, _ in _buttons(dispatcher)] == ["Driving", "Food", "Cost", "None of these"]
    assert _slots(events) == {"offer": "clarify", "open_question": "ride eat?"}


async def test_pressing_a_button_asks_the_topics_question(dispatcher: CollectingDispatcher) -> None:
    await ActionDidYouMean().run(dispatcher, make_tracker("car?", **_nlu(driving=0.5)), DOMAIN)
    assert _buttons(dispatcher)[0] == ("Driving", "What about driving?")


async def test_the_short_form_names_the_topics(dispatcher: CollectingDispatcher) -> None:
    await ActionDidYouMean().run(dispatcher, make_tracker("car?", **_nlu(driving=0.5, food=0.2)), DOMAIN)
    custom = dispatcher.messages[0]["custom"]
    assert (custom["kind"], custom["short"]) == ("clarify", "Did you mean: Driving; Food?")


async def test_subjects_for_the_staff_are_ranked_with_the_topics(dispatcher: CollectingDispatcher) -> None:
    domain = {"responses": {**DOMAIN["responses"], "utter_ask_staff/price": [_topic("price")]}}
    nlu = _nlu(driving=0.2)
    nlu["response_selector"]["ask_staff"] = {"ranking": [{"intent_response_key": "ask_staff/price", "confidence": 0.7}]}
    await ActionDidYouMean().run(dispatcher, make_tracker("how much to park", **nlu), domain)
    assert [title for title, _ in _buttons(dispatcher)] == ["Price", "Driving", "None of these"]


@pytest.mark.parametrize(
    "nlu", [{}, _nlu(), _nlu(driving=0.049), _nlu(gone=0.9), _nlu(untitled=0.9), _nlu(empty=0.9)], ids=range(6)
)
async def test_with_nothing_worth_offering_the_staff_are(dispatcher: CollectingDispatcher, nlu: dict[str, Any]) -> None:
    events = await ActionDidYouMean().run(dispatcher, make_tracker("blorp", **nlu), DOMAIN)
    assert _buttons(dispatcher) == [(button.title, button.text) for button in (wording.YES, wording.NO)]
    assert _slots(events) == {"offer": "staff", "open_question": "blorp"}


async def test_a_known_subject_for_the_staff_has_its_own_text(dispatcher: CollectingDispatcher) -> None:
    selector = {"ask_staff": {"response": {"utter_action": "utter_ask_staff/parking"}}}
    tracker = make_tracker("where do I park", intent={"name": "ask_staff"}, response_selector=selector)
    await ActionOfferStaff().run(dispatcher, tracker, DOMAIN)
    message = dispatcher.messages[0]
    assert message["text"] == "I don't know about parking. Shall I ask?"
    assert (message["custom"]["kind"], message["custom"]["topic"]) == ("fallback", "ask_staff/parking")


async def test_an_unknown_subject_has_the_general_text(dispatcher: CollectingDispatcher) -> None:
    await ActionOfferStaff().run(dispatcher, make_tracker("blorp", intent={"name": "nlu_fallback"}), DOMAIN)
    assert "I won't guess" in dispatcher.messages[0]["text"]


async def test_after_none_of_these_the_question_is_the_one_before(dispatcher: CollectingDispatcher) -> None:
    tracker = make_tracker("None of these", slots={"open_question": "is there wifi"}, intent={"name": "deny"})
    events = await ActionOfferStaff().run(dispatcher, tracker, DOMAIN)
    assert _slots(events)["open_question"] == "is there wifi"


async def test_a_new_question_replaces_the_one_before(dispatcher: CollectingDispatcher) -> None:
    tracker = make_tracker("and parking", slots={"open_question": "is there wifi"}, intent={"name": "nlu_fallback"})
    events = await ActionOfferStaff().run(dispatcher, tracker, DOMAIN)
    assert _slots(events)["open_question"] == "and parking"


@pytest.mark.parametrize("action", [ActionDidYouMean(), ActionOfferStaff()])
async def test_a_message_without_text_is_no_crash(dispatcher: CollectingDispatcher, action: Any) -> None:
    events = await action.run(dispatcher, make_tracker(None), DOMAIN)
    assert _slots(events) == {"offer": "staff", "open_question": ""}


async def test_after_a_no_neither_offer_nor_question_is_left(dispatcher: CollectingDispatcher) -> None:
    tracker = make_tracker("No, thank you", slots={"offer": "staff", "open_question": "is there wifi"})
    events = await ActionCloseOffer().run(dispatcher, tracker, DOMAIN)
    assert _slots(events) == {"offer": "none", "open_question": None}
    assert dispatcher.messages == []  # the rule says the rest
