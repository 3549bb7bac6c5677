"""The overview for managers and auditors: how a span went, in plots, tables and files. Nothing in it is a patient's."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from aiohttp import web

from bot.console import desk_parts, pages, plots, words
from bot.console.auth import run
from bot.console.routing import Route, get
from bot.domain.escalation import Tier
from bot.domain.staff import Role
from bot.services.overview import Delay, View

OVERVIEW: Final = "/staff/overview"
_READERS: Final = (Role.MANAGER, Role.AUDITOR)
_USUAL_DAYS: Final = 30
_MOST_DAYS: Final = 366
_MOST_PLOTTED: Final = 12
# What a spreadsheet would take for a formula.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """One table, as the page and the file have it."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def routes() -> list[Route]:
    """For managers and auditors."""
    return [get(OVERVIEW, look, *_READERS), get(f"{OVERVIEW}/{{table}}.csv", download, *_READERS)]


async def look(request: web.Request) -> web.Response:
    """The page; `?since=` and `?last=` are days, both included."""
    since, last, problem = _span(request)
    view = await run(request, request.app[desk_parts.OVERVIEW].look, since, last)
    return pages.render(
        request,
        "overview.html",
        view=view,
        problem=problem,
        words=words,
        tables={table.name: table for table in _tables(view)},
        plots=_plots(view),
        width=plots.WIDTH,
        query=f"since={since}&last={last}",
        spans=_spans(_today(request)),
        share=_share,
    )


async def download(request: web.Request) -> web.Response:
    """One table as CSV."""
    since, last, _ = _span(request)
    name = request.match_info["table"]
    view = await run(request, request.app[desk_parts.OVERVIEW].look, since, last)
    table = next((each for each in _tables(view) if each.name == name), None)
    if table is None:
        raise web.HTTPNotFound
    out = io.StringIO()
    csv.writer(out).writerows([[_cell(each) for each in row] for row in (table.header, *table.rows)])
    return web.Response(
        text=out.getvalue(),
        content_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}-{since}-{last}.csv"'},
    )


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text


# -- the span ------------------------------------------------------------------


def _today(request: web.Request) -> date:
    now: datetime = request.app[pages.CLOCK]()
    return now.astimezone(request.app[pages.ZONE]).date()


def _span(request: web.Request) -> tuple[date, date, str]:
    """First and last day, and what was wrong with what was asked for: the usual span is shown then."""
    today = _today(request)
    usual = (today - timedelta(days=_USUAL_DAYS - 1), today)
    given = request.query.get("since", ""), request.query.get("last", "")
    if given == ("", ""):
        return (*usual, "")
    since, last = _day(given[0]), _day(given[1])
    if since is None or last is None:
        return (*usual, "Give both days, such as 2026-03-01 and 2026-03-31. Shown are the last 30 days.")
    if not since <= last or (last - since).days >= _MOST_DAYS:
        return (*usual, "The last day comes after the first, at most 366 days later. Shown are the last 30 days.")
    return since, last, ""


def _day(text: str) -> date | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _spans(today: date) -> list[tuple[str, str]]:
    return [(f"{days} days", f"since={today - timedelta(days=days - 1)}&last={today}") for days in (7, 30, 90, 365)]


# -- tables --------------------------------------------------------------------


def _tables(view: View) -> tuple[Table, ...]:
    return (
        _reports(view),
        _times(view),
        _questions(view),
        _topics(view),
        _feedback(view),
        _outcomes(view),
        _texts(view),
    )


def _reports(view: View) -> Table:
    rows = [(str(day.date), *(str(day.counts[tier]) for tier in Tier)) for day in view.days]
    return Table("reports", "Reports a day and tier", ("Day", *(words.TIERS[tier] for tier in Tier)), tuple(rows))


def _times(view: View) -> Table:
    header = ["Tier", "Reports"]
    for name in ("to page", "to acknowledge", "to first message"):
        header += [f"Median {name} (s)", f"95th {name} (s)"]
    rows = []
    for each in view.tiers:
        delays = (each.to_page, each.to_acknowledge, each.to_first_message)
        cells = [_seconds(value) for delay in delays for value in _ends(delay)]
        rows.append((words.TIERS[each.tier], str(each.reports), *cells))
    return Table("times", "How soon", tuple(header), tuple(rows))


def _ends(delay: Delay) -> tuple[float | None, float | None]:
    return delay.median, delay.p95


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _questions(view: View) -> Table:
    q = view.questions
    counts = (
        ("Asked", q.asked),
        ("Answered", q.answered),
        ("Not answered", q.unanswered),
        ("Without a person", q.unassisted),
    )
    return Table("questions", "Questions", ("What", "Number"), tuple((name, str(count)) for name, count in counts))


def _topics(view: View) -> Table:
    rows = tuple((topic, str(count)) for topic, count in view.topics)
    return Table("topics", "Topics asked", ("Topic", "Replies"), rows)


def _feedback(view: View) -> Table:
    rows = tuple((each.topic, str(each.helpful), str(each.not_helpful)) for each in view.ratings)
    return Table("feedback", "What patients said of answers", ("Topic", "Helpful", "Not helpful"), rows)


def _outcomes(view: View) -> Table:
    rows = [
        (
            words.TIERS[each.tier],
            str(each.reports),
            str(each.closed),
            str(each.false_alarms),
            _share_of(each.false_alarms, each.closed),
        )
        for each in view.tiers
    ]
    header = ("Tier", "Reports", "Closed", "False alarms", "False alarms of closed")
    return Table("outcomes", "False alarms, as staff marked them", header, tuple(rows))


def _texts(view: View) -> Table:
    rows = tuple(
        (purpose, state.replace("_", " "), str(count)) for (purpose, state), count in sorted(view.texts.items())
    )
    return Table("texts", "Texts to patients", ("For", "State", "Number"), rows)


def _share_of(part: int, whole: int) -> str:
    return _share(part / whole) if whole else ""


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


# -- plots ---------------------------------------------------------------------


def _plots(view: View) -> dict[str, plots.Plot]:
    worst_last = tuple(reversed(Tier))
    days = [(f"{day.date:%b %d}", [(str(tier), day.counts[tier]) for tier in worst_last]) for day in view.days]
    totals = ", ".join(f"{each.reports} {words.TIERS[each.tier].lower()}" for each in view.tiers)
    drawn = {
        "reports": plots.columns("reports", "Reports a day", f"In all: {totals}. The table below has each day.", days)
    }
    if view.topics:
        shown = [(topic, [("good", count)]) for topic, count in view.topics[:_MOST_PLOTTED]]
        most = view.topics[0]
        told = f"The {len(shown)} most asked topics of {len(view.topics)}; first {most[0]} with {most[1]} replies."
        drawn["topics"] = plots.rows("topics", "Topics asked", told, shown)
    if view.ratings:
        drawn["feedback"] = plots.rows("feedback", "Helpful and not helpful", _rated(view), _worst_rated(view))
    return drawn


def _rated(view: View) -> str:
    good, bad = sum(each.helpful for each in view.ratings), sum(each.not_helpful for each in view.ratings)
    return f"{good} times helpful and {bad} times not, over {len(view.ratings)} topics; those most often not helpful first."


def _worst_rated(view: View) -> Sequence[tuple[str, plots.Parts]]:
    found = sorted(view.ratings, key=lambda each: (-each.not_helpful, -each.helpful, each.topic))[:_MOST_PLOTTED]
    return [(each.topic, [("good", each.helpful), ("bad", each.not_helpful)]) for each in found]
