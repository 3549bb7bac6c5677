"""Where a patient can be called back: a telephone number in what they write."""

from __future__ import annotations

import re

import phonenumbers

# Words beside the number that make a message more than "this is my number".
_OWN_WORDS = 8


def number_in(text: str, country: str) -> str | None:
    """The first possible telephone number, as E.164; numbers without a country code are taken as `country`'s."""
    for match in phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.POSSIBLE):
        # Three digits are a short code or an emergency number, eight or more a number to call.
        if phonenumbers.is_possible_number(match.number) and len(str(match.number.national_number)) >= 7:
            return str(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
    return None


def is_little_else(text: str) -> bool:
    """Whether a message that holds a number says nothing beside it that asks for an answer."""
    return "?" not in text and len(re.findall(r"[^\W\d_]+", text)) <= _OWN_WORDS
