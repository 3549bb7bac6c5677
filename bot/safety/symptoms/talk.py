"""One turn of the symptom talk: what a message does to it, and what is asked next. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.escalation import Tier
from bot.safety.symptoms import answers
from bot.safety.symptoms.rules import (
    COURSE,
    FACTS,
    HOW_BAD,
    MOST_QUESTIONS,
    UNKNOWN,
    WHAT,
    answer_to,
    judge,
    told_in,
    with_more,
)
from bot.safety.symptoms.table import OTHER

_TRIES = 2
_SURE = 0.5
# "Price" or "insurance" is a question too, where the classifier has no doubt; "purple" is not.
_SURE_OF_TOPIC = 0.8
_REPORT = "report_side_effect"
_SEVERE = "report_severe"
# Not understood, or only meant inside the talk: never a reason to leave it.
_NO_INTERRUPTION = frozenset({"nlu_fallback", _REPORT, "affirm", "deny", ""})
_SAY_IT_AGAIN = frozenset({"repeat", "shorten", "elaborate"})
_ABOUT_TOPICS = frozenset({"faq", "ask_staff", "several_questions"})
_NOT_OURS = "out_of_scope"


class Heard(enum.Enum):
    """What a message was in the talk."""

    ANSWER = "answer"
    AGAIN = "again"  # something was learned, or asked to repeat: the open question stands
    NOT_UNDERSTOOD = "not_understood"
    INTERRUPTION = "interruption"  # for the rules outside of the talk
    STOP = "stop"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Message:
    """What the patient wrote, and what the classifier and the buttons make of it."""

    text: str
    intent: str = ""
    confidence: float = 0.0
    # The text of the button whose number was typed.
    chosen: str | None = None
    # Whether the staff are on offer, so that a yes or no answers that.
    offered: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """The talk so far."""

    told: Mapping[str, Any]
    open_question: str | None = None
    asked: int = 0
    misses: int = 0

    def ask_next(self) -> Talk:
        """With the next open question; None when nothing is left to ask, or nothing more is needed."""
        if self.known_enough():
            return replace(self, open_question=None)
        wanted = next((fact for fact in FACTS if self.told.get(fact) is None), None)
        if wanted is None or wanted == self.open_question:
            return replace(self, open_question=wanted)
        if self.asked >= MOST_QUESTIONS:
            return replace(self, open_question=None)
        return replace(self, open_question=wanted, asked=self.asked + 1, misses=0)

    def known_enough(self) -> bool:
        """Urgent, or something for today of which it is known that it is not urgent."""
        tier = judge(self.told).tier
        return tier is Tier.URGENT or (tier is not None and {HOW_BAD, COURSE} <= set(self.told))


def begin(text: str, now: datetime) -> Talk:
    """The talk after the message that mentioned a symptom."""
    return Talk(told_in(text, now)).ask_next()


def hear(talk: Talk, message: Message, now: datetime) -> tuple[Heard, Talk]:
    """What a message is, and the talk after it. `talk` has an open question."""
    if leaving := _leaves(message):
        return leaving, talk
    fact = talk.open_question or WHAT
    asks = answers.is_question(message.text) and message.intent in {*_ABOUT_TOPICS, _NOT_OURS}
    value = None if asks else _value(fact, message, now)
    if value is not None:
        told = with_more({**talk.told, fact: value}, told_in(message.text, now))
        return Heard.ANSWER, replace(talk, told=told).ask_next()
    if message.intent in _SAY_IT_AGAIN:
        return Heard.AGAIN, talk
    if not asks and (more := told_in(message.text, now)):
        return Heard.AGAIN, _missed(replace(talk, told=with_more(talk.told, more)), fact)
    if asks or _interrupts(message):
        return Heard.INTERRUPTION, talk
    return Heard.NOT_UNDERSTOOD, _missed(talk, fact)


def _leaves(message: Message) -> Heard | None:
    if message.intent == _SEVERE or (message.offered and message.intent in ("affirm", "deny")):
        return Heard.INTERRUPTION
    if message.intent == "ask_human":
        return Heard.PERSON
    if answers.wants_to_stop(message.text) or (message.intent == "goodbye" and message.confidence >= _SURE):
        return Heard.STOP
    return None


def _value(fact: str, message: Message, now: datetime) -> Any:
    value = answer_to(fact, message.chosen or message.text, now)
    return [OTHER] if value is None and fact == WHAT and message.intent == _REPORT else value


def _interrupts(message: Message) -> bool:
    if message.intent == _NOT_OURS:
        return False  # nonsense is not ours either
    sure = _SURE_OF_TOPIC if message.intent in _ABOUT_TOPICS else _SURE
    return message.intent not in _NO_INTERRUPTION and message.confidence >= sure


def _missed(talk: Talk, fact: str) -> Talk:
    """Once is asked again; twice is left open, which is a reason to offer the staff."""
    if talk.misses + 1 < _TRIES:
        again = replace(talk, misses=talk.misses + 1)
        return replace(again, open_question=None) if again.known_enough() else again
    told = {**talk.told, fact: talk.told.get(fact) or UNKNOWN}
    return replace(talk, told=told).ask_next()
