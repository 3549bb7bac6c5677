"""The deciding rules of the symptom talk: what was told so far, and what follows from it."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from bot.domain.escalation import Tier
from bot.safety.symptoms import answers
from bot.safety.symptoms.answers import MODERATE_FROM, SEVERE_FROM, Course
from bot.safety.symptoms.table import DAY_HOURS, OTHER, PSYCHIC_HOURS, SYMPTOMS, Symptom, named
from bot.safety.symptoms.times import hours_ago

# What was asked for and not understood, or not asked because enough was asked.
UNKNOWN = "unknown"
# "Since the session": the time of the treatment says when.
WITH_TREATMENT = "treatment"
NEVER = "never"

WHAT, SINCE, HOW_BAD, COURSE, TREATMENT = (
    "symptom",
    "symptom_since",
    "symptom_severity",
    "symptom_course",
    "symptom_treatment",
)
# In the order of the questions: what would be urgent is known first, should the patient stop answering.
FACTS = (WHAT, HOW_BAD, COURSE, SINCE, TREATMENT)
MOST_QUESTIONS = 4

# By fact; what is not in it has not been told. Values as a Rasa slot keeps them:
# names of symptoms, hours, 0 to 10, a Course, hours.
Told = Mapping[str, Any]


class Outcome(enum.StrEnum):
    """What follows from the answers."""

    EXPECTED = "expected"  # mild, brief and described: what the documents say
    UNSURE = "unsure"  # nothing bad was said, but not enough: the staff are offered
    REPORT = "report"  # a person has to hear of it


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows, and why. `tier` and `categories` where it is a report."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    tier: Tier | None = None
    categories: tuple[str, ...] = ()


def told_in(text: str, now: datetime) -> dict[str, Any]:
    """The facts that a message states by itself, whatever was asked."""
    found = {
        WHAT: list(named(text)) or None,
        SINCE: _since(text, now, None),
        HOW_BAD: answers.severity(text),
        COURSE: answers.course(text),
        TREATMENT: answers.treated(text, now),
    }
    return {fact: value for fact, value in found.items() if value is not None}


def answer_to(fact: str, text: str, now: datetime) -> Any:
    """What `text` answers to the question about `fact`; None when it does not answer it."""
    if fact == WHAT:
        return list(named(text)) or None
    if fact == SINCE:
        return _since(text, now, hours_ago(text, now))
    if fact == HOW_BAD:
        return answers.severity(text, asked=True)
    if fact == COURSE:
        return answers.course(text, asked=True)
    ago = hours_ago(text, now)
    return NEVER if ago is None and answers.never_treated(text) else ago


def _since(text: str, now: datetime, otherwise: float | None) -> float | str | None:
    began = answers.onset(text, now)
    if began is not None:
        return began
    return WITH_TREATMENT if answers.began_with_treatment(text) else otherwise


def with_more(told: Told, more: Told) -> dict[str, Any]:
    """The facts with what a later message adds: further symptoms, the worse of two courses or severities."""
    both = {**more, **{fact: value for fact, value in told.items() if value not in (None, UNKNOWN)}}
    if told.get(WHAT) and more.get(WHAT):
        both[WHAT] = list(dict.fromkeys([*told[WHAT], *more[WHAT]]))
    if Course.WORSE in (told.get(COURSE), more.get(COURSE)):
        both[COURSE] = Course.WORSE
    if _is_number(told.get(HOW_BAD)) and _is_number(more.get(HOW_BAD)):
        both[HOW_BAD] = max(told[HOW_BAD], more[HOW_BAD])
    return {**{fact: UNKNOWN for fact, value in told.items() if value == UNKNOWN}, **both}


def judge(told: Told) -> Judgement:
    """What follows from the facts."""
    symptoms = tuple(SYMPTOMS[name] for name in _symptoms(told))
    if worse := tuple(_worse(told)):
        return Judgement(Outcome.REPORT, worse, Tier.URGENT, _categories(symptom.worse for symptom in symptoms))
    late = {symptom.name: tuple(_too_long(symptom, told)) for symptom in symptoms}
    if any(late.values()):
        lasting = [symptom for symptom in symptoms if late[symptom.name]]
        reasons = tuple(dict.fromkeys(reason for found in late.values() for reason in found))
        return Judgement(Outcome.REPORT, reasons, Tier.SAME_DAY, _categories(symptom.lasting for symptom in lasting))
    unsure = tuple(_unsure(symptoms, told))
    return Judgement(Outcome.UNSURE if unsure else Outcome.EXPECTED, unsure)


def answer_topic(told: Told) -> str | None:
    """The topic that says what the documents say about this; None where they say nothing."""
    topics = {SYMPTOMS[name].answer for name in _symptoms(told)}
    if None in topics:
        return None
    return topics.pop() if len(topics) == 1 else "faq/common_side_effects"


def lasted(told: Told) -> float | None:
    """Hours that it has lasted, as far as that is known."""
    since = told.get(SINCE)
    hours = told.get(TREATMENT) if since == WITH_TREATMENT else since
    return float(hours) if _is_number(hours) else None


def _worse(told: Told) -> Iterator[str]:
    severity = told.get(HOW_BAD)
    if _is_number(severity) and severity >= SEVERE_FROM:
        yield "severe"
    if told.get(COURSE) == Course.WORSE:
        yield "getting_worse"


def _too_long(symptom: Symptom, told: Told) -> Iterator[str]:
    hours, treatment = lasted(told), told.get(TREATMENT)
    if hours is not None and hours > symptom.hours:
        yield f"over_{symptom.hours:g}_hours"
    elif symptom.hours == PSYCHIC_HOURS and _is_number(treatment) and treatment > DAY_HOURS:
        yield "the_day_after"  # Mayo: psychic effects that last over 24 h, whenever they are noticed
    if symptom.call_back:
        yield "call_back"


def _unsure(symptoms: tuple[Symptom, ...], told: Told) -> Iterator[str]:
    for fact in FACTS:
        if told.get(fact, UNKNOWN) == UNKNOWN and not (fact == SINCE and lasted(told) is not None):
            yield f"{fact}_unknown"
    if any(symptom.answer is None for symptom in symptoms):
        yield "not_in_the_documents"
    if told.get(TREATMENT) == NEVER:
        yield "never_treated"
    hours, treatment = lasted(told), told.get(TREATMENT)
    if hours is not None and _is_number(treatment) and treatment - hours > DAY_HOURS:
        yield "began_late"
    severity = told.get(HOW_BAD)
    if _is_number(severity) and severity >= MODERATE_FROM and told.get(COURSE) == Course.SAME:
        yield "moderate_and_not_easing"


def _symptoms(told: Told) -> list[str]:
    names = told.get(WHAT)
    return [name for name in names if name in SYMPTOMS] if isinstance(names, list) and names else [OTHER]


def _categories(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
