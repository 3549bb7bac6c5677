"""What staff hear when a page is a call: the report by its reference, and keys to take it or to pass it on.

Anything can answer a telephone: what takes a report is a key that was pressed, nothing else.
"""

from __future__ import annotations

import asyncio

from aiohttp import web
from twilio.twiml.voice_response import Gather, VoiceResponse

from bot.channels.errors import CLINIC, ApiProblem
from bot.channels.staff import LINKS
from bot.channels.twilio_request import read_form, twiml
from bot.domain.clock import utc_now
from bot.domain.errors import AlreadyTaken, IllegalMove, StorageUnavailable
from bot.domain.escalation import Status
from bot.domain.spoken import spelled, spoken
from bot.services.page_calls import HUNG_UP, CalledPage, PageCalls
from bot.twilio import paths

PAGE_CALLS = web.AppKey("page_calls", PageCalls)

_TAKE, _AGAIN, _PASS_ON = "1", "2", "3"
_KEY_SECONDS = 8
# What the provider calls a call or a text that reached nobody; a call that was completed did, or was hung up on.
_FAILED = frozenset({"no-answer", "busy", "failed", "canceled", "completed", "undelivered"})
_NO_STORAGE = "The database does not answer, so nothing could be stored. Call whoever runs the system, now."
_OVER = "This call is over. Use the newest page."


def routes() -> list[web.RouteDef]:
    """Called by the provider alone: every one of them is signed."""
    return [
        web.post(f"{paths.PAGE_CALL}/{{token}}", speak),
        web.post(f"{paths.PAGE_CALL}/{{token}}/key", press),
        web.post(f"{paths.PAGE_CALL}/{{token}}{paths.STATUS}", ended),
        web.post(f"{paths.PAGE_TEXT}/{{token}}{paths.STATUS}", ended),
        web.post(f"{paths.ALARM_CALL}/{{words}}", alarm),
        web.post(f"{paths.ALARM_CALL}/{{words}}{paths.STATUS}", alarm_ended),
    ]


async def speak(request: web.Request) -> web.Response:
    """Somebody, or something, has picked up."""
    form = await read_form(request)
    page_id = _page_id(request)
    if page_id is None:
        return _say(_OVER)
    calls = request.app[PAGE_CALLS]
    try:
        page = await asyncio.to_thread(calls.view, page_id)
        if form.get("AnsweredBy", "").startswith(("machine", "fax")):
            # The words stay on the machine, and the next way is taken meanwhile. A person who was
            # taken for a machine can still press a key.
            await asyncio.to_thread(calls.not_answered, page_id, "voicemail")
    except StorageUnavailable:
        return _say(_NO_STORAGE)
    return _offer(request, page)


async def press(request: web.Request) -> web.Response:
    """A key, or none in the time that there was."""
    form = await read_form(request)
    page_id = _page_id(request)
    if page_id is None:
        return _say(_OVER)
    calls = request.app[PAGE_CALLS]
    try:
        page = await asyncio.to_thread(calls.view, page_id)
        if page is None or not page.is_for_them or form.get("Digits", "") in (_AGAIN, *"4567890*#"):
            return _offer(request, page)
        if form.get("Digits") == _TAKE:
            return await _take(calls, page)
        if form.get("Digits") == _PASS_ON:
            return await _pass_on(calls, page_id)
        await asyncio.to_thread(calls.not_answered, page_id, "no_key")
    except StorageUnavailable:
        return _say(_NO_STORAGE)
    return _say("No key was pressed, so nobody has it yet. Goodbye.")


async def ended(request: web.Request) -> web.Response:
    """A call is over, or a text has arrived or not. Where nobody took the page the next way is due at once."""
    form = await read_form(request)
    page_id = _page_id(request)
    status = form.get("CallStatus") or form.get("MessageStatus") or ""
    if page_id is not None and status in _FAILED:
        reason = HUNG_UP if status == "completed" else status.replace("-", "_")
        try:
            await asyncio.to_thread(request.app[PAGE_CALLS].not_answered, page_id, reason)
        except StorageUnavailable:
            raise ApiProblem(
                503, "storage_unavailable", "The database does not answer: the ladder goes on by its clock."
            ) from None
    return web.Response(status=204)


async def alarm(request: web.Request) -> web.Response:
    """The database is gone: the words are all that there is."""
    await read_form(request)
    try:
        words = spoken(paths.alarm_words(request.match_info["words"]))
    except ValueError:
        raise web.HTTPNotFound from None
    return _say(words, words)


async def alarm_ended(request: web.Request) -> web.Response:
    """Whether anybody picked up changes nothing: no page is stored."""
    await read_form(request)
    return web.Response(status=204)


def _page_id(request: web.Request) -> str | None:
    return request.app[LINKS].open(request.match_info["token"], utc_now())


async def _take(calls: PageCalls, page: CalledPage) -> web.Response:
    try:
        await asyncio.to_thread(calls.take, page)
    except AlreadyTaken as error:
        return _say(f"{_name(page)} is already with {error.owner or 'somebody else'}. Goodbye.")
    except IllegalMove:
        return _say(f"{_name(page)} is closed. Goodbye.")
    return _say(f"You have {_name(page)}. Contact the patient now. Nobody else is paged meanwhile. Goodbye.")


async def _pass_on(calls: PageCalls, page_id: str) -> web.Response:
    passed = await asyncio.to_thread(calls.pass_on, page_id)
    return _say("It is passed on. Goodbye." if passed else "Somebody has it by now. Goodbye.")


def _offer(request: web.Request, page: CalledPage | None) -> web.Response:
    """The words, twice, with the keys; or who has it."""
    if page is None:
        return _say(_OVER)
    if not page.is_for_them:
        return _say(_state(page))
    take = "say that you have heard it" if page.news else "take it"
    words = f"{_words(request.app[CLINIC].name, page)} Press 1 to {take}, 2 to hear this again, 3 to pass it on."
    key = f"{paths.page_call(request.match_info['token'])}/key"
    response = VoiceResponse()
    for _ in range(2):
        gather = Gather(input="dtmf", num_digits=1, timeout=_KEY_SECONDS, action=key, method="POST")
        gather.say(words, language="en-US")
        response.append(gather)
    response.redirect(key, method="POST")
    return twiml(str(response))


def _words(clinic: str, page: CalledPage) -> str:
    minutes = f"{page.waiting_minutes} minute{'' if page.waiting_minutes == 1 else 's'}"
    spanish = " The patient writes Spanish." if page.language == "es" else ""
    tier = str(page.tier).replace("_", " ").capitalize()
    return f"{spoken(clinic)}. {tier} report {spelled(page.reference)}{page.news}, waiting {minutes}.{spanish}"


def _state(page: CalledPage) -> str:
    if page.status is Status.RESOLVED:
        return f"{_name(page)} is closed. There is nothing for you to do. Goodbye."
    return (
        f"{_name(page)} is already with {page.owner_name or 'somebody else'}. There is nothing for you to do. Goodbye."
    )


def _name(page: CalledPage) -> str:
    return f"Report {spelled(page.reference)}"


def _say(*sentences: str) -> web.Response:
    """Words, and the end."""
    response = VoiceResponse()
    for sentence in sentences:
        response.say(sentence, language="en-US")
    response.hangup()
    return twiml(str(response))
