"""Hours such as "mon-fri 17:00-08:00", and days away such as "2026-12-24..2026-12-26"."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from bot.domain.on_call import Window
from bot.on_call_settings.notes import Notes, read_list, shown

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_FORM = '["mon-fri 17:00-08:00", "sat,sun 08:00-08:00"]'
AWAY_FORM = '["2026-12-24..2026-12-26"]'
_WINDOW = re.compile(r"(\S+)\s+([0-2]\d):([0-5]\d)\s*-\s*([0-2]\d):([0-5]\d)")
_AWAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")


def read_hours(data: Any, notes: Notes) -> tuple[Window, ...]:
    """Windows of the week; what cannot be read is reported."""
    entries = read_list(data, notes, HOURS_FORM)
    if data == []:
        notes.add(f"there are none: leave the key out for all hours, or write {HOURS_FORM}")
    found = [(entry, _window(entry)) for entry in entries]
    for entry, window in found:
        if window is None:
            notes.add(f'{shown(entry)} is not readable: write days and hours, such as "mon-fri 17:00-08:00"')
    return tuple(window for _, window in found if window is not None)


def read_away(data: Any, notes: Notes) -> tuple[tuple[date, date], ...]:
    """First and last days; what cannot be read is reported."""
    found = [(entry, _away(entry)) for entry in read_list(data, notes, AWAY_FORM)]
    for entry, days in found:
        if days is None:
            notes.add(
                f'{shown(entry)} is not readable: write a day, or first and last, such as "2026-12-24..2026-12-26"'
            )
        elif days[1] < days[0]:
            notes.add(f"{shown(entry)} ends before it begins: write the first day first")
    return tuple(days for _, days in found if days is not None)


def _window(entry: Any) -> Window | None:
    match = _WINDOW.fullmatch(entry.strip().lower()) if isinstance(entry, str) else None
    if match is None:
        return None
    start, end = _clock(match[2], match[3]), _clock(match[4], match[5], may_be_24=True)
    found = _days(match[1])
    return Window(found, start, end) if found and start is not None and end is not None else None


def _clock(hour: str, minute: str, may_be_24: bool = False) -> time | None:
    if may_be_24 and (hour, minute) == ("24", "00"):
        return time(0)
    return time(int(hour), int(minute)) if int(hour) < 24 else None


def _days(text: str) -> frozenset[int] | None:
    """ "mon-thu,sat"; a range may go over the end of the week."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS or part.endswith("-"):
            return None
        begin = DAYS.index(first)
        count = (DAYS.index(last or first) - begin) % 7
        found |= {(begin + day) % 7 for day in range(count + 1)}
    return frozenset(found)


def _away(entry: Any) -> tuple[date, date] | None:
    if isinstance(entry, date) and not isinstance(entry, datetime):  # YAML reads a day without quotes as a date
        return entry, entry
    match = _AWAY.fullmatch(entry.strip()) if isinstance(entry, str) else None
    try:
        return (date.fromisoformat(match[1]), date.fromisoformat(match[2] or match[1])) if match else None
    except ValueError:
        return None
