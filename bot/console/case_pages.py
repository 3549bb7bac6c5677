"""One escalation: read it, have it, speak with the patient, close it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from bot.console import desk_parts, pages, words
from bot.console.auth import Refused, form, require, run
from bot.console.routing import Route, get, post
from bot.domain.errors import AlreadyTaken, AnotherOpen, AssistantError, IllegalMove, NotFound, ReasonNeeded
from bot.domain.escalation import Outcome, Status, Tier
from bot.domain.staff import EVERYBODY, Role, Staff
from bot.services.cases import Case
from bot.services.staff_names import first_name

CASES: Final = "/staff/escalations"
_ONE: Final = f"{CASES}/{{reference}}"
_HANDS: Final = (Role.NURSE, Role.MANAGER)
LONGEST_MESSAGE: Final = 1500
_LONGEST_NOTE: Final = 4000
_LONGEST_REASON: Final = 1000
_FOLLOWING: Final = "talk"
_FOLLOWING_LIFETIME: Final = timedelta(hours=12)
_TOLD: Final = (AlreadyTaken, AnotherOpen, IllegalMove, ReasonNeeded)

Page = Callable[[web.Request], Awaitable[web.Response]]


def routes() -> list[Route]:
    """Everybody reads; nurses and managers act."""
    moves: Mapping[str, Page] = {
        "acknowledge": acknowledge,
        "take-over": take_over,
        "reply": reply,
        "note": note,
        "tier": change_tier,
        "hand-back": hand_back,
        "resolve": resolve,
        "reopen": reopen,
    }
    return [
        get(_ONE, look, *EVERYBODY),
        get(f"{_ONE}/live", live, *EVERYBODY, background=True),
        *(post(f"{_ONE}/{name}", move, *_HANDS) for name, move in moves.items()),
        post(f"{_ONE}/typing", typing, *_HANDS, background=True),
    ]


# -- reading -------------------------------------------------------------------


async def look(request: web.Request) -> web.Response:
    """The page; with `?before=` earlier messages, with `?canned=` a reply in the box."""
    return await _page(request, draft=_canned(request))


async def _page(
    request: web.Request, draft: str = "", note: str = "", error: str = "", status: int = 200
) -> web.Response:
    staff, before = require(request), _number(request.query.get("before", ""))
    case = await _found(request, request.app[desk_parts.CASES].open, _reference(request), staff, before)
    following = request.app[pages.SIGNER].sign(
        _FOLLOWING, {"case": case.escalation.reference, "staff": staff.id}, case.now, _FOLLOWING_LIFETIME
    )
    return pages.render(
        request,
        "case.html",
        status=status,
        **_values(request, case, staff),
        draft=draft,
        note=note,
        error=error,
        following=following,
        before=before,
    )


def _values(request: web.Request, case: Case, staff: Staff) -> dict[str, Any]:
    escalation = case.escalation
    with_somebody = escalation.status is Status.WITH_STAFF
    is_mine = escalation.owner == staff.by
    return {
        "case": case,
        "escalation": escalation,
        "words": words,
        "acts": staff.role in _HANDS,
        "may_have_packet": is_mine or staff.role is not Role.NURSE,
        "is_mine": is_mine and escalation.status is not Status.OPEN,
        "watches": with_somebody and not is_mine,
        "may_overrule": staff.role is Role.MANAGER,
        "owner": case.names.get(escalation.owner or "", escalation.owner),
        "people": request.app[pages.PEOPLE],
        "canned": [each.title for each in request.app[desk_parts.CANNED]],
        "canned_texts": _canned_texts(request, escalation.reference),
        "tiers": words.TIERS,
        "outcomes": words.OUTCOMES,
        "longest": LONGEST_MESSAGE,
        "standing": f"{escalation.status}/{escalation.owner}/{escalation.tier}/{case.stopped}",
    }


async def live(request: web.Request) -> web.Response:
    """What has changed since somebody opened the page, as pieces of it. Only who has opened it gets it."""
    staff, reference = require(request), _reference(request)
    token, clock = request.query.get("token", ""), request.app[pages.CLOCK]
    if request.app[pages.SIGNER].open(_FOLLOWING, token, clock()) != {"case": reference, "staff": staff.id}:
        raise Refused(403, "Open it again", "This page is too old to be followed. Load it again.")
    after = _number(request.query.get("after", "")) or 0
    case = await _found(request, request.app[desk_parts.CASES].after, reference, after)
    if request.query.get("seen") == "1" and case.lines:
        await run(request, request.app[desk_parts.CASES].seen, reference, staff, case.position)
    values = _values(request, case, staff)
    parts = {name: pages.fragment(request, f"case_{name}.html", **values) for name in ("head", "lines", "history")}
    if request.query.get("standing") != values["standing"]:
        parts["actions"] = pages.fragment(request, "case_actions.html", **values, draft="", note="")
    told = {"standing": values["standing"], "position": case.position, "writing_seconds": case.writing_seconds}
    return web.json_response({**parts, **told})


# -- acting --------------------------------------------------------------------


def _move(work: Page) -> Page:
    """A change that cannot be made is said on the page, with what was typed still there."""

    @functools.wraps(work)
    async def handler(request: web.Request) -> web.Response:
        try:
            return await work(request)
        except NotFound:
            raise web.HTTPNotFound from None
        except _TOLD as error:
            return await _problem(request, _sentence(error), 409)

    return handler


async def _problem(request: web.Request, text: str, status: int) -> web.Response:
    if "application/json" in request.headers.get("Accept", ""):
        return pages.problem(request, status, "Not done", text)
    fields = await form(request)
    return await _page(request, fields.get("text", ""), fields.get("note", ""), text, status)


@_move
async def acknowledge(request: web.Request) -> web.Response:
    """I have it."""
    await run(request, _handling(request).acknowledge, _reference(request), _by(request), "console")
    return _done(request, "You have it. The paging stops; take over the conversation, or call the patient.")


@_move
async def take_over(request: web.Request) -> web.Response:
    """From now on a person speaks; with `from_owner` a manager takes it from whoever speaks now."""
    from_owner = (await form(request)).get("from_owner") or None
    if from_owner is not None:
        require(request, Role.MANAGER)
    await run(request, _handling(request).take_over, _reference(request), _by(request), from_owner)
    return _done(request, "You have taken over. The assistant is silent until you hand back.")


@_move
async def reply(request: web.Request) -> web.Response:
    """To the patient."""
    text = (await form(request)).get("text", "")
    if problem := too_long(text, LONGEST_MESSAGE):
        return await _problem(request, problem, 422)
    await run(request, _handling(request).say, _reference(request), _by(request), text)
    return _done(request, "Sent.")


@_move
async def note(request: web.Request) -> web.Response:
    """For staff alone."""
    text = (await form(request)).get("note", "")
    if problem := too_long(text, _LONGEST_NOTE):
        return await _problem(request, problem, 422)
    await run(request, _handling(request).note, _reference(request), _by(request), text)
    return _done(request, "The note is kept.")


@_move
async def change_tier(request: web.Request) -> web.Response:
    """More serious, or less with a reason."""
    fields = await form(request)
    if fields.get("tier") not in list(Tier):
        return await _problem(request, "Choose a tier.", 422)
    tier, reason = Tier(fields["tier"]), fields.get("reason", "")[:_LONGEST_REASON]
    await run(request, _handling(request).change_tier, _reference(request), _by(request), tier, reason)
    return _done(request, f"It is {words.TIERS[tier].lower()} now.")


@_move
async def hand_back(request: web.Request) -> web.Response:
    """The assistant answers again."""
    await run(request, _handling(request).hand_back, _reference(request), _by(request), _overrules(request))
    return _done(request, "The assistant answers again. The report stays open with you until you close it.")


@_move
async def resolve(request: web.Request) -> web.Response:
    """It is over."""
    fields = await form(request)
    if fields.get("outcome") not in list(Outcome):
        return await _problem(request, "Choose how it ended.", 422)
    given = Outcome(fields["outcome"]), fields.get("reason", "")[:_LONGEST_REASON]
    await run(request, _handling(request).resolve, _reference(request), _by(request), *given, _overrules(request))
    return _done(request, "Closed. The assistant answers again.")


@_move
async def reopen(request: web.Request) -> web.Response:
    """Not over after all."""
    reason = (await form(request)).get("reason", "")[:_LONGEST_REASON]
    await run(request, _handling(request).reopen, _reference(request), _by(request), reason)
    return _done(request, "It is open again, and you have it.")


async def typing(request: web.Request) -> web.Response:
    """Show the patient that somebody writes. It may be late or in vain: nothing is said then."""
    writing = (await form(request)).get("writing") != "0"
    with contextlib.suppress(AssistantError):
        await run(request, _handling(request).typing, _reference(request), _by(request), writing)
    return web.Response(status=204)


# -- pieces --------------------------------------------------------------------


def too_long(text: str, longest: int) -> str:
    """What is wrong with the length of a text; nothing if it can be taken."""
    if not text:
        return "Write something first."
    return f"That has {len(text)} characters; at most {longest} can be sent at once." if len(text) > longest else ""


def _done(request: web.Request, said: str) -> web.Response:
    if "application/json" in request.headers.get("Accept", ""):
        return web.json_response({"done": said})
    return pages.redirect(request, f"{CASES}/{_reference(request)}", said)


async def _found(request: web.Request, work: Callable[..., Case], *arguments: object) -> Case:
    try:
        return await run(request, work, *arguments)
    except NotFound:
        raise web.HTTPNotFound from None


def _reference(request: web.Request) -> str:
    given = request.match_info["reference"].upper()
    if not given.isascii() or not given.isalnum():
        raise web.HTTPNotFound
    return given


def _by(request: web.Request) -> str:
    return require(request).by


def _overrules(request: web.Request) -> bool:
    return require(request).role is Role.MANAGER


def _handling(request: web.Request) -> Any:
    return request.app[desk_parts.HANDLING]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


def _canned_texts(request: web.Request, reference: str) -> list[str]:
    name = first_name(_shown_name(request))
    return [each.filled(request.app[pages.CLINIC], reference, name) for each in request.app[desk_parts.CANNED]]


def _shown_name(request: web.Request) -> str:
    """What patients call whoever writes."""
    staff = require(request)
    person = request.app[pages.PEOPLE].get(staff.person or "")
    return person.name if person else staff.name


def _canned(request: web.Request) -> str:
    number, texts = _number(request.query.get("canned", "")), _canned_texts(request, _reference(request))
    return texts[number] if number is not None and number < len(texts) else ""


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
