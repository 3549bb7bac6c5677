"""How long what patients wrote is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """Since the last thing that happened to each. The audit is not in it: it is kept as long as the database."""

    # Talks in which nothing was reported, with their texts and calls.
    talks: timedelta = timedelta(days=365)
    # Talks of which staff had a report: also their words in its history.
    reports: timedelta = timedelta(days=2557)
    feedback: timedelta = timedelta(days=730)
    # What Rasa remembers of a talk.
    memory: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """The same as moments: what was not touched since may go."""

    talks: datetime
    reports: datetime
    feedback: datetime
    memory: datetime

    @classmethod
    def of(cls, retention: Retention, now: datetime) -> Limits:
        """As they are now."""
        return cls(now - retention.talks, now - retention.reports, now - retention.feedback, now - retention.memory)
