"""Texts from patients, as the telephone provider's webhooks bring them, and its receipts for ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from aiohttp import web
from twilio.twiml.messaging_response import MessagingResponse

from bot.channels.errors import CLINIC, ApiProblem
from bot.channels.twilio_request import Form, read_form, twiml
from bot.channels.web import DRILL_HEADER, INTAKE, IS_DRILL, MAX_CHARACTERS
from bot.domain import wording
from bot.domain.drill import drill_sender
from bot.domain.errors import StorageUnavailable
from bot.domain.keywords import Keyword
from bot.domain.language import Language, language_of
from bot.domain.messages import Sender
from bot.domain.telephone import Telephone
from bot.services.outgoing import OutgoingText, bodies_of
from bot.services.receipts import Fate, Receipt, Receipts
from bot.services.text_exchange import TextIn
from bot.services.texting import Texting
from bot.twilio import codes
from bot.twilio.paths import SMS, text_status

log = logging.getLogger(__name__)

TEXTING = web.AppKey("texting", Texting)
RECEIPTS = web.AppKey("receipts", Receipts)
TELEPHONE = web.AppKey("telephone", Telephone)
PUBLIC_URL = web.AppKey("public_url", str)

_LONGEST_ID = 64
_LONGEST_NUMBER = 32
_MOST_PICTURES = 99
_FATES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), Fate.ON_THE_WAY),
    **dict.fromkeys(("delivered", "read"), Fate.DELIVERED),
    **dict.fromkeys(("failed", "undelivered", "canceled"), Fate.FAILED),
}
# XML has no place for these, whatever they are doing in a text.
_NOT_XML = {code: None for code in (*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)}


def routes() -> list[web.RouteDef]:
    """Signed by the provider; without an account they answer 404."""
    return [web.post(SMS, receive), web.post(text_status("{text_id}"), receipt)]


async def receive(request: web.Request) -> web.Response:
    """One text in; the answer carries what is said at once, the outbox the rest."""
    text = _read(request, await read_form(request))
    if request.app[TELEPHONE].number(text.sender.number) is not None:
        log.error("own_number_texts what_to_do='forward no text of one of the clinic's numbers to another'")
        return twiml(_document("", ()))
    try:
        given = await request.app[TEXTING].receive(text)
    except Exception:  # a patient waits: whatever is broken, there is an answer with the numbers to call
        log.exception("text_failed")
        language = language_of(text.body) or Language.ENGLISH
        reply = wording.degraded_reply(request.app[CLINIC], None, language)
        given = tuple(OutgoingText(None, body) for body in bodies_of((reply,), language))
    return twiml(_document(request.app[PUBLIC_URL], given))


def _document(public_url: str, texts: Iterable[OutgoingText]) -> str:
    response = MessagingResponse()
    for text in texts:
        told = {"status_callback": f"{public_url}{text_status(text.id)}"} if text.id is not None else {}
        response.message(text.body.translate(_NOT_XML), **told)
    return str(response)


def _read(request: web.Request, form: Form) -> TextIn:
    number, clinic_number = _number(form, "From"), _number(form, "To")
    is_ours = request.app[TELEPHONE].number(clinic_number) is not None
    if not is_ours:
        log.error("clinic_number_unknown what_to_do='add every number that patients text to telephone in clinic.yml'")
    message_id = _message_id(form)
    is_drill = is_ours and request.app[IS_DRILL](message_id, request.headers.get(DRILL_HEADER))
    return TextIn(
        sender=drill_sender(message_id, clinic_number) if is_drill else Sender(number, clinic_number),
        message_id=message_id,
        body=_body(request, form),
        pictures=_pictures(form),
        by_provider=_by_provider(form),
        ours=is_ours,
    )


def _number(form: Form, name: str) -> str:
    number = form.get(name, "").strip()
    if not 0 < len(number) <= _LONGEST_NUMBER or not number.isprintable():
        raise ApiProblem(400, "webhook_wrong", f"{name} must be a telephone number.")
    return number


def _message_id(form: Form) -> str:
    message_id = form.get("MessageSid") or form.get("SmsSid") or ""
    if not 0 < len(message_id) <= _LONGEST_ID or not (message_id.isascii() and message_id.isalnum()):
        raise ApiProblem(400, "webhook_wrong", "MessageSid must be the provider's id of the text.")
    return message_id


def _body(request: web.Request, form: Form) -> str:
    body = form.get("Body", "").replace("\x00", "").strip()
    limit = request.app[MAX_CHARACTERS]
    # Nobody in danger is told to be brief.
    if len(body) > limit and not request.app[INTAKE].is_report(body):
        raise ApiProblem(413, "text_too_long", f"The text has {len(body)} characters; {limit} are taken.")
    return body


def _pictures(form: Form) -> int:
    count = form.get("NumMedia", "0")
    return min(int(count), _MOST_PICTURES) if count.isascii() and count.isdigit() and len(count) < 9 else 0


def _by_provider(form: Form) -> Keyword | None:
    """The keyword that the provider has answered on its own, where its opt-out handling is switched on."""
    kind = form.get("OptOutType", "").lower()
    return Keyword(kind) if kind in (Keyword.STOP, Keyword.START, Keyword.HELP) else None


async def receipt(request: web.Request) -> web.Response:
    """What became of a text of ours: in any order, any number of times."""
    form = await read_form(request)
    fate = _FATES.get(form.get("MessageStatus") or form.get("SmsStatus") or "")
    if fate is None:
        raise ApiProblem(400, "webhook_wrong", "MessageStatus must be a status of a text.")
    taken = _receipt(request.match_info["text_id"], fate, form)
    try:
        known = await asyncio.to_thread(request.app[RECEIPTS].take, taken)
    except StorageUnavailable:
        raise ApiProblem(503, "storage_unavailable", "The receipt cannot be stored. Send it again.") from None
    if not known:
        raise ApiProblem(404, "unknown_text", "No text of ours has this id.")
    return web.Response(status=204)


def _receipt(text_id: str, fate: Fate, form: Form) -> Receipt:
    provider_id = _message_id(form)
    if fate is not Fate.FAILED:
        return Receipt(text_id, provider_id, fate)
    given = form.get("ErrorCode", "")
    code = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None
    return Receipt(
        text_id,
        provider_id,
        fate,
        reason=codes.reason(code),
        stopped=code in codes.STOPPED,
        may_arrive_later=code in codes.MAY_ARRIVE_LATER,
    )
