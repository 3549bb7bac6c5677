"""The phone tree through the telephone company: what callers hear, and what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.channels.conftest import StartGateway
from tests.channels.fake_rasa import FakeRasa
from tests.harness.phone_line import PUBLIC, PhoneLine, clinic_file
from tools.telephone_company import TelephoneCompany

REPORT = "I can't breathe"

Open = Callable[..., Awaitable[PhoneLine]]


@pytest.fixture
async def company(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelephoneCompany]:
    """Whoever was not expected to be called or texted fails the test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelephoneCompany() as company:
        yield company


@pytest.fixture
def open_line(start_gateway: StartGateway, company: TelephoneCompany) -> Open:
    """Opens the clinic's line; arguments change `clinic.yml` or, in capitals, the environment."""

    async def opened(desk: bool = False, telephone: dict[str, Any] | None = None, **environment: str) -> PhoneLine:
        gateway = await start_gateway(
            clinic_file(company, desk, **(telephone or {})), PUBLIC_URL=PUBLIC, **company.environment(), **environment
        )
        company.serves(str(gateway.client.make_url("/")), PUBLIC)
        return PhoneLine(gateway.settings, company)

    return opened


@pytest.fixture
async def line(open_line: Open) -> PhoneLine:
    """Without a desk."""
    return await open_line()


# -- questions -------------------------------------------------------------------


async def test_a_call_is_answered_with_the_greeting_and_the_emergency_number(line: PhoneLine) -> None:
    call = await line.called_by()
    assert call.heard.startswith(
        "Thank you for calling Cleo's Clinic. If this is an emergency, hang up and call 9 1 1."
    )
    assert "1 for Driving afterwards, 2 for Nausea and vomiting" in call.heard
    assert call.languages == {"en-US", "es-US"}


async def test_a_spoken_question_gets_the_short_answer_and_its_source(line: PhoneLine, rasa: FakeRasa) -> None:
    call = await line.called_by()
    await call.says("when can I drive")
    assert (
        call.heard.startswith("No driving for 24 hours. That is from, What To Know.")
        or "No driving for 24 hours." in call.heard
    )
    assert rasa.asked[0]["message"] == "when can I drive"
