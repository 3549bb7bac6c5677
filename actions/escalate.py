"""Actions that open an escalation."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.wiring import clinic, desk, message_id, say
from bot.domain import wording
from bot.domain.errors import StorageUnavailable
from bot.domain.escalation import Tier
from bot.domain.language import Language, language_of
from bot.domain.wording import Asked
from bot.safety.joined import current_screen
from bot.services.escalations import Report, screen_report

log = logging.getLogger(__name__)


async def open_escalation(tracker: Tracker, report: Report) -> str | None:
    """Commit an escalation; its reference, or None when it could not be stored."""
    channel = str(tracker.get_latest_input_channel() or "rasa")
    try:
        escalation = await asyncio.to_thread(desk().open_for_sender, tracker.sender_id, channel, report)
    except StorageUnavailable:
        log.exception("storage_unavailable reason=%s", report.reason)
        return None
    return escalation.reference


def language(tracker: Tracker) -> Language:
    """What the fixed texts are said in: the language of the message, as far as it tells."""
    return language_of(tracker.latest_message.get("text") or "") or Language.ENGLISH


class ActionEscalateSevereReport(Action):
    """Opens the escalation of a severe report, then says the fixed emergency text."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_escalate_severe_report"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Commit, then tell."""
        verdict = current_screen()(tracker.latest_message.get("text") or "")
        tier = verdict.tier or Tier.URGENT  # asked to escalate and unsure why: a person looks
        report = screen_report(message_id(tracker), tier, verdict)
        reference = await open_escalation(tracker, report)
        say(dispatcher, wording.safety_reply(clinic(), tier, verdict.categories, reference, language(tracker)))
        return [SlotSet("offer", "none")]


class ActionHandOff(Action):
    """A person was asked for: a routine escalation, unless one is open already."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_hand_off"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Commit, then tell."""
        reference = await open_escalation(tracker, Report(message_id(tracker), Tier.ROUTINE, "person_requested"))
        say(dispatcher, wording.handoff_reply(clinic(), reference, Asked.PERSON, language(tracker)))
        return [SlotSet("offer", "none")]


class ActionAskStaff(Action):
    """The offer to ask the staff was accepted: a routine escalation with the question."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_ask_staff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Commit, then tell."""
        report = Report(
            message_id=message_id(tracker),
            tier=Tier.ROUTINE,
            reason="question_for_staff",
            evidence={"question": tracker.get_slot("open_question")},
        )
        reference = await open_escalation(tracker, report)
        say(dispatcher, wording.handoff_reply(clinic(), reference, Asked.QUESTION, language(tracker)))
        return [SlotSet("offer", "none"), SlotSet("open_question", None)]
