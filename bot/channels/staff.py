"""The page behind the link in a page: who has it, and a button that says "I have it", once; then it leads to the console.

Opening the link changes nothing: mail scanners and link previews open links.
"""

from __future__ import annotations

import asyncio
import html
from pathlib import Path
from string import Template

from aiohttp import web

from bot.channels.errors import CLINIC, ApiProblem
from bot.channels.headers import SECURITY_HEADERS
from bot.domain.clock import utc_now
from bot.domain.errors import AlreadyTaken, IllegalMove, LinkUsed, StorageUnavailable
from bot.domain.links import AcknowledgeLinks
from bot.services.handling import Handling, PageView

HANDLING = web.AppKey("handling", Handling)
LINKS = web.AppKey("links", AcknowledgeLinks)

_PAGE = Template((Path(__file__).parent / "acknowledge.html").read_text(encoding="utf-8"))
_HEADERS = {**SECURITY_HEADERS, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def routes() -> list[web.RouteDef]:
    """Signed and short-lived; a link that is over leads to the staff's own ways."""
    return [web.get("/staff/pages/{token}", look), web.post("/staff/pages/{token}", acknowledge)]


async def look(request: web.Request) -> web.Response:
    """Where the escalation stands, without a word about the patient."""
    view = await _view(request)
    if view is None:
        return _over(request)
    if view.is_used:
        raise web.HTTPSeeOther(_case(view))
    return _answer(request, _state(view), button=view.can_be_acknowledged)


async def acknowledge(request: web.Request) -> web.Response:
    """The button was pressed."""
    view = await _view(request)
    if view is None:
        return _over(request)
    page_id = request.app[LINKS].open(request.match_info["token"], utc_now())
    try:
        await asyncio.to_thread(request.app[HANDLING].acknowledge, view.reference, view.person, "link", page_id)
    except LinkUsed:
        return _used(request, view)
    except (AlreadyTaken, IllegalMove) as error:
        return _answer(request, f"{error}.", status=409)
    except StorageUnavailable:
        return _answer(request, "This could not be stored. Please try again at once.", button=True, status=503)
    text = f"You have {view.reference}. Contact the patient now; nobody else is paged meanwhile."
    return _answer(request, text, case=_case(view))


def _used(request: web.Request, view: PageView) -> web.Response:
    """Pressed twice, or the answer to the first time got lost: whoever has it reads so once more."""
    if view.is_theirs and not view.can_be_acknowledged:
        return _answer(request, f"You have {view.reference}.", case=_case(view))
    text = f"This link was used before. {_state(view)} Sign in to the console, or use the newest page."
    return _answer(request, text, status=410, case=_case(view))


def _case(view: PageView) -> str:
    """Where the console has it; whoever has not signed in does so first."""
    return f"/staff/escalations/{view.reference}"


async def _view(request: web.Request) -> PageView | None:
    page_id = request.app[LINKS].open(request.match_info["token"], utc_now())
    if page_id is None:
        return None
    try:
        return await asyncio.to_thread(request.app[HANDLING].view, page_id)
    except StorageUnavailable:
        raise ApiProblem(503, "storage_unavailable", "The database does not answer. Try again in a moment.") from None


def _state(view: PageView) -> str:
    waiting = f"{view.tier} report {view.reference}, open since {view.opened_at:%Y-%m-%d %H:%M} UTC."
    if view.can_be_acknowledged:
        return f"{waiting} Nobody has taken it yet."
    return f"{waiting} It is {view.status.replace('_', ' ')}{f', with {view.owner}' if view.owner else ''}."


def _over(request: web.Request) -> web.Response:
    text = "This link is over. Use the newest page, or run `python -m bot acknowledge` with its reference and your name"
    return _answer(request, text, status=410)


def _answer(
    request: web.Request, text: str, button: bool = False, status: int = 200, case: str | None = None
) -> web.Response:
    form = '<form method="post"><button type="submit">I have it</button></form>' if button else ""
    form += f'<p><a href="{case}">Open it in the console</a></p>' if case else ""
    page = _PAGE.substitute(clinic=html.escape(request.app[CLINIC].name), text=html.escape(text), form=form)
    return web.Response(text=page, content_type="text/html", status=status, headers=_HEADERS)
