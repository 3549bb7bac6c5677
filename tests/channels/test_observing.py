"""What operators see: metrics with their token, and a request's id in its answer and its log lines."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.log_lines import TextLines
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.fake_rasa import FakeRasa
from tests.channels.test_updates import Talk
from tests.channels.test_web import DATABASE_AWAY, REPORT

TOKEN = "a-token-for-tests-only"
THROUGH_A_PROXY = {"X-Forwarded-For": "203.0.113.9"}


class Scraped:
    """The samples of one reading."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def value(self, name: str, **labels: str) -> float | None:
        """Of the one sample with these labels; None if there is none."""
        found = [s.value for s in self._samples if s.name == f"assistant_{name}" and s.labels == labels]
        assert len(found) < 2
        return found[0] if found else None

    def labels(self) -> set[str]:
        """Every value of every label."""
        return {value for sample in self._samples for value in sample.labels.values()}


async def scrape(gateway: Gateway, headers: Mapping[str, str] = {}) -> Scraped:
    """What Prometheus reads."""
    async with gateway.client.get("/metrics", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        return Scraped(await response.text())


async def test_messages_and_replies_are_counted(gateway: Gateway) -> None:
    await gateway.say("May I drive?")
    answer = (await gateway.say(REPORT)).body
    read = await scrape(gateway)
    assert read.value("messages_total", channel="web") == 2
    assert read.value("replies_total", kind="answer") == 1
    assert read.value("replies_total", kind="safety") == len(answer["replies"])
    assert read.value("replies_total", kind="handoff") is not None
    assert read.value("screen_seconds_count") >= 2
    assert read.value("dialogue_seconds_count") == 1


async def test_a_rasa_that_fails_is_counted_by_its_reason(gateway: Gateway, rasa: FakeRasa) -> None:
    rasa.status = 500
    await gateway.say("May I drive?")
    assert (await scrape(gateway)).value("dialogue_errors_total", reason="status_500") == 1


async def test_each_rasa_server_is_up_or_not(start_gateway: StartGateway, rasa: FakeRasa) -> None:
    gateway = await start_gateway()
    (url,) = gateway.settings.rasa_urls
    assert (await scrape(gateway)).value("rasa_up", replica=url) == 1
    rasa.status = 500
    assert (await scrape(gateway)).value("rasa_up", replica=url) == 0


async def test_requests_are_told_by_the_declared_address(gateway: Gateway) -> None:
    await gateway.client.get("/staff/pages/a-secret-token")
    await gateway.client.get("/nowhere/Ana")
    await gateway.client.request("PROPFIND", MESSAGES)
    read = await scrape(gateway)
    seconds = "request_seconds_count"
    assert read.value(seconds, route="/staff/pages/{token}", method="GET", status="410") == 1
    assert read.value(seconds, route="none", method="GET", status="404") == 1
    assert read.value(seconds, route="none", method="other", status="405") == 1
    assert read.value("refusals_total", code="not_found") == 1


async def test_open_streams_are_counted_while_they_are_open(gateway: Gateway) -> None:
    answer = (await gateway.say(REPORT)).body
    talk = Talk(gateway, answer["conversation_id"], answer["escalation"]["reference"])
    async with talk.followed() as stream:
        await stream.event()
        assert (await scrape(gateway)).value("open_streams") == 1
    while (await scrape(gateway)).value("open_streams"):  # the server hears of the end a moment later
        pass


async def test_nothing_of_a_patient_is_in_the_metrics(gateway: Gateway) -> None:
    answer = (await gateway.say(REPORT, message_id="a-message-of-Ana")).body
    await gateway.say("My number is +1 555-010-0142", answer["conversation_id"])
    read = await scrape(gateway)
    for secret in ("Ana", "0142", "breathe", answer["escalation"]["reference"], answer["conversation_id"]):
        assert secret not in read.text
    assert max(map(len, read.labels())) < 60


# -- the database --------------------------------------------------------------


async def test_open_escalations_are_read_from_the_database(gateway: Gateway) -> None:
    await gateway.say(REPORT)
    read = await scrape(gateway)
    assert read.value("database_up") == 1
    assert read.value("open_escalations", tier="emergency", status="open") == 1
    assert read.value("open_escalations", tier="urgent", status="open") == 0
    assert read.value("unacknowledged_seconds", tier="emergency") > 0
    assert read.value("outbox_due", outbox="pages") == 1
    assert read.value("pager_age_seconds") == float("inf")


async def test_without_the_database_the_rest_is_still_told(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    await gateway.say(REPORT)
    read = await scrape(gateway)
    assert (read.value("database_up"), read.value("spooled_reports")) == (0, 1)
    assert read.value("open_escalations", tier="emergency", status="open") is None


# -- who may read them ---------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        THROUGH_A_PROXY,
        {**THROUGH_A_PROXY, "Authorization": "Bearer another-token-than-that"},
        {**THROUGH_A_PROXY, "Authorization": f"Basic {TOKEN}"},
        {**THROUGH_A_PROXY, "Authorization": "Bearer "},
    ],
)
async def test_others_need_the_token(start_gateway: StartGateway, headers: dict[str, str]) -> None:
    gateway = await start_gateway(METRICS_TOKEN=TOKEN)
    refused = await gateway.request("GET", "/metrics", headers=headers)
    assert (refused.status, refused.code) == (401, "metrics_token_wrong")


async def test_whoever_shows_the_token_reads_them(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(METRICS_TOKEN=TOKEN)
    read = await scrape(gateway, {**THROUGH_A_PROXY, "Authorization": f"Bearer {TOKEN}"})
    assert read.value("screen_complete") == 1


@pytest.mark.parametrize("header", ["Bearer ", "Bearer x"])
async def test_without_a_token_set_nobody_from_elsewhere_reads_them(gateway: Gateway, header: str) -> None:
    refused = await gateway.request("GET", "/metrics", headers={**THROUGH_A_PROXY, "Authorization": header})
    assert refused.status == 401


# -- the request's id ----------------------------------------------------------


async def test_an_id_that_the_request_brings_is_kept(gateway: Gateway) -> None:
    answer = await gateway.request("GET", "/healthz", headers={"X-Request-ID": "from-the-proxy.1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy.1"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with spaces in it", 'quote"quote"'])
async def test_an_id_that_is_not_sane_is_replaced(gateway: Gateway, given: str) -> None:
    answer = await gateway.request("GET", "/healthz", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


async def test_errors_and_streams_have_one_too(gateway: Gateway) -> None:
    assert (await gateway.request("GET", "/nowhere")).headers["X-Request-ID"]
    token = (await gateway.say(REPORT)).body["conversation_id"]
    async with gateway.client.get("/api/chat/events", headers={"Authorization": f"Bearer {token}"}) as stream:
        assert stream.headers["X-Request-ID"]


async def test_log_lines_of_a_request_say_its_id(start_gateway: StartGateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(TextLines())
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    await gateway.request(
        "POST", MESSAGES, json={"text": REPORT, "message_id": "m" * 20}, headers={"X-Request-ID": "request-of-ana"}
    )
    lines = [line for line in caplog.text.splitlines() if "report_spooled" in line or "step=take_in" in line]
    assert len(lines) == 2
    assert all(line.endswith("request=request-of-ana") for line in lines)


async def test_a_request_that_is_served_says_so_to_whoever_wants_it_all(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "bot.channels.observing"):
        await gateway.say("May I drive?")
    assert f"request_served route={MESSAGES} method=POST status=200" in caplog.text
