"""People, hours and ladders in a line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.escalation import Tier
from bot.domain.on_call import Contact, Ladder, Method, OnCall, Person, Step, Window

CHICAGO = ZoneInfo("America/Chicago")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clock moves by half an hour
WEEKDAYS, WEEKEND = range(5), (5, 6)


def window(days: Iterable[int], start: str, end: str) -> Window:
    """Hours as "17:00", "08:00"."""
    return Window(frozenset(days), time.fromisoformat(start), time.fromisoformat(end))


def person(id: str, *windows: Window, away: Iterable[tuple[date, date]] = (), method: Method = Method.SMS) -> Person:
    """Somebody with one contact."""
    return Person(id, id.title(), "nurse", (Contact(method, "+15550100101"),), windows, tuple(away))


def ladder(*steps: tuple[int, str], rounds: int = 3, pause: int = 5) -> Ladder:
    """Steps as (minutes after the one before, "noor lee")."""
    taken = tuple(Step(tuple(people.split()), timedelta(minutes=after)) for after, people in steps)
    return Ladder(taken, rounds, timedelta(minutes=pause))


def on_call(
    people: Iterable[Person],
    emergency: Ladder,
    *,
    last_resort: str = "",
    zone: ZoneInfo = CHICAGO,
    urgent: Ladder | None = None,
    allowed: Iterable[Tier] = (),
) -> OnCall:
    """A ladder for emergencies; one for urgent reports if given."""
    ladders: Mapping[Tier, Ladder] = {Tier.EMERGENCY: emergency, **({Tier.URGENT: urgent} if urgent else {})}
    by_id = {each.id: each for each in people}
    return OnCall(zone, by_id, ladders, {}, tuple(last_resort.split()), frozenset(allowed))


def local(text: str, zone: ZoneInfo = CHICAGO, fold: int = 0) -> datetime:
    """A wall-clock time such as "2026-03-02 17:00"; `fold` 1 is the second of an hour that comes twice."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
