"""Webhooks of the telephone provider as aiohttp has them: is it theirs, what did they post, how are they answered."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from bot.channels.errors import ApiProblem
from bot.twilio.signature import HEADER, Signatures

log = logging.getLogger(__name__)

# Not set: the clinic has no account, and texting and calling are off.
SIGNATURES = web.AppKey("signatures", Signatures)

Form = MultiDictProxy[str]

_FORM = "application/x-www-form-urlencoded"
# A text with ten pictures has about 60; a provider may add some.
_MOST_FIELDS = 400


async def read_form(request: web.Request) -> Form:
    """What the provider posted, nothing trimmed.

    Raises ApiProblem: 404 without an account, 415 and 400 for what is no form,
    403 where the signature is missing or is not the provider's. A refusal is
    logged without content: it may be a patient whom we cannot hear.
    """
    signatures = request.app.get(SIGNATURES)
    if signatures is None:
        raise ApiProblem(404, "telephone_off", "This clinic takes no texts and calls here: no account is set.")
    form = await _form(request)
    header = request.headers.get(HEADER)
    if header is None or not signatures.are_good(request.raw_path, form, header):
        log.error(
            "webhook_refused path=%s signature=%s what_to_do='see docs/operations.md: a patient may not be heard'",
            request.path, "missing" if header is None else "wrong",
        )  # fmt: skip
        raise ApiProblem(403, "signature_wrong", "The signature is missing or does not fit the address and the form.")
    return form


async def _form(request: web.Request) -> Form:
    if request.content_type != _FORM:
        raise ApiProblem(415, "not_form", f"Post a form, with Content-Type: {_FORM}.")
    try:
        text = (await request.read()).decode("utf-8")
        fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:  # not UTF-8, or too many
        raise ApiProblem(
            400, "bad_form", f"The body is not a form of at most {_MOST_FIELDS} fields in UTF-8."
        ) from None
    return MultiDictProxy(MultiDict(fields))


def twiml(document: str) -> web.Response:
    """What the provider is to do, as TwiML."""
    return web.Response(text=document, content_type="application/xml", headers={"Cache-Control": "no-store"})
