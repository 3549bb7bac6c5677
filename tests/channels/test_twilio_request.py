"""A webhook is read only if the provider has signed it, and then as it was posted."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web

from bot.channels import errors
from bot.channels.twilio_request import SIGNATURES, read_form, twiml
from bot.twilio.signature import HEADER, Signatures, sign
from tests.harness.cast import CLINIC

URL = "https://chat.example.org"
TOKEN = "a-token-for-tests-0123456789abcdef"
PATH = "/webhooks/twilio/try?lang=es%20mx"
FORM = {"Body": "  it hurts\n", "From": "+15550100201", "MediaUrl0": "", "Größe": "1"}
TYPE = "application/x-www-form-urlencoded"


async def _echo(request: web.Request) -> web.Response:
    return web.json_response(list((await read_form(request)).items()))


@pytest.fixture
async def client(aiohttp_client: Any) -> Any:
    """A gateway that says what it read."""
    app = web.Application(middlewares=[errors.errors_middleware])
    app[errors.CLINIC] = CLINIC
    app[SIGNATURES] = Signatures([TOKEN], URL)
    app.router.add_post("/webhooks/twilio/try", _echo)
    return await aiohttp_client(app)


async def post(client: Any, body: Any, signature: str | None, content_type: str = TYPE) -> tuple[int, Any]:
    """Status and body of the answer."""
    headers = {"Content-Type": content_type, **({HEADER: signature} if signature is not None else {})}
    data = urlencode(body) if isinstance(body, dict | list) else body
    async with client.post(PATH, data=data, headers=headers) as response:
        return response.status, await response.json()


async def test_what_is_signed_is_read_as_it_was_posted(client: Any) -> None:
    assert await post(client, FORM, sign(f"{URL}{PATH}", FORM, TOKEN)) == (200, [list(item) for item in FORM.items()])


async def test_a_name_that_is_there_twice_is_read_twice(client: Any) -> None:
    status, body = await post(client, [("Body", "a"), ("Body", "a")], sign(f"{URL}{PATH}", {"Body": "a"}, TOKEN))
    assert (status, body) == (200, [["Body", "a"], ["Body", "a"]])


@pytest.mark.parametrize("signature", [None, "", "x" * 28, "ä", sign(f"{URL}{PATH}", FORM, "another-token-0123456789")])
async def test_what_is_not_signed_is_refused(client: Any, signature: str | None) -> None:
    header = signature if signature is None or signature.isascii() else signature.encode().decode("latin-1")
    status, body = await post(client, FORM, header)
    assert (status, body["error"]["code"]) == (403, "signature_wrong")


async def test_a_refusal_is_logged_without_content(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="bot"):
        await post(client, FORM, "x")
    assert "webhook_refused path=/webhooks/twilio/try signature=wrong" in caplog.text
    assert "hurts" not in caplog.text
    assert "0201" not in caplog.text


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{}", "application/json", 415, "not_form"),
        (b"Body=hello", "text/plain; charset=nonsense", 415, "not_form"),
        (b"Body=%ff", TYPE, 400, "bad_form"),
        (b"Body=\xff", TYPE, 400, "bad_form"),
        (b"a=1&" * 401, TYPE, 400, "bad_form"),
        (b"", TYPE, 403, "signature_wrong"),
        (b"Body=hello", f"{TYPE}; charset=nonsense", 403, "signature_wrong"),
    ],
)
async def test_what_is_no_form_is_refused_in_words(
    client: Any, body: bytes, content_type: str, status: int, code: str
) -> None:
    answered, said = await post(client, body, "x", content_type)
    assert (answered, said["error"]["code"]) == (status, code)


async def test_without_an_account_there_is_no_such_address(aiohttp_client: Any) -> None:
    app = web.Application(middlewares=[errors.errors_middleware])
    app[errors.CLINIC] = CLINIC
    app.router.add_post("/webhooks/twilio/try", _echo)
    status, body = await post(await aiohttp_client(app), FORM, "x")
    assert (status, body["error"]["code"]) == (404, "telephone_off")


def test_an_answer_is_xml_that_nobody_keeps() -> None:
    answer = twiml("<Response/>")
    assert (answer.content_type, answer.headers["Cache-Control"]) == ("application/xml", "no-store")
