"""The whole section: people, ladders, limits, and how they fit together."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.escalation import Tier
from bot.domain.on_call import Ladder, Limits, OnCall, Person, Step
from bot.on_call_settings.contacts import ContactReader, Variable
from bot.on_call_settings.hours import read_away, read_hours
from bot.on_call_settings.notes import (
    Notes,
    hint,
    read_fields,
    read_list,
    read_mapping,
    read_minutes,
    read_number,
    read_word,
    shown,
)

TIERS = tuple(str(tier) for tier in Tier if tier.wakes_staff)
PERSON_KEYS = ("name", "role", "contacts", "hours", "away")
LADDER_KEYS = ("steps", "rounds", "pause")
LIMIT_KEYS = ("answer", "take_over", "first_message", "close")
KEYS = ("people", "ladder", "last_resort", "limits", "allow_gaps")
# Where a clinic leaves them out, in minutes: the wait before each step but the first, and between two rounds.
DEFAULT_AFTER = {Tier.EMERGENCY: 3, Tier.URGENT: 5}
DEFAULT_PAUSE = {Tier.EMERGENCY: 5, Tier.URGENT: 10}
DEFAULT_ROUNDS = 3
DEFAULT_LIMITS = {
    Tier.EMERGENCY: {"answer": 6, "take_over": 5, "first_message": 5, "close": 240},
    Tier.URGENT: {"answer": 15, "take_over": 10, "first_message": 10, "close": 480},
}
MOST_MINUTES = 7 * 24 * 60
SHORTEST = """\
on_call:
  people:
    noor: {name: Noor, role: nurse, contacts: ["call:+15550100101"]}
  ladder:
    emergency: {steps: [{page: [noor]}]}
    urgent: {steps: [{page: [noor]}]}"""
_PERSON_FORM = '{name: Noor, role: nurse, contacts: ["call:+15550100101"]}'
_LADDER_FORM = "{steps: [{page: [noor]}, {page: [lee], after: 3}], rounds: 3, pause: 5}"
_STEP_FORM = "{page: [noor], after: 3}"
_ID = re.compile(r"[a-z][a-z0-9_-]{0,30}")


@dataclass(frozen=True, slots=True)
class Roster:
    """The section as read: only to be used when nothing was reported."""

    on_call: OnCall
    urls: dict[str, str]  # Apprise URL by the name of its variable


def read_on_call(data: Any, notes: Notes, zone: ZoneInfo, country: str, variable: Variable) -> Roster:
    """The clinic's ladder; everything that is wrong with it is reported at once."""
    if data is None:
        example = "".join(f"\n    {line}" for line in SHORTEST.splitlines())
        notes.add(f"is missing, so nobody would be paged. The shortest that would do:{example}")
        data = {}
        notes = Notes([])
    contacts = ContactReader(country, variable)
    fields = read_fields(data, notes, KEYS, "in the example of docs/settings.md")
    people = _people(fields.get("people"), notes.at("people"), contacts)
    on_call = OnCall(
        zone=zone,
        people={id: person for id, person in people.items() if person is not None},
        ladders=_ladders(fields.get("ladder"), notes.at("ladder"), people),
        limits=_limits(fields.get("limits", {}), notes.at("limits")),
        last_resort=_ids(fields.get("last_resort", []), notes.at("last_resort"), people),
        allowed_gaps=_allowed(fields.get("allow_gaps", []), notes.at("allow_gaps")),
    )
    return Roster(on_call, contacts.urls)


def _people(data: Any, notes: Notes, contacts: ContactReader) -> dict[str, Person | None]:
    """By id, in their order."""
    if not data:
        notes.add(f"there are none: write at least one as noor: {_PERSON_FORM}")
        return {}
    return {
        id: _person(id, entry, notes.at(id), contacts)
        for id, entry in read_mapping(data, notes, f"noor: {_PERSON_FORM}").items()
    }


def _person(id: str, data: Any, notes: Notes, contacts: ContactReader) -> Person | None:
    if not _ID.fullmatch(id):
        notes.add("is not an id: use up to 31 small letters, digits, - and _, a letter first")
    before = len(notes.found)
    fields = read_fields(data, notes, PERSON_KEYS, _PERSON_FORM)
    if not isinstance(data, dict):
        return None
    person = Person(
        id=id,
        name=read_word(fields.get("name"), notes.at("name"), "the first name that patients are told"),
        role=read_word(fields.get("role"), notes.at("role"), "what patients are told they are, such as nurse"),
        contacts=contacts.read(fields.get("contacts", []), notes.at("contacts")),
        windows=read_hours(fields["hours"], notes.at("hours")) if "hours" in fields else (),
        away=read_away(fields.get("away", []), notes.at("away")),
    )
    return person if len(notes.found) == before else None


