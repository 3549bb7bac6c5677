"""Telephone numbers as people write them, kept in the international form."""

from __future__ import annotations

from typing import Any

import phonenumbers

from bot.on_call_settings.notes import Notes, shown


def read_phone(data: Any, notes: Notes, country: str, example: str) -> str | None:
    """The number as E.164; None after a problem. `example` shows how it is written in full."""
    try:
        number = phonenumbers.parse(data if isinstance(data, str) else "", country)
    except phonenumbers.NumberParseException:
        number = None
    # Possible, not "valid": a range that was opened last month is not in the tables of this release.
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if number is None or phonenumbers.is_possible_number_with_reason(number) != possible:
        notes.add(f"{shown(data)} is not a telephone number: write it with area code, or in full such as {example}")
    elif number.extension:
        notes.add(f"{shown(data)} has an extension, which cannot be dialled: give a direct number")
    else:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
