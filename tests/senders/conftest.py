"""A pager and a provider that it can reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.on_call import Contact, Method
from bot.senders.apprise import ApprisePager
from tests.harness.pager_service import PagerService, pager_service

CONTACT = Contact(Method.URL, "PAGER_MARIA")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PagerService]:
    """A provider on the loopback address."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pager_service() as service:
        yield service


@pytest.fixture
def pager(service: PagerService) -> ApprisePager:
    """A pager whose only address is the provider."""
    return ApprisePager({CONTACT.address: service.apprise_url("/hook")})


def pager_for(url: str, limit: float = 10.0) -> ApprisePager:
    """A pager whose only address is a URL."""
    return ApprisePager({CONTACT.address: url}, limit)
