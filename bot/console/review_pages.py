"""Messages just below the line, and questions without an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.console import desk_parts, pages, parts, words
from bot.console.auth import form, require, run
from bot.console.case_pages import CASES, LONGEST_MESSAGE, too_long
from bot.console.routing import Route, get, post
from bot.domain.audit import Action
from bot.domain.errors import AlreadyTaken, IllegalMove, NotFound
from bot.domain.escalation import Tier
from bot.domain.staff import EVERYBODY, Role
from bot.services.questions import PAGE
from bot.services.queue_ports import QueueFilter
from bot.services.reviews import ReviewProblem

BORDERLINE: Final = "/staff/borderline"
QUESTIONS: Final = "/staff/questions"
_HANDS: Final = (Role.NURSE, Role.MANAGER)


def routes() -> list[Route]:
    """Everybody reads; nurses and managers decide."""
    return [
        get(BORDERLINE, borderline, *EVERYBODY),
        post(f"{BORDERLINE}/{{reference}}", decide, *_HANDS),
        get(QUESTIONS, questions, *EVERYBODY),
        post(f"{QUESTIONS}/{{message}}/answer", answer, *_HANDS),
        post(f"{QUESTIONS}/{{message}}/put-aside", put_aside, *_HANDS),
        post(f"{QUESTIONS}/{{message}}/draft", draft, *_HANDS),
    ]


# -- borderline ----------------------------------------------------------------


async def borderline(request: web.Request) -> web.Response:
    """Likeliest reports first."""
    found = await run(request, request.app[desk_parts.REVIEWS].listing)
    if found:
        note = request.app[parts.AUDIT].note
        user_name = require(request).user_name
        await run(request, note, user_name, Action.BORDERLINE_READ, "", {"count": len(found)})
    values: dict[str, Any] = {"found": found, "words": words, "tiers": words.TIERS, "now": request.app[pages.CLOCK]()}
    return pages.render(request, "borderline.html", **values, acts=require(request).role in _HANDS)


async def decide(request: web.Request) -> web.Response:
    """One click: a report, or not."""
    fields, by = await form(request), require(request).by
    reference = request.match_info["reference"]
    is_report = fields.get("decision") == "report"
    if not is_report and fields.get("decision") != "not_a_report":
        return pages.redirect(request, BORDERLINE, "Choose one of the two.", "problem")
    tier = Tier(fields["tier"]) if fields.get("tier") in list(Tier) else None
    try:
        escalation = await run(request, request.app[desk_parts.REVIEWS].decide, reference, by, is_report, tier)
    except ReviewProblem:
        return pages.redirect(request, BORDERLINE, "Somebody has decided about that one.", "problem")
    except OSError:
        said = "Nothing was stored: the disk does not take it. Try again, and tell whoever runs the server."
        return pages.redirect(request, BORDERLINE, said, "problem")
    if escalation is None:
        return pages.redirect(request, BORDERLINE, "Not a report. The screen learns from it.")
    return pages.redirect(
        request, f"{CASES}/{escalation.reference}", "It is a report now, and is paged as its tier says."
    )


# -- questions -----------------------------------------------------------------


async def questions(request: web.Request) -> web.Response:
    """Latest first, and requests for a person."""
    return await _questions(request)


async def _questions(
    request: web.Request, error: str = "", typed: tuple[str, str] = ("", ""), status: int = 200
) -> web.Response:
    staff, desk = require(request), request.app[desk_parts.QUESTIONS]
    found = await run(request, desk.listing, staff, _moment(request.query.get("before", "")))
    requests = await run(request, request.app[desk_parts.QUEUE].page, QueueFilter(tier=Tier.ROUTINE), 0)
    older = None
    if len(found) > PAGE:
        older = f"{QUESTIONS}?{urlencode({'before': found[PAGE - 1].asked_at.isoformat()})}"
    return pages.render(
        request,
        "questions.html",
        status=status,
        found=found[:PAGE],
        requests=requests,
        older=older,
        error=error,
        typed=typed,
        words=words,
        longest=LONGEST_MESSAGE,
        acts=staff.role in _HANDS,
    )


async def answer(request: web.Request) -> web.Response:
    """To the patient."""
    message, text = request.match_info["message"], (await form(request)).get("text", "")
    if problem := too_long(text, LONGEST_MESSAGE):
        return await _questions(request, problem, (message, text), 422)
    try:
        await run(request, request.app[desk_parts.HANDLING].answer_question, message, require(request).by, text)
    except NotFound:
        return pages.redirect(request, QUESTIONS, "That question is not there any more.", "problem")
    except (AlreadyTaken, IllegalMove) as error:
        said = (
            "Somebody has seen to it." if isinstance(error, IllegalMove) else f"{error}: they speak with the patient."
        )
        return await _questions(request, said, (message, text), 409)
    return pages.redirect(request, QUESTIONS, "Sent to the patient.")


async def put_aside(request: web.Request) -> web.Response:
    """Nothing needs to be done."""
    try:
        work = request.app[desk_parts.QUESTIONS].put_aside
        await run(request, work, request.match_info["message"], require(request))
    except (NotFound, IllegalMove):
        return pages.redirect(request, QUESTIONS, "Somebody has seen to it.", "problem")
    return pages.redirect(request, QUESTIONS, "Put aside.")


async def draft(request: web.Request) -> web.Response:
    """A file for whoever writes the answers; nothing is changed here."""
    text = (await form(request)).get("text", "")
    try:
        work = request.app[desk_parts.QUESTIONS].draft
        name, content = await run(request, work, request.match_info["message"], require(request), text)
    except NotFound:
        raise web.HTTPNotFound from None
    disposition = f"attachment; filename={quote(name)}"
    return web.Response(text=content, content_type="application/yaml", headers={"Content-Disposition": disposition})


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
