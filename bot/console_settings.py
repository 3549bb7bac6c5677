"""The staff console as an operator sets it: section `console` of `clinic.yml`, the provider and proxies from the environment."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.domain.canned import BLANKS, CannedReply
from bot.domain.proxies import Network
from bot.domain.staff import EVERYBODY, Provider, Role, SignInRules
from bot.on_call_settings.notes import Notes, hint, read_fields, read_list, read_minutes, read_word, shown

KEYS = ("second_factor", "idle_minutes", "canned_replies")
EXPLAINED: tuple[tuple[str, bool, str], ...] = (
    (
        "second_factor",
        False,
        "Who needs an authenticator app beside the password: `required` (everybody), `optional`, or a list of roles "
        "such as `[manager, auditor]`. Default required.",
    ),
    (
        "idle_minutes",
        False,
        "Minutes without work after which the console signs out, 1 to 720. Default 15. After 12 hours it does in any case.",
    ),
    (
        "canned_replies",
        False,
        "Replies that staff put into the reply box with one press: a list of `{title, text}`. `[clinic name]`, `[clinic phone]`, "
        "`[reference]` and `[my name]` are filled in. At most 40 of 1000 characters.",
    ),
)
EXAMPLE = """\
console:
  second_factor: required
  idle_minutes: 15
  canned_replies:
  - title: I am calling you
    text: This is [my name] of [clinic name]. I am calling you now. Please keep your telephone free."""
_CANNED_FORM = "a list such as [{title: I am calling, text: This is [my name]. I am calling you now.}]"
_MOST_CANNED = 40
_LONGEST_CANNED = 1000
_LONGEST_IDLE = 720
_FACTOR_FORM = "write required, optional, or a list of roles such as [manager, auditor]"


def read_console(data: Any, notes: Notes) -> SignInRules:
    """The section; everything that is wrong with it is reported at once."""
    if data is None:
        return SignInRules()
    rules, fields = SignInRules(), read_fields(data, notes, KEYS, "second_factor: required")
    if "second_factor" in fields:
        rules = replace(rules, second_factor=_roles(fields["second_factor"], notes.at("second_factor")))
    if "idle_minutes" in fields:
        rules = replace(rules, idle=read_minutes(fields["idle_minutes"], notes.at("idle_minutes"), 1, _LONGEST_IDLE))
    return rules


def read_canned_replies(data: Any, notes: Notes) -> tuple[CannedReply, ...]:
    """`canned_replies` of the section; everything that is wrong with it is reported at once."""
    given = data.get("canned_replies") if isinstance(data, dict) else None
    if given is None:
        return ()
    notes = notes.at("canned_replies")
    entries = read_list(given, notes, _CANNED_FORM)
    if len(entries) > _MOST_CANNED:
        notes.add(f"there are {len(entries)}: keep the {_MOST_CANNED} that are used most")
    replies = [_canned(entry, notes.at(number)) for number, entry in enumerate(entries, start=1)]
    titles = [reply.title for reply in replies]
    for title in sorted({title for title in titles if title and titles.count(title) > 1}):
        notes.add(f"the title {title!r} is there twice")
    return tuple(replies)


def _canned(data: Any, notes: Notes) -> CannedReply:
    fields = read_fields(data, notes, ("title", "text"), "{title: …, text: …}")
    title, text = read_word(fields.get("title"), notes.at("title"), "a title"), fields.get("text")
    if not isinstance(text, str) or not 0 < len(text.strip()) <= _LONGEST_CANNED:
        notes.at("text").add(f"{shown(text)} cannot be sent: write 1 to {_LONGEST_CANNED} characters")
        return CannedReply(title, "")
    for blank in re.findall(r"\[[^\]]*\]", text):
        if blank not in BLANKS:
            notes.at("text").add(f"{blank} is not filled in; {hint(blank, BLANKS)}")
    return CannedReply(title, text.strip())


def _roles(data: Any, notes: Notes) -> frozenset[Role]:
    if data in ("required", "optional"):
        return EVERYBODY if data == "required" else frozenset()
    if not isinstance(data, list):
        notes.add(f"{shown(data)} is not possible: {_FACTOR_FORM}")
        return EVERYBODY
    names = [str(role) for role in Role]
    for each in data:
        if each not in names:
            notes.add(f"there is no role {shown(each)}; {hint(str(each), names)}")
    return frozenset(Role(each) for each in data if each in names)


def read_provider(issuer: str, client_id: str, secret: str, name: str, problems: list[str]) -> Provider | None:
    """The clinic's own sign-in service; None when nothing of it is set."""
    values = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client_id, "OIDC_CLIENT_SECRET": secret}
    missing = [variable for variable, value in values.items() if not value]
    if len(missing) == len(values):
        return None
    if missing:
        problems.append(f"{' and '.join(missing)} missing: set all of {', '.join(values)}, or none")
        return None
    if not _is_issuer(issuer):
        problems.append(
            f"OIDC_ISSUER is {issuer!r}: give the https address whose /.well-known/openid-configuration exists"
        )
        return None
    return Provider(issuer.rstrip("/"), client_id, secret, name)


def _is_issuer(issuer: str) -> bool:
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        return False
    local = parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1")
    return bool(host) and not parts.query and not parts.fragment and (parts.scheme == "https" or local)


def read_proxies(text: str, problems: list[str]) -> tuple[Network, ...]:
    """Addresses and networks, by commas."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            problems.append(f"TRUSTED_PROXIES: {part!r} is neither an address nor a network such as 10.0.0.0/8")
    return tuple(found)
