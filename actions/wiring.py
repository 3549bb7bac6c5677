"""What the actions share: the clinic, the escalation desk, how a reply is said."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.app import build_house
from bot.domain.clinic import Clinic
from bot.domain.clock import utc_now
from bot.domain.messages import Reply
from bot.services.escalations import EscalationDesk
from bot.settings import load_settings


@functools.cache
def clinic() -> Clinic:
    """The clinic of `clinic.yml`, read once."""
    return load_settings().clinic


@functools.cache
def desk() -> EscalationDesk:
    """The same desk as the gateway's, on the same database."""
    return build_house(load_settings()).desk


def local_now() -> datetime:
    """What the clocks show where the clinic is: what "since noon" is counted from."""
    return utc_now().astimezone(ZoneInfo(clinic().time_zone))


def say(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Send a reply: the text for every channel, the rest for our gateway."""
    data = reply.to_dict()
    text = data.pop("text")
    dispatcher.utter_message(text=text, json_message=data)


def message_id(tracker: Tracker) -> str:
    """The gateway's id of the patient's message, or Rasa's where there is no gateway."""
    latest: dict[str, Any] = tracker.latest_message or {}
    metadata = latest.get("metadata") or {}
    return str(metadata.get("message_id") or latest.get("message_id") or "")
