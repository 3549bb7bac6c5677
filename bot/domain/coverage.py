"""What the on-call ladder covers, as people read it: stretches, gaps, and pages that wake nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.escalation import Tier
from bot.domain.on_call import Cover, Method, OnCall, coverage

# How far a start looks ahead.
DAYS = 14
WAKING = tuple(tier for tier in Tier if tier.wakes_staff)
_SHOWN = 3


def lines(on_call: OnCall, tier: Tier, covers: Sequence[Cover]) -> Iterator[str]:
    """The stretches of a tier in the clinic's time, one a line, and what they come to."""
    if not covers:
        return
    days = (covers[-1].end - covers[0].start).days
    yield f"{tier}: {days} {'day' if days == 1 else 'days'} from {_time(covers[0].start, on_call.zone)}, times of {on_call.zone.key}"
    for cover in covers:
        yield f"  {_from_to(cover, on_call.zone)}  {_whom(on_call, cover)}"
    gaps = [cover for cover in covers if cover.is_gap]
    yield f"  {_summary(gaps)}{_verdict(on_call, tier) if gaps else ''}"


def refused(on_call: OnCall, at: datetime, days: int = DAYS, tiers: Iterable[Tier] = WAKING) -> list[str]:
    """Gaps that the clinic has not allowed, one sentence a tier, with what to do."""
    problems = []
    for tier in tiers:
        gaps = [] if tier in on_call.allowed_gaps else _gaps(on_call, tier, at, days)
        if gaps:
            problems.append(
                f"on_call: for an {tier} report nobody is on call {_when(gaps, on_call.zone)}: put somebody on, "
                f"or accept it with `allow_gaps: [{tier}]`. `python -m bot coverage --tier {tier}` shows all hours"
            )
    return problems


def warnings(on_call: OnCall, at: datetime, sent: Collection[Method] = tuple(Method)) -> list[str]:
    """What a clinic may want for a trial, and must know: pages that only the log sees, nobody told in the end.

    `sent` are the methods that pages can be sent to.
    """
    found = []
    unsent = sorted({c.method for person in on_call.people.values() for c in person.contacts} - set(sent))
    if unsent:
        found.append(
            f"on_call: contacts of the kind {' and '.join(f'`{method}:`' for method in unsent)} CANNOT BE REACHED: such "
            "a page is passed over at once. Connect the clinic's telephone (`telephone`, docs/settings.md), or give each "
            "person a `url:` contact (docs/operations.md)"
        )
    unheard = _unheard(on_call, Tier.EMERGENCY, at, frozenset(sent) - {Method.LOG})
    if unheard:
        found.append(
            "on_call: AN EMERGENCY WAKES NOBODY: its pages reach nothing but the log "
            f"{_when(unheard, on_call.zone)}. Give somebody a contact other than `log` before patients rely on this"
        )
    if not on_call.last_resort:
        found.append("on_call: nobody is told when a ladder is through without an answer: name somebody in last_resort")
    return found


def _gaps(on_call: OnCall, tier: Tier, at: datetime, days: int) -> list[Cover]:
    return [cover for cover in coverage(on_call, tier, at, days) if cover.is_gap]


def _unheard(on_call: OnCall, tier: Tier, at: datetime, heard: frozenset[Method]) -> list[Cover]:
    """The stretches in which somebody is on call, and none of them has a contact that is heard."""
    found: list[Cover] = []
    for cover in coverage(on_call, tier, at, DAYS):
        people = {person for step in cover.steps for person in step}
        if not people or any(c.method in heard for person in people for c in on_call.people[person].contacts):
            continue
        if found and found[-1].end == cover.start:
            found[-1] = replace(found[-1], end=cover.end)
        else:
            found.append(cover)
    return found


def _is_log_only(on_call: OnCall, person: str) -> bool:
    return all(contact.method is Method.LOG for contact in on_call.people[person].contacts)


def _whom(on_call: OnCall, cover: Cover) -> str:
    if cover.is_gap:
        told = " + ".join(_named(on_call, person) for person in on_call.last_resort)
        return f"GAP: nobody is on call; {f'only the last resort is told: {told}' if told else 'nobody is told'}"
    return ", then ".join(" + ".join(_named(on_call, person) for person in step) for step in cover.steps)


def _named(on_call: OnCall, person: str) -> str:
    """The id, which is what a manager finds in `clinic.yml`."""
    return f"{person} (log only)" if _is_log_only(on_call, person) else person


def _summary(gaps: Sequence[Cover]) -> str:
    if not gaps:
        return "no gap"
    minutes = sum((gap.end - gap.start for gap in gaps), timedelta(0)) // timedelta(minutes=1)
    return f"{len(gaps)} {'gap' if len(gaps) == 1 else 'gaps'}, {minutes // 60} h {minutes % 60} min"


def _verdict(on_call: OnCall, tier: Tier) -> str:
    if tier in on_call.allowed_gaps:
        return f", allowed by `allow_gaps: [{tier}]`"
    return ", NOT ALLOWED"


def _when(stretches: Sequence[Cover], zone: ZoneInfo) -> str:
    """The first few; how many more."""
    shown = " and ".join(f"from {_time(s.start, zone)} to {_time(s.end, zone)}" for s in stretches[:_SHOWN])
    more = len(stretches) - _SHOWN
    return f"{shown} (and {more} more)" if more > 0 else shown


def _from_to(cover: Cover, zone: ZoneInfo) -> str:
    return f"{_time(cover.start, zone)} to {_time(cover.end, zone)}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    """With the zone's abbreviation: on one night of the year an hour comes twice."""
    return at.astimezone(zone).strftime("%a %Y-%m-%d %H:%M %Z")
