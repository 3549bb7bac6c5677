"""What is wrong with a part of a file, and where; readers of the simple values."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Notes:
    """Collects problems, each behind its place, such as "on_call: people: noor: "."""

    found: list[str]
    place: str = ""

    def at(self, *parts: object) -> Notes:
        """The same list, for a part of this part."""
        return Notes(self.found, self.place + "".join(f"{part}: " for part in parts))

    def add(self, problem: str) -> None:
        """One problem, as a sentence that says what to do."""
        self.found.append(self.place + problem)


def shown(value: object) -> str:
    """A value as a problem quotes it."""
    if value is None:
        return "an empty value"
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def hint(word: str, known: Iterable[str]) -> str:
    """What was probably meant, or all that is possible."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=2)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names) or 'none'}"


def read_mapping(data: Any, notes: Notes, form: str) -> dict[str, Any]:
    """Entries with a text as key; others are reported. `form` shows how it is written."""
    if not isinstance(data, dict):
        notes.add(f"{shown(data)} is not readable: write it as {form}")
        return {}
    for key in data:
        if not isinstance(key, str):
            notes.add(f"the key {key!r} is not a word (YAML reads no, on and yes as true or false): put it in quotes")
    return {key: value for key, value in data.items() if isinstance(key, str)}


def read_fields(data: Any, notes: Notes, known: Collection[str], form: str) -> dict[str, Any]:
    """The known entries of a mapping; others are reported with what is near."""
    fields = read_mapping(data, notes, form)
    for key in fields:
        if key not in known:
            notes.add(f"there is no key {key!r}; {hint(key, known)}")
    return {key: value for key, value in fields.items() if key in known}


def read_list(data: Any, notes: Notes, form: str) -> list[Any]:
    """The entries of a list; anything else is reported."""
    if isinstance(data, list):
        return data
    notes.add(f"{shown(data)} is not a list: write it as {form}")
    return []


def read_number(data: Any, notes: Notes, low: int, high: int, unit: str) -> int:
    """A whole number within limits; `low` after a problem."""
    if isinstance(data, int) and not isinstance(data, bool) and low <= data <= high:
        return data
    notes.add(f"{shown(data)} is not possible: give a whole number of {unit} from {low} to {high}")
    return low


def read_minutes(data: Any, notes: Notes, low: int, high: int) -> timedelta:
    """A whole number of minutes within limits."""
    return timedelta(minutes=read_number(data, notes, low, high, "minutes"))


def read_word(data: Any, notes: Notes, what: str) -> str:
    """A short text without anything that a text message would not carry as it is."""
    word = data.strip() if isinstance(data, str) else ""
    if 0 < len(word) <= 40 and word.isprintable() and not set(word) & set("{}[]<>"):
        return word
    notes.add(f"{shown(data)} cannot be said: give {what}, 1 to 40 characters without brackets")
    return ""
