"""The symptom talk: a form that asks, and what is done with the answers. The rules are `bot.safety.symptoms`."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions.escalate import language, open_escalation
from actions.unsure import response_of
from actions.wiring import clinic, desk, local_now, message_id, say
from bot.domain import wording
from bot.domain.errors import StorageUnavailable
from bot.domain.escalation import Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.wording import Asked
from bot.safety.symptoms import FACTS, Heard, Judgement, Message, Outcome, Talk, answer_topic, begin, hear, judge
from bot.services.escalations import Attention, Report

log = logging.getLogger(__name__)

FORM = "symptom_form"
# What the talk has to remember beside the facts: words, counts, how it ended.
TALK_SLOT = "symptom_talk"
_NOT_UNDERSTOOD = Reply("Sorry, I did not understand that.", kind=ReplyKind.CLARIFY, topic="symptoms/not_understood")


class ValidateSymptomForm(FormValidationAction):
    """Reads each message of the form: an answer, several at once, or something else."""

    def name(self) -> str:
        """Its name in the domain."""
        return f"validate_{FORM}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Set the facts and the next question; reject the form for what is not meant for it."""
        memory = tracker.get_slot(TALK_SLOT) or {}
        open_question = tracker.get_slot(REQUESTED_SLOT)
        if open_question is None:  # the form begins
            text = tracker.latest_message.get("text") or ""
            talk, memory = begin(text, local_now()), {"said": text}
        elif _came_back(tracker):
            talk = _talk(tracker, memory)
        else:
            heard, talk = hear(_talk(tracker, memory), _message(tracker), local_now())
            if heard is Heard.INTERRUPTION:
                return [SlotSet(open_question, None), ActionExecutionRejected(FORM)]
            if heard is Heard.NOT_UNDERSTOOD and talk.open_question == open_question:
                say(dispatcher, _NOT_UNDERSTOOD)
            memory = {**memory, "ended": heard.value if heard in (Heard.STOP, Heard.PERSON) else None}
        ends = bool(memory.get("ended")) or await _attention(tracker) is not Attention.NONE
        return _events(talk, memory, None if ends else talk.open_question)


class ActionEndSymptomTalk(Action):
    """What follows from the answers: the documents' words, an offer of the staff, or a report."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_end_symptom_talk"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Commit, then tell; then forget the answers."""
        told = _told(tracker)
        memory = tracker.get_slot(TALK_SLOT) or {}
        judgement = judge(told)
        attention = await _attention(tracker)
        offer = "none"
        if judgement.tier is not None or memory.get("ended") == Heard.PERSON.value or attention is Attention.REPORTED:
            await _report(dispatcher, tracker, judgement)
        elif memory.get("ended") == Heard.STOP.value or attention is Attention.ASKED:
            say(dispatcher, wording.when_to_call_reply(clinic(), language(tracker)))
        else:
            offer = _advise(dispatcher, tracker, domain, judgement)
        question = memory.get("said") if offer == "staff" else None
        kept = [SlotSet("open_question", question)] if question else []
        return [SlotSet("offer", offer), *kept, *(SlotSet(slot, None) for slot in (*FACTS, TALK_SLOT))]


async def _report(dispatcher: CollectingDispatcher, tracker: Tracker, judgement: Judgement) -> None:
    """To the staff, with the facts: a report, a wish for a person, or more about an open report."""
    memory = tracker.get_slot(TALK_SLOT) or {}
    person = memory.get("ended") == Heard.PERSON.value
    report = Report(
        message_id=message_id(tracker),
        tier=judgement.tier or Tier.ROUTINE,
        reason="person_requested" if person and judgement.tier is None else "symptom_talk",
        categories=judgement.categories,
        evidence={"said": memory.get("said"), "facts": _told(tracker), "because": list(judgement.reasons)},
    )
    reference = await open_escalation(tracker, report)
    if judgement.tier is None:
        asked = Asked.PERSON if person else Asked.SYMPTOM
        say(dispatcher, wording.handoff_reply(clinic(), reference, asked, language(tracker)))
    else:
        say(dispatcher, wording.safety_reply(clinic(), report.tier, report.categories, reference, language(tracker)))


def _advise(dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], judgement: Judgement) -> str:
    """What the documents say, and when to call; returns what is offered."""
    topic = answer_topic(_told(tracker))
    response = response_of(domain, f"utter_{topic}") if topic else None
    if response is not None:
        say(dispatcher, Reply.from_dict({**response["custom"], "text": response["text"], "kind": ReplyKind.ANSWER}))
    if judgement.outcome is Outcome.EXPECTED and response is not None:
        say(dispatcher, wording.when_to_call_reply(clinic(), language(tracker)))
        return "none"
    say(dispatcher, wording.not_sure_of_symptom_reply(clinic(), language(tracker)))
    return "staff"


async def _attention(tracker: Tracker) -> Attention:
    channel = str(tracker.get_latest_input_channel() or "rasa")
    try:
        return await asyncio.to_thread(desk().attention, tracker.sender_id, channel)
    except StorageUnavailable:
        log.exception("storage_unavailable reason=attention")
        return Attention.NONE


def _told(tracker: Tracker) -> dict[str, Any]:
    """The facts, without the raw text that Rasa puts into the slot that was asked for."""
    asked = tracker.get_slot(REQUESTED_SLOT)
    values = {fact: tracker.get_slot(fact) for fact in FACTS if fact != asked}
    return {fact: value for fact, value in values.items() if value is not None}


def _talk(tracker: Tracker, memory: dict[str, Any]) -> Talk:
    return Talk(
        _told(tracker), tracker.get_slot(REQUESTED_SLOT), int(memory.get("asked", 0)), int(memory.get("misses", 0))
    )


def _message(tracker: Tracker) -> Message:
    latest = tracker.latest_message
    intent = latest.get("intent") or {}
    return Message(
        text=latest.get("text") or "",
        intent=intent.get("name") or "",
        confidence=float(intent.get("confidence") or 0.0),
        chosen=latest.get("choice"),
        offered=tracker.get_slot("offer") == "staff",
    )


def _came_back(tracker: Tracker) -> bool:
    """Whether this message was answered outside of the form already."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action_execution_rejected":
            return True
    return False


def _events(talk: Talk, memory: dict[str, Any], question: str | None) -> list[EventType]:
    facts = [SlotSet(fact, talk.told.get(fact)) for fact in FACTS]
    kept = {**memory, "asked": talk.asked, "misses": talk.misses}
    return [*facts, SlotSet(TALK_SLOT, kept), SlotSet(REQUESTED_SLOT, question)]
