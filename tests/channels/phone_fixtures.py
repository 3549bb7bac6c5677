"""A clinic's line for the tests of calls and of what is handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.channels.conftest import StartGateway
from tests.harness.phone_line import PUBLIC, PhoneLine, clinic_file
from tools.telephone_company import TelephoneCompany

OpenLine = Callable[..., Awaitable[PhoneLine]]


@pytest.fixture
async def company(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelephoneCompany]:
    """Whoever was not expected to be called or texted fails the test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelephoneCompany() as company:
        yield company


@pytest.fixture
def open_line(start_gateway: StartGateway, company: TelephoneCompany) -> OpenLine:
    """Opens the clinic's line; arguments change `clinic.yml` or, in capitals, the environment."""

    async def opened(desk: Any = None, clinic: dict[str, Any] | None = None, **environment: str) -> PhoneLine:
        content = {**clinic_file(company, desk), **(clinic or {})}
        gateway = await start_gateway(content, PUBLIC_URL=PUBLIC, **company.environment(), **environment)
        company.serves(str(gateway.client.make_url("/")), PUBLIC)
        return PhoneLine(gateway, company)

    return opened


@pytest.fixture
async def line(open_line: OpenLine) -> PhoneLine:
    """Without a desk."""
    return await open_line()
