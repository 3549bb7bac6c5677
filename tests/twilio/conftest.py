"""A telephone company, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.twilio.client import TwilioTelephony
from tools.telephone_company import TelephoneCompany

PUBLIC = "https://chat.example.org"


@pytest.fixture
async def company(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelephoneCompany]:
    """On the loopback address; what nobody expected fails the test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelephoneCompany() as company:
        yield company


@pytest.fixture
def telephony(company: TelephoneCompany) -> TwilioTelephony:
    """A client that does not wait long: only where something hangs on purpose."""
    return TwilioTelephony(company.account, PUBLIC, timeout=(0.5, 0.5))
