"""What reports are made of, as protocols: one incident, and the overview of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.domain.escalation import Tier
from bot.domain.retention import Limits


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page: to whom, by which of their contacts (counted from 0), and what came of it."""

    person: str
    contact: int
    step: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class TextRecord:
    """One text to a patient, by the position of its message in the talk. Its words are those of the message."""

    position: int | None
    part: int
    purpose: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One telephone call."""

    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment on, until before another."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """One report, and when what was due for it happened first."""

    tier: Tier
    opened_at: datetime
    outcome: str | None
    paged_at: datetime | None
    acknowledged_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rating:
    """What patients said of the answers to one topic."""

    topic: str
    helpful: int
    not_helpful: int


class Incidents(Protocol):
    """What belongs to one escalation, beside its talk and its history."""

    def pages(self, escalation_id: str) -> tuple[PageRecord, ...]: ...
    def texts(self, conversation_id: str, span: Span) -> tuple[TextRecord, ...]: ...
    def calls(self, conversation_id: str, span: Span) -> tuple[CallRecord, ...]: ...
    def reported(self, escalation_id: str) -> frozenset[int]: ...  # positions of the messages that led to it
    def screenings(self, conversation_id: str, positions: frozenset[int]) -> Mapping[int, Mapping[str, Any]]: ...


class Overview(Protocol):
    """Counts of a span; drills never count, and no row of a patient is opened."""

    def reports(self, span: Span) -> tuple[ReportTimes, ...]: ...
    def topics(self, span: Span) -> Mapping[str, int]: ...  # replies by topic
    def unassisted(self, span: Span) -> Mapping[str, int]: ...  # the same of talks in which no report was opened
    def ratings(self, span: Span) -> tuple[Rating, ...]: ...
    def texts(self, span: Span) -> Mapping[tuple[str, str], int]: ...  # by purpose and state


class RetainedData(Protocol):
    """What is kept no longer. `closed_before`: a report that was closed later may be taken up again."""

    def talks(self, limits: Limits, closed_before: datetime, limit: int) -> tuple[str, ...]: ...
    def count_talks(self, limits: Limits, closed_before: datetime) -> int: ...
    def is_due(self, conversation_id: str, limits: Limits, closed_before: datetime) -> bool: ...
    def count_feedback(self, before: datetime) -> int: ...
    def delete_feedback(self, before: datetime, limit: int) -> int: ...
