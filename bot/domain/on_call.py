"""Who is on call, and how they are reached: the clinic's ladder as `clinic.yml` has it."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.escalation import Tier


class Method(enum.StrEnum):
    """How a page leaves the house."""

    SMS = "sms"  # our own sender, to a telephone number
    CALL = "call"  # our own sender, to a telephone number
    URL = "url"  # Apprise; the address is the name of an environment variable that holds its URL
    LOG = "log"  # a line in the log: for trying it out, nobody is woken


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a person."""

    method: Method
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of a week, in the clinic's wall-clock time. Days: 0 is Monday.

    An `end` that is not after `start` is on the next day; equal: a whole day.
    """

    days: frozenset[int]
    start: time
    end: time

    def holds(self, local: datetime) -> bool:
        """Whether a local time lies in it."""
        clock, today = local.time().replace(tzinfo=None), local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        yesterday = (today - 1) % 7
        return (today in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be paged. Patients are told `name` (a first name) and `role`."""

    id: str
    name: str
    role: str
    contacts: tuple[Contact, ...]
    windows: tuple[Window, ...] = ()  # none: always
    away: tuple[tuple[date, date], ...] = ()  # first and last day, local

    def is_on(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether they are on call at a moment."""
        local = at.astimezone(zone)
        if any(first <= local.date() <= last for first, last in self.away):
            return False
        return not self.windows or any(window.holds(local) for window in self.windows)


@dataclass(frozen=True, slots=True)
class Step:
    """Who is paged, and how long after the step before (the first: after the report)."""

    people: tuple[str, ...]
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of a tier, run again `pause` after the last one until somebody acknowledges.

    After `rounds` of them the last resort is told, then at the end of each further round.
    """

    steps: tuple[Step, ...]
    rounds: int
    pause: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each stage may take before its next step."""

    answer: timedelta  # reported, and nobody has acknowledged: the patient is told to call
    take_over: timedelta  # acknowledged, and nobody has taken it over: paging resumes
    first_message: timedelta  # taken over, and not a word to the patient: paging resumes
    close: timedelta  # answered, and not closed: the owner is reminded


@dataclass(frozen=True, slots=True)
class OnCall:
    """Everything about reaching staff."""

    zone: ZoneInfo
    people: Mapping[str, Person]
    ladders: Mapping[Tier, Ladder]
    limits: Mapping[Tier, Limits]
    last_resort: tuple[str, ...] = ()
    # Tiers for which hours with nobody on call are accepted by the clinic.
    allowed_gaps: frozenset[Tier] = frozenset()

    def on(self, people: Iterable[str], at: datetime) -> tuple[str, ...]:
        """Those of `people` who are on call at a moment, in their order."""
        return tuple(name for name in people if self.people[name].is_on(at, self.zone))

    def paged(self, tier: Tier, at: datetime) -> tuple[tuple[str, ...], ...]:
        """Whom each step of a tier's ladder would reach, were it taken at `at`; steps that reach nobody are left out."""
        ladder = self.ladders.get(tier)
        reached = (self.on(step.people, at) for step in ladder.steps) if ladder else ()
        return tuple(people for people in reached if people)


@dataclass(frozen=True, slots=True)
class Cover:
    """A stretch of time in which the same people would be paged. Aware UTC times, end not included."""

    start: datetime
    end: datetime
    steps: tuple[tuple[str, ...], ...]

    @property
    def is_gap(self) -> bool:
        """Whether nobody would be paged."""
        return not self.steps


def coverage(on_call: OnCall, tier: Tier, start: datetime, days: int) -> tuple[Cover, ...]:
    """Whom a report would page at each minute from `start` on, equal minutes joined.

    Only minutes at which something can change are looked at. Read in UTC, so
    that no hour of a clock change is left out or told twice.
    """
    first = start.astimezone(UTC).replace(second=0, microsecond=0)
    end = first + timedelta(days=days)
    found: list[Cover] = []
    for at in sorted(at for at in {first, *_changes(on_call, first, end)} if first <= at < end):
        steps = on_call.paged(tier, at)
        if found and found[-1].steps == steps:
            continue
        if found:
            found[-1] = replace(found[-1], end=at)
        found.append(Cover(at, end, steps))
    return tuple(found)


def _changes(on_call: OnCall, first: datetime, end: datetime) -> Iterator[datetime]:
    """The minutes at which somebody's hours or days away can begin or end."""
    windows = [window for person in on_call.people.values() for window in person.windows]
    clocks = {time(0), *(clock for window in windows for clock in (window.start, window.end))}
    day = first.astimezone(on_call.zone).date()
    while day <= end.astimezone(on_call.zone).date():
        # An hour that the clock shows twice has both its meanings.
        for clock, fold in itertools.product(clocks, (0, 1)):
            local = datetime.combine(day, clock, tzinfo=on_call.zone).replace(fold=fold)
            yield _whole_minute(local.astimezone(UTC))
        day += timedelta(days=1)
    yield from _clock_changes(on_call.zone, first, end)


def _clock_changes(zone: ZoneInfo, first: datetime, end: datetime) -> Iterator[datetime]:
    """Every minute of an hour in which the zone's offset changes: hours may begin or end with a time that is left out."""
    hour = timedelta(hours=1)
    while first < end:
        if first.astimezone(zone).utcoffset() != (first + hour).astimezone(zone).utcoffset():
            yield from (first + timedelta(minutes=minute) for minute in range(1, 61))
        first += hour


def _whole_minute(at: datetime) -> datetime:
    """The first whole minute that is not before a moment."""
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)
