"""What is kept of a long talk makes the same tracker again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot, CategoricalSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.talks.bounded import TURNS, bounded

SLOTS = (
    CategoricalSlot("offer", [{}], values=["none", "staff"], initial_value="none"),
    AnySlot("talk", [{}]),
)
START: tuple[Event, ...] = (
    ActionExecuted("action_session_start"),
    SessionStarted(),
    ActionExecuted("action_listen"),
)


def _turn(number: int, *more: Event) -> tuple[Event, ...]:
    return (
        UserUttered(f"question {number}", {"name": "ask", "confidence": 1.0}),
        ActionExecuted("action_answer"),
        BotUttered(f"answer {number}"),
        *more,
        ActionExecuted("action_listen"),
    )


def _tracker(*events: Event) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("ana", list(events), SLOTS)


def _again(tracker: DialogueStateTracker) -> DialogueStateTracker:
    memory = json.loads(json.dumps(bounded(tracker)))
    return DialogueStateTracker.from_dict("ana", memory, SLOTS)


def _state(tracker: DialogueStateTracker) -> dict[str, Any]:
    return {
        "slots": tracker.current_slot_values(),
        "form": tracker.active_loop_name,
        "asked": tracker.latest_message.text if tracker.latest_message else None,
        "last_action": tracker.latest_action_name,
    }


def _questions(tracker: DialogueStateTracker) -> list[str | None]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


@pytest.mark.parametrize("turns", [0, 1, TURNS, TURNS + 1, 40])
def test_the_state_of_a_talk_is_the_same_after_it_was_kept(turns: int) -> None:
    tracker = _tracker(*START, *(event for number in range(turns) for event in _turn(number)))
    assert _state(_again(tracker)) == _state(tracker)


@pytest.mark.parametrize("after", [0, 1, TURNS, TURNS + 20])
def test_slots_and_an_open_form_are_kept_however_long_ago_they_were_set(after: int) -> None:
    tracker = _tracker(
        *START,
        *_turn(0, SlotSet("offer", "staff"), SlotSet("talk", {"asked": 2}), ActiveLoop("symptoms")),
        *(event for number in range(1, after + 1) for event in _turn(number)),
    )
    kept = _again(tracker)
    assert _state(kept) == _state(tracker)
    assert (kept.get_slot("offer"), kept.get_slot("talk"), kept.active_loop_name) == ("staff", {"asked": 2}, "symptoms")


def test_a_slot_that_was_emptied_and_a_form_that_has_ended_stay_so() -> None:
    tracker = _tracker(
        *START,
        *_turn(0, SlotSet("talk", {"asked": 2}), ActiveLoop("symptoms")),
        *_turn(1, SlotSet("talk", None), ActiveLoop(None)),
        *(event for number in range(2, 30) for event in _turn(number)),
    )
    kept = _again(tracker)
    assert (kept.get_slot("talk"), kept.active_loop_name) == (None, None)


def test_of_a_long_talk_the_last_questions_are_kept() -> None:
    tracker = _tracker(*START, *(event for number in range(1000) for event in _turn(number)))
    assert _questions(_again(tracker)) == [f"question {number}" for number in range(1000 - TURNS, 1000)]


def test_keeping_again_and_again_does_not_grow() -> None:
    tracker = _tracker(*START)
    sizes = []
    for number in range(10, 60):
        for event in _turn(number, SlotSet("offer", "staff")):
            tracker.update(event)
        tracker = _again(tracker)
        sizes.append(len(bounded(tracker)))
    assert len(set(sizes[TURNS:])) == 1


def test_a_new_session_forgets_what_was_before_it() -> None:
    tracker = _tracker(*START, *_turn(0, SlotSet("offer", "staff")), *START, *_turn(1))
    kept = _again(tracker)
    assert _questions(kept) == ["question 1"]
    assert kept.get_slot("offer") == "none"
    assert [event.type_name for event in kept.events].count("session_started") == 1
