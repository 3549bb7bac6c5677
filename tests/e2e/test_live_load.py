"""A few chat elements connected to a real gateway: `make live-load` does the same with a thousand."""

from __future__ import annotations

import asyncio

import pytest

from tools.live_load import __main__ as live_load

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_what_staff_write_reaches_whoever_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_load, "_IDLE_SECONDS", 0.5)
    figures = asyncio.run(live_load.measure(live_load.Load(streams=8, messages=16, rate=8.0), None))
    assert (figures["streams"], figures["staff messages"]) == (8, 16)
    assert (figures["staff messages lost"], figures["streams broken"]) == (0, 0)
    assert figures["seconds from stored to the stream"].keys() == {"p50", "p95", "longest"}
    assert 0 < figures["gateway megabytes without streams"] <= figures["gateway megabytes after the messages"]
