"""The audit, for who has to look into it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from bot.console import pages, parts
from bot.console.auth import require, run
from bot.console.routing import Route, get, post
from bot.domain.audit import Action
from bot.domain.staff import Role
from bot.services.account_ports import AuditFilter

_AUDIT: Final = "/staff/audit"
_PAGE: Final = 100
_LONGEST: Final = 64
_NUMBER_DIGITS: Final = 9


def routes() -> list[Route]:
    """For managers and auditors."""
    return [
        get(_AUDIT, look, Role.MANAGER, Role.AUDITOR),
        post(f"{_AUDIT}/verify", verify, Role.MANAGER, Role.AUDITOR),
    ]


async def look(request: web.Request) -> web.Response:
    """The newest lines first, by what is asked for."""
    fields = {name: _plain(value) for name, value in request.query.items()}
    wanted = _filter(request, fields)
    found = await run(request, request.app[parts.AUDIT].listing, require(request).user_name, wanted, _PAGE + 1)
    shown = found[:_PAGE]
    older = None
    if len(found) > _PAGE:
        kept = {name: value for name, value in fields.items() if name != "before" and value}
        older = f"{_AUDIT}?{urlencode({**kept, 'before': shown[-1].number})}"
    values: dict[str, Any] = {"entries": shown, "older": older, "fields": fields, "actions": tuple(Action)}
    return pages.render(request, "audit.html", **values)


async def verify(request: web.Request) -> web.Response:
    """Check both chains from their beginning."""
    verdict = await run(request, request.app[parts.AUDIT].verify, require(request).user_name)
    if verdict.broken:
        return pages.redirect(request, _AUDIT, f"The record was changed: {verdict.broken}.", "problem")
    text = f"Nothing was changed: {verdict.entries} lines of the audit and {verdict.events} of histories hold together."
    return pages.redirect(request, _AUDIT, text)


def _filter(request: web.Request, fields: dict[str, str]) -> AuditFilter:
    """What is not a date or a number is as if it had not been given."""
    before = fields.get("before", "")
    return AuditFilter(
        actor=fields.get("actor", "").lower() or None,
        action=fields.get("action") or None,
        subject=fields.get("subject") or None,
        since=_midnight(request, fields.get("since", "")),
        until=_midnight(request, fields.get("until", ""), timedelta(days=1)),
        before=int(before) if before.isdecimal() and before.isascii() and len(before) <= _NUMBER_DIGITS else None,
    )


def _midnight(request: web.Request, text: str, later: timedelta = timedelta(0)) -> datetime | None:
    """The beginning of a day in the clinic's zone, or of one so many days later."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date() + later  # noqa: DTZ007 - a day alone
        return datetime.combine(day, time(), request.app[pages.ZONE]).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _plain(value: str) -> str:
    return "".join(c for c in value if c.isprintable()).strip()[:_LONGEST]
