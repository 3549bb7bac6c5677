"""The clinic's telephone as an operator sets it: section `telephone` of `clinic.yml`, account from the environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.domain.telephone import DEFAULT_PER_SECOND, Account, ClinicNumber, Desk, Telephone
from bot.on_call_settings.hours import HOURS_FORM, read_hours
from bot.on_call_settings.notes import Notes, hint, read_fields, read_list, shown
from bot.on_call_settings.numbers import read_phone

KEYS = ("numbers", "desk", "menu")
# Keys of a telephone that are left for topics: 9 repeats, 0 is a person.
MOST_TOPICS = 8
EXPLAINED: tuple[tuple[str, bool, str], ...] = (
    (
        "numbers",
        True,
        "The numbers that patients text and call, such as `[\"+15550100150\"]`. Pages to staff leave from the first.",
    ),
    (
        "numbers: …: per_second",
        False,
        "Texts that the carrier takes from a number in a second, above 0 and up to 100, beside `number`. Default 1.",
    ),
    ("desk: number", False, "Where callers who ask for a person are put through. Without a desk the staff call back."),
    ("desk: hours", False, "When somebody answers there, written like the hours of `on_call`. Left out: always."),
    ("menu", False, f"Up to {MOST_TOPICS} topics that the phone menu offers by key, by the names that `answers` takes."),
)  # fmt: skip
EXAMPLE = """\
telephone:
  numbers: ["+15550100150"]
  desk: {number: "+15550100199", hours: ["mon-fri 08:00-17:00"]}
  menu: [hours, driving, fasting_food]"""
_NUMBERS_FORM = '["+15550100150"]'
_NUMBER_FORM = '{number: "+15550100150", per_second: 3}'
_DESK_FORM = f'{{number: "+15550100199", hours: {HOURS_FORM}}}'
_SID = re.compile(r"[A-Za-z0-9-]{8,64}")
_TOKEN = re.compile(r"[!-~]{16,200}")


def read_telephone(data: Any, has_account: bool, notes: Notes, country: str, topics: Mapping[str, str]) -> Telephone:
    """The section, still without the account; everything that is wrong with it is reported at once.

    `topics`: full name by short name. Left out: no texts and no calls.
    """
    if data is None:
        if has_account:
            notes.add(f"there are no numbers for TWILIO_ACCOUNT_SID: write numbers: {_NUMBERS_FORM}, or unset it")
        return Telephone()
    fields = read_fields(data, notes, KEYS, f"numbers: {_NUMBERS_FORM}")
    numbers = _numbers(fields.get("numbers"), notes.at("numbers"), country) if isinstance(data, dict) else ()
    if not has_account:
        notes.add("it has no account: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKENS, or leave the section out")
    desk = _desk(fields["desk"], notes.at("desk"), country) if fields.get("desk") is not None else None
    if desk is not None and any(desk.number == own.number for own in numbers):
        notes.at("desk").add("its number is one that the assistant answers itself: give the one that people answer")
    menu = _menu(fields.get("menu") or [], notes.at("menu"), topics)
    return Telephone(None, numbers, desk, menu)


def read_account(sid: str, tokens: str, api_url: str, problems: list[str]) -> Account | None:
    """The provider's account from its variables; None when none is set, or after a problem."""
    if not sid and not tokens:
        return None
    before = len(problems)
    if not _SID.fullmatch(sid):
        problems.append("TWILIO_ACCOUNT_SID is not an account id: give it as the provider's console shows it, AC…")
    accepted = tuple(token for token in re.split(r"[,\s]+", tokens) if token)
    # Not quoted: they are secrets.
    if not accepted or not all(map(_TOKEN.fullmatch, accepted)):
        problems.append(
            "TWILIO_AUTH_TOKENS is not a list of tokens: give the account's auth token; while it is replaced the new "
            "one, a comma, the old one"
        )
    url = api_url.rstrip("/")
    if url and not _is_safe_url(url):
        problems.append("TWILIO_API_URL is not usable: give an https address, or one on this machine")
    if len(problems) > before:
        return None
    return Account(sid, accepted, url, url) if url else Account(sid, accepted)


def address_problems(telephone: Telephone, public_url: str) -> list[str]:
    """What keeps the provider's webhooks from being secret and signed for the right address."""
    if telephone.account is None or _is_safe_url(public_url):
        return []
    return [
        "PUBLIC_URL is not an https address: patients' texts would travel in the clear. Give the address that the "
        "provider is to call, such as https://chat.example.org"
    ]


def warnings(telephone: Telephone, public_url: str) -> list[str]:
    """What a trial may leave open and an operator must know."""
    account = telephone.account
    if account is None or not is_loopback(public_url) or is_loopback(account.api_url):
        return []
    return [
        "PUBLIC_URL is an address of this machine alone: NO TEXT AND NO CALL WILL GET IN, and signatures of the "
        "provider do not fit. Set it to the address that the provider calls"
    ]


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine alone."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_safe_url(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))


def _numbers(data: Any, notes: Notes, country: str) -> tuple[ClinicNumber, ...]:
    if not data:
        notes.add(f"there are none: write {_NUMBERS_FORM}")
        return ()
    found: list[ClinicNumber] = []
    for place, entry in enumerate(read_list(data, notes, _NUMBERS_FORM), 1):
        number = _number(entry, notes.at(place), country)
        if number is not None and any(number.number == other.number for other in found):
            notes.at(place).add("is there twice: leave one out")
        elif number is not None:
            found.append(number)
    return tuple(found)


def _number(entry: Any, notes: Notes, country: str) -> ClinicNumber | None:
    fields = {"number": entry}
    if isinstance(entry, dict):
        fields = read_fields(entry, notes, ("number", "per_second"), _NUMBER_FORM)
    number = read_phone(fields.get("number"), notes, country, "+15550100150")
    pace = _pace(fields.get("per_second", DEFAULT_PER_SECOND), notes.at("per_second"))
    return ClinicNumber(number, pace) if number else None


def _pace(data: Any, notes: Notes) -> float:
    if isinstance(data, int | float) and not isinstance(data, bool) and 0 < data <= 100:
        return float(data)
    notes.add(f"{shown(data)} is not possible: give a number of texts above 0 and up to 100")
    return DEFAULT_PER_SECOND


def _desk(data: Any, notes: Notes, country: str) -> Desk | None:
    fields = read_fields(data, notes, ("number", "hours"), _DESK_FORM)
    if not isinstance(data, dict):
        return None
    number = read_phone(fields.get("number"), notes.at("number"), country, "+15550100199")
    hours = read_hours(fields["hours"], notes.at("hours")) if "hours" in fields else ()
    return Desk(number, hours) if number else None


def _menu(data: Any, notes: Notes, topics: Mapping[str, str]) -> tuple[str, ...]:
    entries = [str(entry) for entry in read_list(data, notes, "[hours, driving]")]
    if len(entries) > MOST_TOPICS:
        notes.add(f"there are {len(entries)}: a caller can choose from {MOST_TOPICS} at most")
    for place, entry in enumerate(entries):
        if entry not in topics:
            notes.add(f"there is no topic {shown(entry)}; {hint(entry, topics)}")
        elif entry in entries[:place]:
            notes.add(f"{shown(entry)} is there twice: leave one out")
    return tuple(topics[entry] for entry in entries if entry in topics)
