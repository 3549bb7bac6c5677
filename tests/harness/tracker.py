"""A conversation as Rasa hands it to an action."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker


def make_tracker(
    text: str | None,
    sender: str = "U-ana",
    channel: str = "slack",
    slots: dict[str, Any] | None = None,
    **latest: Any,
) -> Tracker:
    """A tracker whose latest message is `text`; `latest` adds to what the NLU made of it."""
    message = {"text": text, "message_id": "rasa-1", "metadata": {}, **latest}
    events = [{"event": "user", "text": text, "input_channel": channel}]
    filled = {"offer": "none", "open_question": None, **(slots or {})}
    return Tracker(sender, filled, message, events, False, None, {}, "action_listen")
