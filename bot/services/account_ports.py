"""What accounts, sessions and the audit need from the outside, as protocols."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.domain.staff import Staff


class Stage(enum.StrEnum):
    """How far a session has come."""

    SECOND_FACTOR = "second_factor"  # the password was right, the code is still to come
    ENROL = "enrol"  # the password was right, and a second factor has to be set up first
    SIGNED_IN = "signed_in"


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


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, from which session, and when that ends if nothing more is asked."""

    staff: Staff
    session: Session
    ends_at: datetime


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


class Audit(Protocol):
    """The hash-chained record of what people did. An entry is written when its transaction commits."""

    def append(self, actor: str, action: str, subject: str, detail: Mapping[str, Any], now: datetime) -> None: ...
