"""A clinic's own phone tree hands a call over to text: signed, and safe to send again."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import phonenumbers
from aiohttp import web

from bot.channels.body import read_object
from bot.channels.errors import CLINIC, ApiProblem
from bot.domain.clock import utc_now
from bot.domain.errors import StorageUnavailable
from bot.domain.language import Language
from bot.domain.phone_tree.numbers import is_withheld
from bot.domain.telephone import Telephone
from bot.services.handed_over import HandedOver, IdReused
from bot.services.handoff import Handoff

# Not set: no key, and nobody can hand over.
HANDOFF = web.AppKey("handoff", Handoff)
HANDOFF_KEYS = web.AppKey("handoff_keys", Sequence[str])
TELEPHONE = web.AppKey("telephone", Telephone)

PATH = "/api/phone-tree/handoff"
TIMESTAMP, SIGNATURE = "X-Handoff-Timestamp", "X-Handoff-Signature"
# A request that was overheard is worth nothing after this.
WINDOW = timedelta(minutes=5)
_ID = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
_FIELDS = ("id", "number", "clinic_number", "reason", "menu_path", "language", "consent", "consent_words")
_LONGEST = {"reason": 2000, "menu_path": 120, "consent_words": 500}


def routes() -> list[web.RouteDef]:
    """Called by another phone tree."""
    return [web.post(PATH, post_handoff)]


def sign(key: str, timestamp: str, body: bytes) -> str:
    """What goes into the signature's header, for a time in whole seconds since 1970."""
    return "sha256=" + hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


async def post_handoff(request: web.Request) -> web.Response:
    """One call over, what to say to the caller back."""
    handoff = request.app.get(HANDOFF)
    if handoff is None:
        raise ApiProblem(404, "handoff_off", "Calls are not handed over here: set HANDOFF_KEY, and `telephone`.")
    _check_signature(request, await request.read())
    call = _call(request, await read_object(request, _FIELDS))
    try:
        receipt = await handoff.take_over(call)
    except IdReused:
        raise ApiProblem(
            409, "id_reused", "This id came before with another call. Use a new id for each call."
        ) from None
    except StorageUnavailable:
        raise ApiProblem(
            503, "storage_unavailable", "The database does not answer: put the caller through to a person."
        ) from None
    return web.json_response(receipt, headers={"Cache-Control": "no-store"})


def _check_signature(request: web.Request, body: bytes) -> None:
    timestamp = request.headers.get(TIMESTAMP, "")
    given = request.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    keys = request.app[HANDOFF_KEYS] if re.fullmatch(r"[0-9]{1,12}", timestamp) else ()
    # All of them, whichever fits: how long it takes tells nothing.
    if not any([hmac.compare_digest(sign(key, timestamp, body).encode(), given) for key in keys]):
        raise _unsigned(f"{SIGNATURE} is missing, or does not fit {TIMESTAMP} and the body.")
    if abs(utc_now().timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise _unsigned(f"{TIMESTAMP} must be the present time in seconds since 1970, at most 5 minutes off.")


def _unsigned(message: str) -> ApiProblem:
    return ApiProblem(401, "handoff_signature_wrong", message)


def _wrong(message: str) -> ApiProblem:
    return ApiProblem(400, "handoff_wrong", message)


def _call(request: web.Request, data: Mapping[str, Any]) -> HandedOver:
    telephone, country = request.app[TELEPHONE], request.app[CLINIC].country
    name = _text(data, "id")
    if not _ID.fullmatch(name):
        raise _wrong("id must be 8 to 64 letters, digits or _.:- that name this call alone.")
    own = _text(data, "clinic_number") or telephone.numbers[0].number
    if telephone.number(own) is None:
        raise _wrong("clinic_number is none of the numbers in clinic.yml.")
    return HandedOver(
        id=name,
        number=_number(_text(data, "number"), country),
        clinic_number=own,
        reason=_text(data, "reason"),
        menu_path=" ".join(_text(data, "menu_path").split()),
        language=_language(data),
        consent_words=_consent(data),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise _wrong(f"{name} must be a string of valid Unicode.")
    text = value.replace("\x00", "").strip()
    longest = _LONGEST.get(name, 64)
    if len(text) > longest:
        raise _wrong(f"{name} has {len(text)} characters; at most {longest} are taken.")
    return text


def _number(text: str, country: str) -> str | None:
    """As E.164. What stands for a number that is withheld is none; what is no number at all is an error."""
    if is_withheld(text):
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise _wrong("number must be a telephone number such as +15550100142, or null where it is withheld.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _language(data: Mapping[str, Any]) -> Language:
    given = _text(data, "language") or Language.ENGLISH
    if given not in set(Language):
        raise _wrong("language must be en or es.")
    return Language(given)


def _consent(data: Mapping[str, Any]) -> str:
    """The words that were agreed to; empty for no consent."""
    given = data.get("consent", False)
    if not isinstance(given, bool):
        raise _wrong("consent must be true or false.")
    words = _text(data, "consent_words")
    if given and not words:
        raise _wrong("With consent, consent_words must hold what the caller agreed to.")
    return words if given else ""
