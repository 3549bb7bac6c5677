"""An escalation: a report or a request that a member of staff has to see to the end."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.errors import IllegalMove

# No 0/O, 1/I/L, 5/S, 2/Z, 8/B or U/V: a nurse reads this over the telephone.
SAYABLE = "3479ACDEFGHJKMNPQRTWXY"
REFERENCE_LENGTH = 5


class Tier(enum.StrEnum):
    """How soon a person must look, most serious first.

    Source of the first three: `docs/clinical-safety.md` (FDA serious adverse
    event, CTCAE v5 grades, NHS 999 and 111 lists). `routine` is a plain
    request for a person or a question that the assistant could not answer.
    """

    EMERGENCY = "emergency"
    URGENT = "urgent"
    SAME_DAY = "same_day"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 for the most serious."""
        return list(Tier).index(self)

    def worst(self, other: Tier) -> Tier:
        """The more serious of the two."""
        return min(self, other, key=lambda tier: tier.rank)

    @property
    def wakes_staff(self) -> bool:
        """Whether a page goes out at once, at any hour."""
        return self in (Tier.EMERGENCY, Tier.URGENT)


class Status(enum.StrEnum):
    """Where an escalation stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    WITH_STAFF = "with_staff"
    RESOLVED = "resolved"


# Who may follow whom. Back to open: an acknowledgement that led to nothing, a
# higher tier in an open case, a new report after the end.
LEGAL_MOVES: Mapping[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.ACKNOWLEDGED, Status.WITH_STAFF, Status.RESOLVED}),
    Status.ACKNOWLEDGED: frozenset({Status.OPEN, Status.WITH_STAFF, Status.RESOLVED}),
    Status.WITH_STAFF: frozenset({Status.OPEN, Status.RESOLVED}),
    Status.RESOLVED: frozenset({Status.OPEN}),
}


class Outcome(enum.StrEnum):
    """How a resolved escalation ended, as the staff say."""

    HANDLED = "handled"
    SENT_TO_EMERGENCY = "sent_to_emergency"
    NOT_REACHED = "not_reached"
    FALSE_ALARM = "false_alarm"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One escalation as stored; `reference` is what people call it by.

    `cycle` counts how often the ladder was started; `owner` is the id of the
    person who acknowledged it or took it over last.
    """

    id: str
    reference: str
    conversation_id: str
    tier: Tier
    categories: tuple[str, ...]
    status: Status
    reason: str
    opened_at: datetime
    updated_at: datetime
    # What the patient writes, as an ISO 639-1 code, for whoever answers.
    language: str = "en"
    cycle: int = 0
    owner: str | None = None
    outcome: Outcome | None = None
    # A synthetic report that tries the way out: never wakes anybody, never counts.
    canary: bool = False

    def moved(self, to: Status, now: datetime, **changes: Any) -> Escalation:
        """The escalation after a legal move; IllegalMove says why there is none."""
        if to not in LEGAL_MOVES[self.status]:
            raise IllegalMove(self.reference, self.status, to)
        return replace(self, status=to, updated_at=now, **changes)


def new_reference() -> str:
    """A short code that can be said and typed; about 5 million of them."""
    return "".join(secrets.choice(SAYABLE) for _ in range(REFERENCE_LENGTH))
