"""The chat element as any page loads it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.channels.conftest import CLINIC, Gateway, StartGateway

PATH = "/widget.js"
# A copy is shown at once, while a newer one is asked for: so it is there while the server is not.
NOT_KEPT = "max-age=0, stale-while-revalidate=604800"


async def load(gateway: Gateway, path: str = PATH, **headers: str) -> Any:
    """The response and its body, unpacked."""
    async with gateway.client.get(path, headers=headers) as response:
        return response, await response.read()


async def test_any_page_may_load_it(gateway: Gateway) -> None:
    response, body = await load(gateway, Origin="https://anybody.example")
    assert (response.status, response.content_type, response.charset) == (200, "text/javascript", "utf-8")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert CLINIC["phone"].encode() in body


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("identity", None)])
async def test_it_is_zipped_where_the_browser_takes_it(gateway: Gateway, accepted: str, encoding: str | None) -> None:
    response, body = await load(gateway, **{"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == encoding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert b"customElements" in body


async def test_it_is_asked_for_again_and_only_sent_when_it_has_changed(gateway: Gateway) -> None:
    response, _ = await load(gateway)
    assert NOT_KEPT in response.headers["Cache-Control"]
    again, body = await load(gateway, **{"If-None-Match": response.headers["ETag"]})
    assert (again.status, body, again.headers["ETag"]) == (304, b"", response.headers["ETag"])
    other, body = await load(gateway, **{"If-None-Match": '"another"'})
    assert (other.status, len(body) > 0) == (200, True)


async def test_an_address_with_its_version_is_kept_for_good(gateway: Gateway) -> None:
    response, _ = await load(gateway)
    version = response.headers["ETag"].strip('"')
    versioned, _ = await load(gateway, f"{PATH}?v={version}")
    assert "immutable" in versioned.headers["Cache-Control"]
    former, _ = await load(gateway, f"{PATH}?v=00000000")
    assert NOT_KEPT in former.headers["Cache-Control"]


async def test_its_version_changes_with_the_clinics_numbers(start_gateway: StartGateway) -> None:
    tags = []
    for phone in ("+1 555-010-0111", "+1 555-010-0112"):
        response, _ = await load(await start_gateway({"phone": phone}))
        tags.append(response.headers["ETag"])
    assert tags[0] != tags[1]
