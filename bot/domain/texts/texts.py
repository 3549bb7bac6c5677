"""What there must be a text for, in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.texts.phone import PhoneTexts


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
    phone: PhoneTexts
