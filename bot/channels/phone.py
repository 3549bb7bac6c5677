"""The phone tree's webhooks: whatever happens, the caller hears something that helps, never the provider's error."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Awaitable, Callable

import phonenumbers
from aiohttp import web

from bot.channels.errors import CLINIC
from bot.channels.phone_twiml import TRANSCRIPT, TURN, WHISPER, document
from bot.channels.phone_twiml import whisper as whisper_document
from bot.channels.phone_twiml import words as words_document
from bot.channels.twilio_request import Form, read_form, twiml
from bot.channels.web import DRILL_HEADER, IS_DRILL
from bot.domain.drill import drill_sender
from bot.domain.errors import StorageUnavailable
from bot.domain.language import Language
from bot.domain.messages import Sender
from bot.domain.phone_tree.model import Event, HangUp, Left, Line, Nothing, Pressed, Rang, Spoke
from bot.domain.phone_tree.numbers import is_withheld
from bot.domain.phone_tree.scene import clinic_text, filled, texts_in
from bot.services.call_records import Incoming
from bot.services.calls import PhoneCalls
from bot.services.makeshift import Makeshift
from bot.services.spoken_turn import SpokenTurn
from bot.services.voicemail import Transcript, Voicemail
from bot.services.whispers import Take, Taken, Whispers
from bot.twilio.paths import VOICE

log = logging.getLogger(__name__)

CALLS = web.AppKey("calls", PhoneCalls)
MAKESHIFT = web.AppKey("makeshift", Makeshift)
WHISPERS = web.AppKey("whispers", Whispers)
VOICEMAIL = web.AppKey("voicemail", Voicemail)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
_KEY_SECONDS = 8
_TAKE = "1"


def routes() -> list[web.RouteDef]:
    """Called by the provider alone: every one of them is signed."""
    return [
        web.post(VOICE, begin),
        web.post(f"{TURN}/{{turn:[0-9]{{1,3}}}}", turn),
        web.post(f"{VOICE}/status", ended),
        web.post(TRANSCRIPT, transcribed),
        web.post(f"{WHISPER}/{{call}}/{{person}}", whisper),
        web.post(f"{WHISPER}/{{call}}/{{person}}/key", take),
    ]


# -- the caller ------------------------------------------------------------------


async def begin(request: web.Request) -> web.Response:
    """Somebody calls."""
    incoming = _incoming(request, await read_form(request))
    return await _answer(request, incoming, 0, None, lambda: request.app[CALLS].begin(incoming))


async def turn(request: web.Request) -> web.Response:
    """Somebody has spoken, pressed a key, or been silent; a phone has rung; a message was left."""
    form = await read_form(request)
    incoming, number, event = _incoming(request, form), int(request.match_info["turn"]), _event(form)
    return await _answer(request, incoming, number, event, lambda: request.app[CALLS].turn(incoming, number, event))


async def _answer(
    request: web.Request, incoming: Incoming, number: int, event: Event | None, work: Callable[[], Awaitable[str]]
) -> web.Response:
    try:
        if incoming.call_id:
            return twiml(await work())
    except StorageUnavailable as error:
        log.error("call_without_storage turn=%d error=%s", number, type(error).__name__)
    except Exception:  # the outermost boundary of a call: a caller hears no error page
        log.exception("call_failed turn=%d", number)
    return twiml(await _makeshift(request, incoming, number, event))


async def _makeshift(request: web.Request, incoming: Incoming, number: int, event: Event | None) -> str:
    try:
        return document(await request.app[MAKESHIFT].turn(incoming, number, event))
    except Exception:  # the same: and even the words could not be taken in
        log.exception("makeshift_failed turn=%d", number)
        texts = texts_in(Language.ENGLISH)
        line = Line(clinic_text(request.app[CLINIC], texts.technical))
        return document(SpokenTurn(incoming, number + 1, Language.ENGLISH, (line,), HangUp()))


async def ended(request: web.Request) -> web.Response:
    """The provider says that a call is over."""
    form = await read_form(request)
    incoming = _incoming(request, form)
    if incoming.call_id and form.get("CallStatus") in _OVER:
        await _quietly(request.app[CALLS].ended(incoming.call_id), "ended")
    return web.Response(status=204)


async def transcribed(request: web.Request) -> web.Response:
    """A spoken message was written down, or could not be."""
    form = await read_form(request)
    incoming, recording = _incoming(request, form), form.get("RecordingSid", "")
    if incoming.call_id and _ID.fullmatch(recording):
        text = form.get("TranscriptionText", "") if form.get("TranscriptionStatus") == "completed" else ""
        transcript = Transcript(recording, _clean(text), _seconds(form))
        await _quietly(request.app[VOICEMAIL].transcribed(incoming, transcript), "transcribed")
    return web.Response(status=204)


async def _quietly(work: Awaitable[None], step: str) -> None:
    """Nobody reads the answer to these: what fails is for the log."""
    try:
        await work
    except Exception:  # the boundary of a webhook that nobody waits for
        log.exception("call_failed step=%s", step)


# -- the on-call person ------------------------------------------------------------


async def whisper(request: web.Request) -> web.Response:
    """Somebody, or something, has picked up: what it is about, and a key to take it."""
    await read_form(request)
    clinic, texts = request.app[CLINIC], texts_in(Language.ENGLISH)
    try:
        case = await asyncio.to_thread(request.app[WHISPERS].about, request.match_info["call"])
    except Exception:  # the boundary again: the caller is still there
        log.exception("call_failed step=whisper")
        case = None
    tier = texts.tiers.get(str(case.tier), "") if case else texts.tiers["urgent"]
    said = filled(texts.whisper, {"tier": tier, "reference": case.reference if case else ""})
    key = f"{WHISPER}/{request.match_info['call']}/{request.match_info['person']}/key"
    return twiml(whisper_document(clinic_text(clinic, said), texts.whisper_again, key, _KEY_SECONDS))


async def take(request: web.Request) -> web.Response:
    """A key was pressed."""
    form = await read_form(request)
    texts = texts_in(Language.ENGLISH)
    if form.get("Digits") != _TAKE:
        return twiml(words_document(Line(texts.whisper_left), hang_up=True))
    try:
        call, person = request.match_info["call"], request.match_info["person"]
        taken = await asyncio.to_thread(request.app[WHISPERS].take, call, person)
    except Exception:  # the boundary again: whoever pressed the key is connected
        log.exception("call_failed step=take")
        taken = Take(Taken.NOT_STORED)
    said = {
        Taken.YES: texts.whisper_taken,
        Taken.BY_OTHER: texts.whisper_other,
        Taken.GONE: texts.whisper_gone,
        Taken.NOT_STORED: texts.whisper_not_stored,
    }[taken.taken]
    line = Line(filled(said, {"who": taken.who, "reference": taken.reference}))
    return twiml(words_document(line, hang_up=taken.taken is Taken.GONE))


# -- reading -------------------------------------------------------------------------


def _incoming(request: web.Request, form: Form) -> Incoming:
    """The call; its id is empty where there is none that can be."""
    call_id = form.get("CallSid", "")
    called = form.get("To", "")
    number = form.get("From", "")
    known = _E164.fullmatch(number) and not is_withheld(number) and number != called and _is_possible(number)
    if _E164.fullmatch(called) and _ID.fullmatch(call_id) and _is_drill(request, call_id):
        return Incoming(call_id, called, drill_sender(call_id, called))
    return Incoming(
        call_id if _ID.fullmatch(call_id) else "",
        called if _E164.fullmatch(called) else "",
        Sender(number, called) if known and _E164.fullmatch(called) else None,
    )


def _is_drill(request: web.Request, call_id: str) -> bool:
    return request.app[IS_DRILL](call_id, request.headers.get(DRILL_HEADER))


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _event(form: Form) -> Event:
    if status := form.get("DialCallStatus"):
        told = form.get("DialBridged")
        bridged = None if told is None else told.lower() == "true"
        return Rang(status in ("completed", "answered") if bridged is None else bridged, bridged)
    recording = form.get("RecordingSid", "")
    if _ID.fullmatch(recording):
        return Left(recording, _seconds(form))
    if text := _clean(form.get("SpeechResult", "")):
        return Spoke(text, _confidence(form.get("Confidence", "")))
    digits = form.get("Digits", "")
    return Pressed(digits) if re.fullmatch(r"[0-9*#]{1,32}", digits) else Nothing()


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()


def _confidence(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _seconds(form: Form) -> int:
    text = form.get("RecordingDuration", "")
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0
