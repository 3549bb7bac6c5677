"""Actions for when the assistant does not know: did you mean, or the staff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.wiring import clinic, say
from bot.domain import wording
from bot.domain.messages import Button, Reply, ReplyKind

# A topic that the classifier gives less than this is not worth offering.
_WORTH_OFFERING = 0.05
_CHOICES = 3
NONE_OF_THESE = Button("None of these", "None of these")


class ActionDidYouMean(Action):
    """Offers the likeliest topics as buttons; with none likely, offers the staff."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_did_you_mean"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it, and remember what was offered and what for."""
        choices = tuple(_choices(tracker.latest_message, domain))[:_CHOICES]
        if not choices:
            return offer_staff(dispatcher, tracker)
        reply = Reply(
            text="I'm not sure I understood. Did you mean one of these?",
            kind=ReplyKind.CLARIFY,
            topic="dialogue/did_you_mean",
            short="Did you mean: " + "; ".join(button.title for button in choices) + "?",
            buttons=(*choices, NONE_OF_THESE),
        )
        say(dispatcher, reply)
        return [SlotSet("offer", "clarify"), SlotSet("open_question", _text(tracker))]


class ActionOfferStaff(Action):
    """Says what it does not know and offers to ask the staff."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_offer_staff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """With the subject's own text where there is one."""
        response = _known_subject(tracker.latest_message, domain)
        return offer_staff(dispatcher, tracker, response)


class ActionCloseOffer(Action):
    """The offer to ask the staff was declined: a yes after that means nothing."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_close_offer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Forget offer and question; the rule says the rest."""
        return [SlotSet("offer", "none"), SlotSet("open_question", None)]


def offer_staff(
    dispatcher: CollectingDispatcher, tracker: Tracker, response: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Offer to ask the staff about a subject, unless the clinic gave its own answer to it."""
    reply = staff_offer(response)
    say(dispatcher, reply)
    return offer_made(tracker) if reply.buttons else [SlotSet("offer", "none")]


def staff_offer(response: dict[str, Any] | None) -> Reply:
    """The offer, with its buttons, or the clinic's own answer, without."""
    custom = (response or {}).get("custom") or {}
    if own := clinic().own_answer(custom.get("topic")):
        return own
    text = (response or {}).get(
        "text"
    ) or "I don't know the answer to that, and I won't guess. Shall I ask the staff for you?"
    return Reply(
        text=text,
        kind=ReplyKind.FALLBACK,
        topic=custom.get("topic", "dialogue/offer_staff"),
        short=custom.get("short"),
        buttons=(wording.YES, wording.NO),
    )


def offer_made(tracker: Tracker) -> list[dict[str, Any]]:
    """What a yes will mean from now on."""
    # After a "none of these" the question is the one before it.
    question = tracker.get_slot("open_question") if _intent(tracker) == "deny" else None
    return [SlotSet("offer", "staff"), SlotSet("open_question", question or _text(tracker))]


def _known_subject(latest: dict[str, Any], domain: dict[str, Any]) -> dict[str, Any] | None:
    if (latest.get("intent") or {}).get("name") != "ask_staff":
        return None
    selected = latest["response_selector"]["ask_staff"]["response"]["utter_action"]
    return response_of(domain, selected)


def _choices(latest: dict[str, Any], domain: dict[str, Any]) -> Iterator[Button]:
    selectors = latest.get("response_selector") or {}
    ranked = [topic for intent in ("faq", "ask_staff") for topic in selectors.get(intent, {}).get("ranking", [])]
    for topic in sorted(ranked, key=lambda topic: -topic["confidence"]):
        custom = (response_of(domain, f"utter_{topic['intent_response_key']}") or {}).get("custom")
        if custom and topic["confidence"] >= _WORTH_OFFERING:
            yield Button(custom["title"], custom["question"])


def response_of(domain: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The one variant of a response, or None."""
    variants: list[dict[str, Any]] = domain["responses"].get(name) or []
    return variants[0] if variants else None


def _intent(tracker: Tracker) -> str | None:
    return (tracker.latest_message.get("intent") or {}).get("name")


def _text(tracker: Tracker) -> str:
    return tracker.latest_message.get("text") or ""
