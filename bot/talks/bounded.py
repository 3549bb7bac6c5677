"""A talk's memory of constant size: its last turns, and what was known before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# The stories and the reading of follow-ups look no further back than this many messages of the patient.
TURNS = 5


def bounded(tracker: DialogueStateTracker, turns: int = TURNS) -> list[dict[str, Any]]:
    """The events of the last `turns` messages as dictionaries, after the slots and the form as they are now.

    Read again, they make a tracker in the same state. What the slots were at
    the time of an earlier message is not kept: nothing asks for it.
    """
    events = _of_session(list(tracker.events))
    messages = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(messages) <= turns:
        return [event.as_dict() for event in events]
    return [event.as_dict() for event in (*_known(tracker, events), *events[messages[-turns] :])]


def _of_session(events: list[Event]) -> list[Event]:
    """From the start of the last session on, which forgets what was before it."""
    starts = [index for index, event in enumerate(events) if isinstance(event, SessionStarted)]
    if not starts:
        return events
    before = events[starts[-1] - 1] if starts[-1] else None
    own_action = isinstance(before, ActionExecuted) and before.action_name == ACTION_SESSION_START_NAME
    return events[starts[-1] - own_action :]


def _known(tracker: DialogueStateTracker, events: Sequence[Event]) -> list[Event]:
    """A session as Rasa itself starts one that carries the slots over."""
    at = events[0].timestamp
    slots = [
        SlotSet(slot.name, slot.value, timestamp=at)
        for slot in tracker.slots.values()
        if slot.value != slot.initial_value
    ]
    form = [ActiveLoop(tracker.active_loop_name, timestamp=at)] if tracker.active_loop_name else []
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=at),
        SessionStarted(timestamp=at),
        *slots,
        *form,
        ActionExecuted(ACTION_LISTEN_NAME, timestamp=at),
    ]
