"""Who works with the console, and the rules for signing in."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from datetime import timedelta


class Role(enum.StrEnum):
    """What somebody may do. docs/console.md has the table."""

    NURSE = "nurse"  # reads and answers
    MANAGER = "manager"  # that too, and keeps the accounts
    AUDITOR = "auditor"  # reads, and changes nothing of a patient's


EVERYBODY = frozenset(Role)

_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")


@dataclass(frozen=True, slots=True)
class Staff:
    """One account. `person` is their id on the on-call list, None for who is not paged."""

    id: str
    user_name: str
    name: str
    role: Role
    person: str | None = None

    @property
    def by(self) -> str:
        """Who acts, as the use cases of an escalation take it."""
        return self.person or self.user_name


def user_name(typed: str) -> str:
    """The user name as it is stored: small letters. Raises ValueError with what is wrong."""
    name = typed.strip().lower()
    if not _USER_NAME.fullmatch(name):
        raise ValueError("a user name has 2 to 64 characters: letters a to z, digits and . _ @ + -")
    return name


@dataclass(frozen=True, slots=True)
class SignInRules:
    """What the clinic asks of its staff."""

    second_factor: frozenset[Role] = EVERYBODY
    idle: timedelta = timedelta(minutes=15)
    # However busy somebody is: a session ends.
    longest: timedelta = timedelta(hours=12)
    # From the password to the second factor.
    half_way: timedelta = timedelta(minutes=10)
    # What is sensitive asks for the password again after this.
    proof: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Provider:
    """The clinic's own sign-in service (OpenID Connect); `name` is what its button says."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str


# Tries that are free, and the wait after each further one: 1, 2, 4 … minutes.
TRIES_OF_AN_ACCOUNT = 5
TRIES_OF_AN_ADDRESS = 20  # a clinic has one address for many people
LONGEST_WAIT = timedelta(hours=1)
# After this long without a try all is forgotten.
FORGOTTEN_AFTER = timedelta(hours=24)


def wait_after(failures: int, free: int) -> timedelta:
    """How long nobody may try again after so many failures in a row."""
    if failures < free:
        return timedelta(0)
    return min(timedelta(minutes=1 << min(failures - free, 10)), LONGEST_WAIT)
