"""The section `retention` of clinic.yml: how many days each kind of data is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.domain.retention import Retention
from bot.on_call_settings.notes import Notes, read_fields, read_number

_LONGEST = 36500
# Least days of each: a talk may be needed for a report of it, and a report for whoever asks about it later.
_LEAST = {"talks": 7, "reports": 365, "feedback": 7, "memory": 1}
# Key, whether it is needed, what it is.
EXPLAINED: tuple[tuple[str, bool, str], ...] = (
    ("talks", False, "Days after the last message of a talk in which nothing was reported. At least 7. Default 365."),
    (
        "reports",
        False,
        "Days after the last change of a report, for its talk and the words in its history. At least 365, since it may be "
        "asked about; your law on medical records may ask for more. Never while a report of it is open. Default 2557.",
    ),
    ("feedback", False, "Days for what patients said of answers. At least 7. Default 730."),
    ("memory", False, "Days after which Rasa has forgotten a talk that rests. At least 1. Default 30."),
)
EXAMPLE = "retention: {talks: 365, reports: 2557, feedback: 730, memory: 30}"


def read_retention(data: Any, notes: Notes) -> Retention:
    """The section, or its defaults where there is none; problems go to `notes`."""
    if data is None:
        return Retention()
    fields = read_fields(data, notes, _LEAST, "{talks: 365}")
    return Retention(
        **{
            key: timedelta(days=read_number(fields[key], notes.at(key), least, _LONGEST, "days"))
            for key, least in _LEAST.items()
            if key in fields
        }
    )
