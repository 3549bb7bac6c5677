"""What there must be a text for, in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmsTexts:
    """What is said in text messages alone, and what shapes an answer there.

    Placeholders as in `Texts`, and {name}, {sources}, {count}, {options}.
    """

    greeting: str
    help: str
    stopped: str
    stopped_with_report: str
    started: str
    how_to_stop: str
    no_pictures: str
    voicemail_stored: str
    voicemail_not_stored: str
    call_back_stored: str
    call_back_not_stored: str
    # At the end of a text: where the rest is, where it comes from, how to answer.
    more: str
    more_in_full: str
    source: str
    sources: str
    and_others: str
    yes_or_no: str
    by_number: str
    by_word: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The fixed texts of one language.

    Placeholders: {emergency}, {crisis}, {phone}, {poison}, {animal_poison},
    {reference}, {what}, {time}, {who}, {number}. A clinician approves each before patients rely on it.
    """

    emergency: str
    emergency_also_crisis: str
    crisis_emergency: str
    crisis_urgent: str
    urgent: str
    same_day: str
    # What a category adds, after the advice of its tier.
    beside: Mapping[str, str]
    stored: str
    not_stored: str
    reminder: str
    ask_back: str
    ask_again: str
    ask_back_yes: str
    ask_back_no: str
    glad_it_is_not: str
    degraded: str
    question_kept: str
    question_not_kept: str
    # What is passed on, by `wording.Asked`.
    asked: Mapping[str, str]
    passed_on: str
    not_passed_on: str
    in_an_emergency: str
    when_to_call: str
    not_sure_of_symptom: str
    not_my_language: str
    # About a report, as it happens; {time} is the clinic's, {who} is who answers.
    paged: str
    seen: str
    joined: str
    nobody_yet: str
    closed: str
    somebody: str
    ask_number: str
    have_number: str
    sms: SmsTexts
    # What a patient reads who wants a talk forgotten.
    forgotten: str
    forgotten_later: str
