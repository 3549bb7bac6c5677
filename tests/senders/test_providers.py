"""What leaves the house for the providers that docs/operations.md names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from apprise import Apprise, NotificationManager
from apprise.plugins import pagerduty

from bot.domain.errors import PageRefused, PageUnsent
from tests.harness.pager_service import PagerService
from tests.senders.conftest import CONTACT, pager_for

TITLE = "Emergency report KQ7-M2"
TEXT = "Harbor Clinic: emergency report KQ7-M2, waiting 3 min"
PAGERDUTY = "pagerduty://INTEGRATIONKEY@APIKEY/assistant/on-call"
SLACK = "slack://T0AAAA/B0BBBB/secret/?footer=no&image=no"
TWILIO = "twilio://AC0a1b:2c3d@+12125550100/+12125550101"
DOCS = Path(__file__).resolve().parents[2] / "docs/operations.md"


@pytest.fixture
def providers(service: PagerService, monkeypatch: pytest.MonkeyPatch) -> PagerService:
    """PagerDuty, Slack and Twilio, at the address of the double."""
    plugins: Any = NotificationManager()
    monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, "us", service.http_url("/v2/enqueue"))
    monkeypatch.setattr(plugins["slack"], "webhook_url", service.http_url("/services"))
    monkeypatch.setattr(plugins["twilio"], "notify_sms_url", service.http_url("/{sid}/Messages.json"))
    return service


def send(url: str) -> None:
    pager_for(url).send(CONTACT, TITLE, TEXT)


def test_pagerduty_opens_a_critical_incident(providers: PagerService) -> None:
    providers.will_answer(202)
    send(PAGERDUTY)
    (received,) = providers.accepted
    assert received.payload == {
        "routing_key": "INTEGRATIONKEY",
        "event_action": "trigger",
        "client": "Clinic assistant",
        "payload": {
            "summary": f"{TITLE}\r\n{TEXT}", "severity": "critical", "source": "assistant", "component": "on-call",
        },
    }  # fmt: skip


def test_slack_gets_title_and_text(providers: PagerService) -> None:
    send(SLACK)
    (received,) = providers.accepted
    assert received.path == "/services/T0AAAA/B0BBBB/secret"
    assert received.payload == {"mrkdwn": False, "attachments": [{"title": TITLE, "text": TEXT, "color": "#A32037"}]}


def test_twilio_sends_one_sms(providers: PagerService) -> None:
    send(TWILIO)
    (received,) = providers.accepted
    assert received.payload == {"Body": f"{TITLE}\r\n{TEXT}", "From": "+12125550100", "To": "+12125550101"}


@pytest.mark.parametrize("url", [PAGERDUTY, SLACK, TWILIO])
@pytest.mark.parametrize(
    ("status", "failure"), [(400, PageRefused), (404, PageRefused), (429, PageUnsent), (503, PageUnsent)]
)
def test_each_says_refused_for_good_or_for_now(
    providers: PagerService, url: str, status: int, failure: type[Exception]
) -> None:
    providers.will_answer(status)
    with pytest.raises(failure, match=f"^status_{status}$"):
        send(url)
    assert len(providers.received) == 1


def test_an_answer_in_200_that_is_no_acceptance_is_a_refusal(providers: PagerService) -> None:
    providers.will_say(b"no_service")
    with pytest.raises(PageRefused, match=r"^status_200$"):
        send(SLACK)


def documented() -> list[str]:
    """Every Apprise URL in the tables of the operator's guide."""
    text = DOCS.read_text(encoding="utf-8")
    return [url for line in text.splitlines() if line.startswith("|") for url in re.findall(r"`(\w+://[^`]+)`", line)]


@pytest.mark.parametrize("url", documented())
def test_a_documented_url_is_one_that_can_be_used(url: str) -> None:
    assert Apprise.instantiate(url) is not None


def test_the_guide_has_an_example_of_each_kind() -> None:
    assert {url.split(":")[0] for url in documented()} >= {"twilio", "pagerduty", "slack", "mailtos", "jsons"}
