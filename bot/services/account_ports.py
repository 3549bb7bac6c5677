"""What accounts, sessions and the audit need from the outside, as protocols."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.audit import Action
from bot.domain.staff import Staff


class Stage(enum.StrEnum):
    """How far a session has come."""

    SECOND_FACTOR = "second_factor"  # the password was right, the code is still to come
    ENROL = "enrol"  # the password was right, and a second factor has to be set up first
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in, and with what. Without a password hash there is no way in but a link or the provider."""

    staff: Staff
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)
    password_changed_at: datetime | None = None
    totp_secret: str | None = field(default=None, repr=False)
    # The time step of the last code that was taken: no code is taken twice.
    totp_step: int = 0
    disabled: bool = False
    # Emergency access ends by itself.
    expires_at: datetime | None = None
    last_sign_in: datetime | None = None

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked for."""
        return self.totp_secret is not None

    def is_open(self, now: datetime) -> bool:
        """Whether anybody may sign in with it."""
        return not self.disabled and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one person. `id` is no secret; the cookie's token is, and is stored as a hash alone."""

    id: str
    staff_id: str
    csrf: str = field(repr=False)
    stage: Stage
    created_at: datetime
    last_seen: datetime
    # When the password was given last: what is sensitive asks again after a while.
    proved_at: datetime
    agent: str
    # Of a second factor: shown here as a QR code, and not confirmed by a first code yet.
    offered: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, from which session, and when that ends if nothing more is asked."""

    staff: Staff
    session: Session
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SetUpLink:
    """A link with which a password is chosen, once. Without an account it makes the first one."""

    staff_id: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit. `number` counts from 1 without gaps; the hashes are hexadecimal."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(repr=False)
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines are wanted; None: all of them. `before`: a number, for the next page."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """One line of an escalation's history with its hashes; None: from before there were any.

    `fields`: a hash of each field of its detail. Of a talk that was forgotten, some fields are gone.
    """

    id: int
    escalation_id: str
    reference: str
    at: datetime
    actor: str
    event: str
    detail: Mapping[str, Any] = field(repr=False)
    fields: Mapping[str, str]
    is_forgotten: bool
    previous: str | None
    hash: str | None


class Accounts(Protocol):
    """Stored accounts, with their recovery codes and set-up links."""

    def add(self, account: Account) -> None: ...
    def get(self, staff_id: str) -> Account | None: ...
    def hold(self, staff_id: str) -> Account | None: ...
    def by_user_name(self, user_name: str) -> Account | None: ...
    def by_person(self, person: str) -> Account | None: ...
    def listing(self) -> tuple[Account, ...]: ...
    def update(self, account: Account) -> None: ...
    def set_recovery_codes(self, staff_id: str, hashes: Sequence[str]) -> None: ...
    def use_recovery_code(self, staff_id: str, code_hash: str, now: datetime) -> bool: ...
    def recovery_codes_left(self, staff_id: str) -> int: ...
    def add_link(self, token_hash: str, link: SetUpLink, now: datetime) -> None: ...
    def link(self, token_hash: str, now: datetime) -> SetUpLink | None: ...
    def use_link(self, token_hash: str, now: datetime) -> bool: ...
    def end_links(self, staff_id: str | None, now: datetime) -> None: ...


class Sessions(Protocol):
    """Stored sessions; one that has ended is found by nobody."""

    def add(self, session: Session, token_hash: str) -> None: ...
    def by_token(self, token_hash: str) -> Session | None: ...
    def of(self, staff_id: str) -> tuple[Session, ...]: ...
    def touch(self, session_id: str, now: datetime) -> None: ...
    def prove(self, session_id: str, token_hash: str, csrf: str, now: datetime) -> None: ...
    def offer(self, session_id: str, secret: str | None) -> None: ...
    def end(self, session_id: str, reason: str, now: datetime) -> bool: ...
    def end_all(self, staff_id: str, reason: str, now: datetime, but: str | None = None) -> int: ...


class Attempts(Protocol):
    """Tries to sign in, by who or where from; the keys are hashes."""

    def take(self, keys: Mapping[str, int], now: datetime) -> timedelta: ...
    def forget(self, key: str) -> None: ...
    def give_back(self, key: str) -> None: ...


class PageLinks(Protocol):
    """Links in pages that have acknowledged: each does it once."""

    def use(self, page_id: str, now: datetime) -> bool: ...
    def is_used(self, page_id: str) -> bool: ...


class Audit(Protocol):
    """The hash-chained record of what people did. An entry is written when its transaction commits."""

    def append(
        self, actor: str, action: Action | str, subject: str, detail: Mapping[str, Any], now: datetime
    ) -> None: ...
    def listing(self, wanted: AuditFilter, limit: int) -> tuple[AuditEntry, ...]: ...
    def entries(self, after: int, limit: int) -> tuple[AuditEntry, ...]: ...
    def head(self) -> tuple[int, str, int]: ...
    def is_whole(self, entry: AuditEntry, previous: str) -> bool: ...
    def events(self, escalation_id: str, after: int, limit: int) -> tuple[ChainedEvent, ...]: ...
    def is_whole_event(self, event: ChainedEvent, previous: str) -> bool: ...


class PasswordHasher(Protocol):
    """Makes and checks password hashes; slow on purpose."""

    def hash(self, password: str) -> str: ...
    def is_right(self, password_hash: str | None, password: str) -> bool: ...
    def is_old(self, password_hash: str) -> bool: ...
