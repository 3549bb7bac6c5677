"""How a span went: reports and how soon they were seen, questions and how many had an answer, texts, feedback."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.clinic import Clinic
from bot.domain.escalation import Outcome, Tier
from bot.domain.unanswered import says_no_answer
from bot.services.ports import UnitOfWorkFactory
from bot.services.report_ports import Rating, ReportTimes, Span


@dataclass(frozen=True, slots=True)
class Day:
    """Reports that were opened on one day of the clinic's zone."""

    date: date
    counts: Mapping[Tier, int]


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds from a report to something, over those to which it happened; None: to none."""

    count: int
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class TierFigures:
    """Reports of one tier. `closed` and `false_alarms` are as staff said."""

    tier: Tier
    reports: int
    closed: int
    false_alarms: int
    to_page: Delay
    to_acknowledge: Delay
    to_first_message: Delay


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions: what had an approved answer, or was said to have none.

    `unassisted`: answered in talks in which no report was opened and nobody was asked for within the span.
    """

    answered: int
    unanswered: int
    unassisted: int

    @property
    def asked(self) -> int:
        """All of them."""
        return self.answered + self.unanswered

    @property
    def unanswered_share(self) -> float | None:
        """0 to 1; None where nothing was asked."""
        return self.unanswered / self.asked if self.asked else None

    @property
    def deflection(self) -> float | None:
        """Share of the questions that needed no person, 0 to 1; None where nothing was asked."""
        return self.unassisted / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class View:
    """The overview of a span; topics are most asked first."""

    since: date
    last: date
    days: tuple[Day, ...]
    tiers: tuple[TierFigures, ...]
    topics: tuple[tuple[str, int], ...]
    questions: Questions
    ratings: tuple[Rating, ...]
    texts: Mapping[tuple[str, str], int]


class OverviewDesk:
    """Counts; nothing of it is about one patient. Raises StorageUnavailable."""

    def __init__(self, readers: UnitOfWorkFactory, clinic: Clinic) -> None:
        self._readers = readers
        self._clinic = clinic
        self._zone = ZoneInfo(clinic.time_zone)

    def look(self, since: date, last: date) -> View:
        """From the first day to the last, both included, in the clinic's zone."""
        span = Span(self._midnight(since), self._midnight(last + timedelta(days=1)))
        with self._readers() as uow:
            overview = uow.overview
            reports = overview.reports(span)
            topics, unassisted = overview.topics(span), overview.unassisted(span)
            ratings, texts = overview.ratings(span), overview.texts(span)
        return View(
            since=since,
            last=last,
            days=self._days(since, last, reports),
            tiers=tuple(_figures(tier, [each for each in reports if each.tier is tier]) for tier in Tier),
            topics=tuple(Counter({t: n for t, n in topics.items() if self._is_question(t)}).most_common()),
            questions=Questions(
                answered=sum(count for topic, count in topics.items() if self._is_answer(topic)),
                unanswered=sum(count for topic, count in topics.items() if self._is_none(topic)),
                unassisted=sum(count for topic, count in unassisted.items() if self._is_answer(topic)),
            ),
            ratings=ratings,
            texts=texts,
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def _days(self, since: date, last: date, reports: Sequence[ReportTimes]) -> tuple[Day, ...]:
        counts = Counter((each.opened_at.astimezone(self._zone).date(), each.tier) for each in reports)
        days = (since + timedelta(days=number) for number in range((last - since).days + 1))
        return tuple(Day(day, {tier: counts[day, tier] for tier in Tier}) for day in days)

    def _is_answer(self, topic: str) -> bool:
        return topic.startswith("faq/") or topic in self._clinic.answers

    def _is_none(self, topic: str) -> bool:
        return says_no_answer(topic) and topic not in self._clinic.answers

    def _is_question(self, topic: str) -> bool:
        return self._is_answer(topic) or self._is_none(topic)


def _figures(tier: Tier, reports: Sequence[ReportTimes]) -> TierFigures:
    return TierFigures(
        tier=tier,
        reports=len(reports),
        closed=sum(each.outcome is not None for each in reports),
        false_alarms=sum(each.outcome == Outcome.FALSE_ALARM for each in reports),
        to_page=_delay([(each.opened_at, each.paged_at) for each in reports]),
        to_acknowledge=_delay([(each.opened_at, each.acknowledged_at) for each in reports]),
        to_first_message=_delay([(each.opened_at, each.answered_at) for each in reports]),
    )


def _delay(moments: Sequence[tuple[datetime, datetime | None]]) -> Delay:
    seconds = sorted((to - since).total_seconds() for since, to in moments if to is not None)
    if not seconds:
        return Delay(0, None, None)
    return Delay(len(seconds), statistics.median(seconds), seconds[math.ceil(0.95 * len(seconds)) - 1])
