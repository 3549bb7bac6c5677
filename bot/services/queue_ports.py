"""What the working part of the console reads and keeps, as protocols."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.escalation import Escalation, Status, Tier
from bot.domain.messages import Reply


class Shown(enum.StrEnum):
    """Which escalations are listed, by where they stand."""

    WAITING = "waiting"  # all that are not closed
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    WITH_STAFF = "with_staff"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is wanted; None: all. `reference`: how it begins."""

    shown: Shown = Shown.WAITING
    tier: Tier | None = None
    owner: str | None = None
    channel: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class LastPage:
    """The page that left last. `person` and `contact` (counted from 0) are of the on-call list."""

    person: str
    contact: int
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. Nothing in it is what a patient wrote."""

    escalation: Escalation
    channel: str
    language: str
    unread: int
    page: LastPage | None
    # A page is still to go.
    paging: bool


# How many wait, by tier and status.
Counts = Mapping[tuple[Tier, Status], int]


@dataclass(frozen=True, slots=True)
class MarkedWords:
    """What the screen found in a message, at a character offset of what it read: several messages read as one, perhaps."""

    start: int
    words: str = field(repr=False)
    category: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the assistant could not answer, and what it said instead."""

    message_id: str
    conversation_id: str
    text: str = field(repr=False)
    reply: Reply = field(repr=False)
    channel: str
    language: str
    asked_at: datetime
    # Its escalation that is not closed, if there is one.
    reference: str | None = None
    done_by: str | None = None
    done_how: str | None = None


class Queue(Protocol):
    """Escalations as a list, and what belongs to one of them."""

    def rows(self, wanted: QueueFilter, limit: int, offset: int) -> tuple[QueueRow, ...]: ...
    def counts(self) -> Counts: ...
    def unclaimed(self, tier: Tier, limit: int) -> tuple[str, ...]: ...  # references that nobody has
    def of_conversation(self, conversation_id: str) -> tuple[Escalation, ...]: ...
    def sent_pages(self, escalation_id: str, limit: int) -> tuple[LastPage, ...]: ...
    def last_position(self, conversation_id: str) -> int: ...
    def marks(self, conversation_id: str, positions: Collection[int]) -> Mapping[int, Sequence[MarkedWords]]: ...
    def text_states(self, conversation_id: str) -> Mapping[int, str]: ...  # by position; the part that is worst
    def read_up_to(self, conversation_id: str, position: int, now: datetime) -> None: ...


class Questions(Protocol):
    """Questions that nobody has answered, and what was done about them."""

    def listing(self, before: datetime | None, limit: int) -> tuple[Question, ...]: ...
    def get(self, message_id: str) -> Question | None: ...
    def finish(self, message_id: str, how: str, by: str, now: datetime) -> bool: ...
