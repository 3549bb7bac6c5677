"""Approved answers said again: both of two, shorter, whole, with more, with their sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.events import Restarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import (
    ActionAnswerSeveral,
    ActionCiteSources,
    ActionElaborate,
    ActionRepeat,
    ActionShorten,
    ActionStartOver,
)
from bot.dialogue.rasa import read_replies
from bot.domain import wording
from bot.domain.clinic import OWN_SECTION, OwnAnswer
from bot.domain.messages import Reply
from tests.harness.cast import CLINIC
from tests.harness.tracker import make_tracker

GUIDE = [{"document": "Guide", "section": "Driving"}, {"document": "Guide", "section": "After"}]
ARTICLE = [{"document": "Article", "section": "Intro"}]
DRIVING = {"topic": "faq/driving", "title": "Driving", "short": "Not for 24 hours.", "sources": [*GUIDE, *ARTICLE]}
FOOD = {"topic": "faq/food", "title": "Food", "short": None, "sources": []}
PRICE = {"topic": "ask_staff/price", "title": "Price", "short": "No price here. Ask the staff?"}
HOURS = {"topic": "ask_staff/hours", "title": "Hours", "short": None}
DOMAIN: dict[str, Any] = {
    "responses": {
        "utter_faq/driving": [{"text": "Ana may drive after 24 hours.", "custom": DRIVING}],
        "utter_faq/food": [{"text": "Eat lightly.", "custom": FOOD}],
        "utter_ask_staff/hours": [{"text": "I know no hours. Shall I ask?", "custom": HOURS}],
        "utter_ask_staff/price": [{"text": "I know no price. Shall I ask?", "custom": PRICE}],
    }
}
LAST_ANSWER = [ActionShorten(), ActionRepeat(), ActionElaborate(), ActionCiteSources()]


def _after(*topics: str | None) -> Tracker:
    """A talk in which these were said; None stands for a text without a custom part."""
    tracker = make_tracker("shorter please")
    bot = [{"event": "bot", "text": "…", "data": {"custom": {"topic": topic} if topic else None}} for topic in topics]
    tracker.events = [*bot, *tracker.events]
    return tracker


async def _run(action: Action, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker, DOMAIN)
    return [Reply.from_dict({**m["custom"], "text": m["text"]}) for m in dispatcher.messages], events


def _slots(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events}


@pytest.fixture(autouse=True)
def _clinic(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("answers", "unsure"):
        monkeypatch.setattr(f"actions.{module}.clinic", lambda: CLINIC)


# -- two questions -------------------------------------------------------------


@pytest.mark.parametrize("topics", [["faq/driving", "faq/food"], ["faq/food", "faq/driving"]])
async def test_both_questions_are_answered_in_the_order_asked(topics: list[str]) -> None:
    replies, events = await _run(ActionAnswerSeveral(), make_tracker("both", topics=topics))
    assert [(reply.kind, reply.topic) for reply in replies] == [("answer", topic) for topic in topics]
    assert _slots(events) == {"offer": "none"}


async def test_each_of_two_answers_is_whole() -> None:
    (driving, _), _ = await _run(ActionAnswerSeveral(), make_tracker("both", topics=["faq/driving", "faq/food"]))
    assert (driving.text, driving.short) == ("Ana may drive after 24 hours.", "Not for 24 hours.")
    assert [source.section for source in driving.sources] == ["Driving", "After", "Intro"]


@pytest.mark.parametrize("topics", [["faq/driving", "ask_staff/price"], ["ask_staff/price", "faq/driving"]])
async def test_what_no_document_answers_is_offered_to_the_staff(topics: list[str]) -> None:
    replies, events = await _run(ActionAnswerSeveral(), make_tracker("drive, price", topics=topics))
    assert {reply.topic: reply.kind for reply in replies} == {"faq/driving": "answer", "ask_staff/price": "fallback"}
    assert _slots(events) == {"offer": "staff", "open_question": "drive, price"}


async def test_the_clinics_own_answer_takes_the_place_of_the_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(CLINIC, answers={"ask_staff/price": OwnAnswer("Ben pays at the desk.")})
    monkeypatch.setattr("actions.unsure.clinic", lambda: own)
    replies, events = await _run(ActionAnswerSeveral(), make_tracker("price", topics=["ask_staff/price"]))
    assert (replies[0].kind, replies[0].text) == ("answer", f"{CLINIC.name} says: Ben pays at the desk.")
    assert _slots(events) == {"offer": "none"}


@pytest.mark.parametrize("topics", [["ask_staff/price", "ask_staff/hours"], ["ask_staff/hours", "ask_staff/price"]])
async def test_an_offer_stands_beside_the_clinics_own_answer(
    monkeypatch: pytest.MonkeyPatch, topics: list[str]
) -> None:
    own = replace(CLINIC, answers={"ask_staff/hours": OwnAnswer("Open 8 to 17.")})
    monkeypatch.setattr("actions.unsure.clinic", lambda: own)
    replies, events = await _run(ActionAnswerSeveral(), make_tracker("both", topics=topics))
    assert {reply.topic: reply.kind for reply in replies} == {
        "ask_staff/hours": "answer",
        "ask_staff/price": "fallback",
    }
    assert _slots(events)["offer"] == "staff"


@pytest.mark.parametrize(
    "topics",
    [
        ["ask_staff/price", "faq/driving"],
        ["faq/driving", "ask_staff/price"],
        ["ask_staff/price", "ask_staff/hours"],
        ["ask_staff/price", "faq/driving", "faq/food"],
    ],
)
async def test_the_buttons_of_an_offer_stand_on_the_last_reply(topics: list[str]) -> None:
    replies, events = await _run(ActionAnswerSeveral(), make_tracker("both", topics=topics))
    assert [reply.topic for reply in replies] == topics
    assert [reply.buttons for reply in replies] == [()] * (len(topics) - 1) + [(wording.YES, wording.NO)]
    assert _slots(events) == {"offer": "staff", "open_question": "both"}


async def test_answers_without_an_offer_have_no_buttons() -> None:
    replies, _ = await _run(ActionAnswerSeveral(), make_tracker("both", topics=["faq/driving", "faq/food"]))
    assert [reply.buttons for reply in replies] == [(), ()]


async def test_of_topics_that_have_all_gone_nothing_is_said() -> None:
    assert await _run(ActionAnswerSeveral(), make_tracker("both", topics=["faq/gone"])) == (
        [],
        [SlotSet("offer", "none")],
    )


async def test_a_topic_that_has_gone_is_left_out() -> None:
    replies, _ = await _run(ActionAnswerSeveral(), make_tracker("both", topics=["faq/gone", "faq/food"]))
    assert [reply.topic for reply in replies] == ["faq/food"]


# -- the answer before ---------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "topic", "text"),
    [
        (ActionShorten(), "faq/driving", "Not for 24 hours."),
        (ActionShorten(), "faq/food", "Eat lightly."),
        (ActionRepeat(), "faq/driving", "Ana may drive after 24 hours."),
        (ActionRepeat(), "faq/food", "Eat lightly."),
    ],
)
async def test_the_last_answer_is_said_again_short_or_whole(action: Action, topic: str, text: str) -> None:
    (reply,), events = await _run(action, _after(topic))
    assert (reply.kind, reply.topic, reply.text) == ("answer", topic, text)
    assert events == []


@pytest.mark.parametrize("action", LAST_ANSWER)
async def test_an_answer_said_again_keeps_its_sources(action: Action) -> None:
    (reply,), _ = await _run(action, _after("faq/driving"))
    assert [source.section for source in reply.sources] == ["Driving", "After", "Intro"]


async def test_more_is_the_whole_answer_and_who_knows_more() -> None:
    (reply,), _ = await _run(ActionElaborate(), _after("faq/driving"))
    assert reply.text.startswith("Ana may drive after 24 hours. ")
    assert CLINIC.phone in reply.text
    assert reply.short == reply.text


async def test_documents_are_named_once_each_with_their_sections() -> None:
    (reply,), _ = await _run(ActionCiteSources(), _after("faq/driving"))
    assert reply.text == "That answer rests on: “Guide” (Driving, After); “Article” (Intro)."
    assert reply.topic == "dialogue/sources"


async def test_an_answer_without_sources_names_none() -> None:
    (reply,), _ = await _run(ActionCiteSources(), _after("faq/food"))
    assert reply.text == "That was not an answer from the documents."


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (["faq/food", "faq/driving"], "faq/driving"),
        (["faq/driving", "faq/food"], "faq/food"),
        (["faq/driving", "dialogue/sources"], "faq/driving"),
        (["faq/driving", "smalltalk/thank", None], "faq/driving"),
    ],
)
async def test_the_answer_that_is_meant_is_the_latest_one(said: list[str | None], meant: str) -> None:
    (reply,), _ = await _run(ActionRepeat(), _after(*said))
    assert reply.topic == meant


@pytest.mark.parametrize("action", LAST_ANSWER)
@pytest.mark.parametrize("said", [[], ["smalltalk/greet", "ask_staff/price", None], ["faq/gone"]], ids=range(3))
async def test_without_an_answer_before_that_is_said(action: Action, said: list[str | None]) -> None:
    (reply,), events = await _run(action, _after(*said))
    assert (reply.kind, reply.topic, events) == ("smalltalk", "dialogue/nothing_yet", [])


@pytest.mark.parametrize("action", [ActionShorten(), ActionRepeat(), ActionElaborate()])
async def test_an_answer_said_again_is_the_same_version(action: Action) -> None:
    (driving, _), _ = await _run(ActionAnswerSeveral(), make_tracker("both", topics=["faq/driving", "faq/food"]))
    (again,), _ = await _run(action, _after("faq/driving"))
    custom = {key: value for key, value in DRIVING.items() if key != "title"}
    (said,) = read_replies([{"text": "Ana may drive after 24 hours.", "custom": custom}], CLINIC)
    assert driving.version == again.version == said.version is not None


# -- the answer before, where the clinic gave it ---------------------------------

OWN = replace(
    CLINIC,
    answers={
        "ask_staff/hours": OwnAnswer("Open Monday to Friday, 8 to 17.", "Mon-Fri 8-17."),
        "faq/driving": OwnAnswer("Ana is driven home by our shuttle. Ask at the desk.", "Take our shuttle."),
    },
)
CLINIC_SOURCE = (OWN.name, OWN_SECTION)


@pytest.fixture
def _own_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("answers", "unsure"):
        monkeypatch.setattr(f"actions.{module}.clinic", lambda: OWN)


def _heard(reply: Reply) -> Reply:
    """As the gateway hands it to the patient."""
    (said,) = read_replies([{"text": reply.text, "custom": reply.to_dict()}], OWN)
    return said


@pytest.mark.usefixtures("_own_answers")
@pytest.mark.parametrize(
    ("action", "topic", "text"),
    [
        (ActionShorten(), "ask_staff/hours", f"{OWN.name}: Mon-Fri 8-17."),
        (ActionShorten(), "faq/driving", f"{OWN.name}: Take our shuttle."),
        (ActionRepeat(), "ask_staff/hours", f"{OWN.name} says: Open Monday to Friday, 8 to 17."),
        (
            ActionRepeat(),
            "faq/driving",
            f"{OWN.name} says: Ana is driven home by our shuttle. Ask at the desk. "
            "In general: Ana may drive after 24 hours.",
        ),
        (
            ActionCiteSources(),
            "ask_staff/hours",
            f"That answer rests on: “{OWN.name}” ({OWN_SECTION}).",
        ),
        (
            ActionCiteSources(),
            "faq/driving",
            f"That answer rests on: “{OWN.name}” ({OWN_SECTION}); “Guide” (Driving, After); “Article” (Intro).",
        ),
    ],
)
async def test_the_clinics_own_answer_is_said_again_like_any_other(action: Action, topic: str, text: str) -> None:
    (reply,), _ = await _run(action, _after("faq/food", topic))
    assert _heard(reply).text == text
    assert (reply.sources[0].document, reply.sources[0].section) == CLINIC_SOURCE


@pytest.mark.usefixtures("_own_answers")
@pytest.mark.parametrize("topic", ["ask_staff/hours", "faq/driving"])
async def test_more_of_the_clinics_own_answer_is_the_whole_of_it_once(topic: str) -> None:
    (reply,), _ = await _run(ActionElaborate(), _after(topic))
    heard = _heard(reply)
    assert heard.text.count(f"{OWN.name} says: ") == 1
    assert heard.short == heard.text


@pytest.mark.usefixtures("_own_answers")
async def test_with_the_clinics_own_answer_it_is_another_version_and_the_same_each_time() -> None:
    custom = {key: value for key, value in DRIVING.items() if key != "title"}
    general = [{"text": "Ana may drive after 24 hours.", "custom": custom}]
    (said,), (alone,) = read_replies(general, OWN), read_replies(general, CLINIC)
    (again,), _ = await _run(ActionRepeat(), _after("faq/driving"))
    assert _heard(again).version == said.version != alone.version


@pytest.mark.usefixtures("_own_answers")
async def test_an_offer_is_no_answer_to_say_again() -> None:
    (reply,), _ = await _run(ActionShorten(), _after("ask_staff/hours", "ask_staff/price"))
    assert reply.topic == "ask_staff/hours"


async def test_starting_over_says_so_and_forgets_the_talk() -> None:
    (reply,), events = await _run(ActionStartOver(), _after("faq/driving"))
    assert (reply.kind, reply.topic) == ("smalltalk", "dialogue/start_over")
    assert events == [Restarted()]