def _ladders(data: Any, notes: Notes, people: Collection[str]) -> dict[Tier, Ladder]:
    entries = read_mapping(data or {}, notes, f"emergency: {_LADDER_FORM}")
    _refuse_other_tiers(entries, notes, "ladder: it wakes nobody and waits in the list")
    for tier in TIERS:
        if tier not in entries:
            notes.add(f"{tier} is missing: write {tier}: {{steps: [{{page: [noor]}}]}}")
    return {Tier(t): _ladder(Tier(t), entries[t], notes.at(t), people) for t in TIERS if t in entries}


def _ladder(tier: Tier, data: Any, notes: Notes, people: Collection[str]) -> Ladder:
    fields = read_fields(data, notes, LADDER_KEYS, _LADDER_FORM)
    steps = read_list(fields.get("steps", []), notes.at("steps"), f"[{_STEP_FORM}]") if isinstance(data, dict) else []
    if isinstance(data, dict) and fields.get("steps", []) == []:
        notes.at("steps").add(f"there are none, so nobody would be paged: write [{_STEP_FORM}]")
    return Ladder(
        steps=tuple(
            _step(step, notes.at("steps", number), people, DEFAULT_AFTER[tier] if number > 1 else 0)
            for number, step in enumerate(steps, 1)
        ),
        rounds=read_number(fields.get("rounds", DEFAULT_ROUNDS), notes.at("rounds"), 1, 10, "rounds"),
        pause=read_minutes(fields.get("pause", DEFAULT_PAUSE[tier]), notes.at("pause"), 1, 60),
    )


def _step(data: Any, notes: Notes, people: Collection[str], after: int) -> Step:
    fields = read_fields(data, notes, ("page", "after"), _STEP_FORM)
    if not isinstance(data, dict):
        return Step(())
    if fields.get("page", []) == []:
        notes.at("page").add("there is nobody: name whom to page, such as [noor]")
    return Step(
        people=_ids(fields.get("page", []), notes.at("page"), people),
        after=read_minutes(fields.get("after", after), notes.at("after"), 0, 60),
    )


def _ids(data: Any, notes: Notes, people: Collection[str]) -> tuple[str, ...]:
    """Ids of people who exist, each once."""
    entries = [str(entry) for entry in read_list(data, notes, "[noor, lee]")]
    for number, entry in enumerate(entries):
        if entry not in people:
            notes.add(f"there is no person {shown(entry)}; {hint(entry, people)}")
        elif entry in entries[:number]:
            notes.add(f"{shown(entry)} is there twice: leave one out")
    return tuple(entry for entry in entries if entry in people)


def _limits(data: Any, notes: Notes) -> dict[Tier, Limits]:
    entries = read_mapping(data, notes, "emergency: {answer: 6, take_over: 5, first_message: 5, close: 240}")
    _refuse_other_tiers(entries, notes, "limits: it waits in the list")
    return {Tier(tier): _tier_limits(Tier(tier), entries.get(tier, {}), notes.at(tier)) for tier in TIERS}


def _tier_limits(tier: Tier, data: Any, notes: Notes) -> Limits:
    fields = read_fields(data, notes, LIMIT_KEYS, "{answer: 6, take_over: 5, first_message: 5, close: 240}")
    minutes = {**DEFAULT_LIMITS[tier], **fields}
    read: dict[str, timedelta] = {k: read_minutes(minutes[k], notes.at(k), 1, MOST_MINUTES) for k in LIMIT_KEYS}
    return Limits(**read)


def _allowed(data: Any, notes: Notes) -> frozenset[Tier]:
    entries = read_list(data, notes, "[urgent]")
    for entry in entries:
        if entry not in TIERS:
            notes.add(f"{shown(entry)} has no ladder: name {' or '.join(TIERS)}")
    return frozenset(Tier(entry) for entry in entries if entry in TIERS)


def _refuse_other_tiers(entries: Collection[str], notes: Notes, lacks: str) -> None:
    for tier in entries:
        if tier not in TIERS and tier in list(Tier):
            notes.add(f"{tier} has no {lacks}. Take it out; only {' and '.join(TIERS)} have them")
        elif tier not in TIERS:
            notes.add(f"there is no tier {shown(tier)}; {hint(tier, TIERS)}")
