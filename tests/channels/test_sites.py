"""Pages of other sites: the ones that are listed may use the chat, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.storage import tables
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.talks import EVENTS, report, stored

SITE, OTHER = "https://www.example.org", "https://www.example.com"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
API = [MESSAGES, EVENTS, "/api/chat/config", "/api/chat/feedback", "/api/chat/typing", "/api/chat/conversation"]


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    """A clinic with a site of its own."""
    return await start_gateway({"widget": {"sites": [SITE]}}, PUBLIC_URL="https://chat.example.net")


async def preflight(gateway: Gateway, path: str, origin: str, **headers: str) -> Any:
    """What a browser asks before it sends."""
    async with gateway.client.options(path, headers={"Origin": origin, **ASKS, **headers}) as response:
        await response.read()
        return response


@pytest.mark.parametrize("path", API)
async def test_a_listed_site_may_send(gateway: Gateway, path: str) -> None:
    answer = await preflight(gateway, path, SITE)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert {"GET", "POST", "DELETE"} == set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "Content-Type", "Last-Event-ID"} == set(
        answer.headers["Access-Control-Allow-Headers"].split(", ")
    )


@pytest.mark.parametrize("path", API)
@pytest.mark.parametrize(
    "origin",
    [
        OTHER,
        "null",
        "https://example.org",
        "http://www.example.org",
        f"{SITE}:8443",
        f"{SITE}.evil.example",
        SITE.upper(),
    ],
)
async def test_other_sites_may_not(gateway: Gateway, path: str, origin: str) -> None:
    answer = await preflight(gateway, path, origin)
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_what_another_sites_page_sends_all_the_same_is_not_taken(gateway: Gateway) -> None:
    body = {"text": "hello", "message_id": "0" * 32}
    refused = await gateway.request("POST", MESSAGES, json=body, headers={"Origin": OTHER})
    assert (refused.status, refused.code) == (403, "origin_not_allowed")
    assert stored(gateway, tables.messages) == 0


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
async def test_another_sites_page_reads_no_talk_even_with_its_token(gateway: Gateway, path: str) -> None:
    talk = await report(gateway)
    refused = await gateway.request("GET", path, headers={**talk.headers, "Origin": OTHER})
    assert (refused.status, refused.code) == (403, "origin_not_allowed")


async def test_a_listed_site_reads_the_answer(gateway: Gateway) -> None:
    body = {"text": "hello", "message_id": "0" * 32}
    answer = await gateway.request("POST", MESSAGES, json=body, headers={"Origin": SITE})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, SITE)
    assert "Origin" in answer.headers["Vary"]


async def test_a_listed_site_reads_errors_too(gateway: Gateway) -> None:
    answer = await gateway.request("POST", MESSAGES, json={}, headers={"Origin": SITE})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (400, SITE)
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


async def test_a_listed_site_follows_a_talk(gateway: Gateway) -> None:
    talk = await report(gateway)
    async with gateway.client.get(EVENTS, headers={**talk.headers, "Origin": SITE}) as response:
        assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, SITE)


async def test_cookies_and_credentials_are_never_asked_for(gateway: Gateway) -> None:
    answers = [await preflight(gateway, MESSAGES, SITE)]
    async with gateway.client.get("/api/chat/config", headers={"Origin": SITE}) as response:
        answers.append(response)
    assert not any("Access-Control-Allow-Credentials" in answer.headers for answer in answers)
    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize("own", ["https://chat.example.net", "the one that was asked"])
async def test_the_gateways_own_pages_may(gateway: Gateway, own: str) -> None:
    origin = str(gateway.client.make_url("")).rstrip("/") if own.startswith("the") else own
    answer = await gateway.request("GET", "/api/chat/config", headers={"Origin": origin})
    assert answer.status == 200


async def test_whoever_is_no_page_needs_no_origin(gateway: Gateway) -> None:
    answer = await gateway.say("hello")
    assert answer.status == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_rest_of_the_gateway_is_nobody_elses_business(gateway: Gateway) -> None:
    for path in ("/readyz", "/", "/staff/pages/x"):
        async with gateway.client.get(path, headers={"Origin": SITE}) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
        assert (await preflight(gateway, path, SITE)).status in (404, 405)


async def test_an_options_request_that_is_no_preflight_is_no_method_of_ours(gateway: Gateway) -> None:
    async with gateway.client.options(MESSAGES) as response:
        assert response.status == 405


async def test_the_listed_sites_may_frame_the_page_and_nothing_else(gateway: Gateway) -> None:
    async with gateway.client.get("/") as page, gateway.client.get("/assets/favicon.svg") as asset:
        assert f"frame-ancestors 'self' {SITE};" in page.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self';" in asset.headers["Content-Security-Policy"]


async def test_without_a_list_the_gateway_serves_itself(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    assert (await preflight(gateway, MESSAGES, SITE)).status == 403
    async with gateway.client.get("/") as page:
        assert "frame-ancestors 'self';" in page.headers["Content-Security-Policy"]
