"""The queue: what waits, most serious first."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from bot.console import desk_parts, feed, pages, words
from bot.console.auth import require, run
from bot.console.routing import Route, get
from bot.domain.escalation import Status, Tier
from bot.domain.staff import EVERYBODY
from bot.services.queue_ports import Counts, QueueFilter, Shown

QUEUE: Final = "/staff/queue"
_MOST_PAGES: Final = 10_000
_LONGEST_REFERENCE: Final = 8
_MOST_COUNTED: Final = 99
_SHOWN: Final = {
    Shown.WAITING: "Not closed",
    Shown.OPEN: "Nobody has it",
    Shown.ACKNOWLEDGED: "Acknowledged",
    Shown.WITH_STAFF: "In conversation",
    Shown.RESOLVED: "Closed",
}


def routes() -> list[Route]:
    """Everybody sees what waits."""
    return [
        get(QUEUE, look, *EVERYBODY),
        get(f"{QUEUE}/rows", rows, *EVERYBODY, background=True),
        get("/staff/icon.svg", icon, *EVERYBODY, background=True),
    ]


async def look(request: web.Request) -> web.Response:
    """The page."""
    return pages.render(request, "queue.html", **await _values(request))


async def rows(request: web.Request) -> web.Response:
    """What of the page changes by itself."""
    text = pages.fragment(request, "queue_rows.html", **await _values(request))
    return web.Response(text=text, content_type="text/html")


async def _values(request: web.Request) -> dict[str, Any]:
    fields = {name: value.strip() for name, value in request.query.items() if value.strip()}
    staff = require(request)
    wanted = read_filter(fields, staff.by)
    number = _page_number(fields.get("page", ""))
    # Before the list: what changes meanwhile is told again.
    latest = request.app[feed.FEED].latest
    page = await run(request, request.app[desk_parts.QUEUE].page, wanted, number)
    return {
        "page": page,
        "fields": fields,
        "wanted": wanted,
        "tiers": _tiers(page.counts, fields),
        "shown": _SHOWN,
        "channels": words.CHANNELS,
        "people": request.app[pages.PEOPLE],
        "newer": _address(fields, number - 1) if number else None,
        "older": _address(fields, number + 1) if page.more else None,
        "query": urlencode(fields),
        "change": latest.change if latest else 0,
        "words": words,
    }


def read_filter(fields: dict[str, str], by: str) -> QueueFilter:
    """What is wanted; what is no possible value is as if it had not been given."""
    shown, tier, channel = (fields.get(name, "") for name in ("shown", "tier", "channel"))
    return QueueFilter(
        shown=Shown(shown) if shown in list(Shown) else Shown.WAITING,
        tier=Tier(tier) if tier in list(Tier) else None,
        owner=by if fields.get("mine") else None,
        channel=channel if channel in words.CHANNELS else None,
        reference=fields.get("reference", "").upper()[:_LONGEST_REFERENCE] or None,
    )


def _page_number(text: str) -> int:
    return min(int(text), _MOST_PAGES) if text.isdecimal() and text.isascii() and len(text) < 9 else 0


def _address(fields: dict[str, str], number: int) -> str:
    return f"{QUEUE}?{urlencode({**fields, 'page': str(number)})}"


def _tiers(counts: Counts, fields: dict[str, str]) -> list[dict[str, Any]]:
    """For each tier how many wait, how many nobody has, and where they are listed; again: all of them."""
    others = {name: value for name, value in fields.items() if name not in ("tier", "page")}
    found = []
    for tier in Tier:
        is_chosen = fields.get("tier") == tier
        found.append(
            {
                "tier": tier,
                "name": words.TIERS[tier],
                "waiting": sum(count for (each, _), count in counts.items() if each is tier),
                "open": counts.get((tier, Status.OPEN), 0),
                "chosen": is_chosen,
                "href": f"{QUEUE}?{urlencode(others if is_chosen else {**others, 'tier': str(tier)})}",
            }
        )
    return found


async def icon(request: web.Request) -> web.Response:
    """The icon with a number; red for an emergency that nobody has."""
    text = request.query.get("n", "")
    number = min(int(text), _MOST_COUNTED) if text.isdecimal() and text.isascii() and len(text) < 6 else 0
    colour = "#b3261e" if request.query.get("alarm") == "1" else "#0e5c59"
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="8" fill="{colour}"/>'
        '<text x="16" y="23.5" text-anchor="middle" font-family="system-ui, sans-serif" font-size="20" '
        f'font-weight="700" fill="#fff">{number}</text></svg>'
    )
    return web.Response(text=drawing, content_type="image/svg+xml")
