"""Actions that say approved answers again, shorter, longer, two at once, or with sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import Restarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.unsure import offer_made, response_of, staff_offer
from actions.wiring import clinic, say
from bot.domain.messages import Reply, ReplyKind


class ActionAnswerSeveral(Action):
    """Two questions in one message: both answers, in the order asked."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_answer_several"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """What no document answers comes as an offer, like any other time; its buttons end the turn."""
        replies = list(_replies(tracker, domain))
        buttons = next((reply.buttons for reply in replies if reply.buttons), ())
        for reply in replies[:-1]:
            say(dispatcher, replace(reply, buttons=()))
        for reply in replies[-1:]:
            say(dispatcher, replace(reply, buttons=buttons))
        return offer_made(tracker) if buttons else [SlotSet("offer", "none")]


def _replies(tracker: Tracker, domain: dict[str, Any]) -> Iterator[Reply]:
    for topic in tracker.latest_message.get("topics") or ():
        response = response_of(domain, f"utter_{topic}")
        if response is not None:
            yield staff_offer(response) if topic.startswith("ask_staff/") else _answer(response)


class _OnLastAnswer:
    """What the actions about the answer before share; no Action itself: Rasa's SDK registers every subclass."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say something of the last answer, or that there is none."""
        answer = _last_answer(tracker, domain)
        if answer is None:
            text = "I have not answered anything yet. What would you like to know about ketamine therapy?"
            say(dispatcher, Reply(text=text, kind=ReplyKind.SMALLTALK, topic="dialogue/nothing_yet"))
        else:
            say(dispatcher, self.again(answer))
        return []

    def again(self, answer: Reply) -> Reply:
        """What to say of the answer."""
        raise NotImplementedError


class ActionShorten(_OnLastAnswer, Action):
    """The short form of the last answer."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_shorten"

    def again(self, answer: Reply) -> Reply:
        """The form for SMS, with its sources."""
        return replace(answer, text=answer.short or answer.text, short=None)


class ActionRepeat(_OnLastAnswer, Action):
    """The last answer once more, whole: for "say that again" and for "more"."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_repeat"

    def again(self, answer: Reply) -> Reply:
        """The long form, which is also all that is approved to be said."""
        return replace(answer, short=None)


class ActionElaborate(_OnLastAnswer, Action):
    """More about the last answer: its whole text, and where it can be read."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_elaborate"

    def again(self, answer: Reply) -> Reply:
        """Nothing is made up: what there is, and who knows more."""
        more = f"{answer.text} That is all I have on this; our staff can tell you more: {clinic().phone}."
        return replace(answer, text=more, short=more)


class ActionCiteSources(_OnLastAnswer, Action):
    """Where the last answer comes from."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_cite_sources"

    def again(self, answer: Reply) -> Reply:
        """Documents with their sections, each document once."""
        sections: dict[str, list[str]] = {}
        for source in answer.sources:
            sections.setdefault(source.document, []).append(source.section)
        named = "; ".join(f"“{document}” ({', '.join(parts)})" for document, parts in sections.items())
        text = f"That answer rests on: {named}." if named else "That was not an answer from the documents."
        return Reply(text=text, kind=answer.kind, topic="dialogue/sources", sources=answer.sources)


class ActionStartOver(Action):
    """Forgets the talk. What was passed to the staff stays with them."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_start_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it, and restart."""
        text = "All right, let's start over. What would you like to know about ketamine therapy?"
        say(dispatcher, Reply(text=text, kind=ReplyKind.SMALLTALK, topic="dialogue/start_over"))
        return [Restarted()]


def _last_answer(tracker: Tracker, domain: dict[str, Any]) -> Reply | None:
    """The latest thing said that answers something, whole: of the documents, of the clinic, or of both."""
    for event in reversed(tracker.events):
        custom = (event.get("data") or {}).get("custom") if event.get("event") == "bot" else None
        topic = (custom or {}).get("topic") or ""
        if topic.startswith("faq/"):
            response = response_of(domain, f"utter_{topic}")
            return clinic().with_own_answer(_answer(response)) if response else None
        if topic.startswith("ask_staff/") and (own := clinic().own_answer(topic)):
            return own
    return None


def _answer(response: dict[str, Any]) -> Reply:
    return Reply.from_dict({**response["custom"], "text": response["text"], "kind": ReplyKind.ANSWER}).approved()
