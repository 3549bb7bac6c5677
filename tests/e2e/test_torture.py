"""Reports come in while everything is killed and the database is away: nothing is lost, nothing is promised falsely.

`make torture` does the same for longer.
"""

from __future__ import annotations

import asyncio

import pytest

from tools.torture.run import Options, Result, torture

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def result() -> Result:
    """Fifty reports, about a minute."""
    return asyncio.run(torture(Options(reports=50, seed=7, rate=2.5, kill_every=2.5, outage=6.0)))


def test_everything_was_tried(result: Result) -> None:
    assert result.figures["reports"] == 50
    assert set(result.figures["kills by part"]) == {"gateway", "pager", "rasa"}
    assert set(result.figures["outages"]) == {"locked", "moved away"}


def test_every_report_is_answered_with_the_safety_text(result: Result) -> None:
    assert result.figures["never answered"] == 0
    assert result.figures["answered without the safety text"] == 0


def test_every_report_is_stored_once_and_its_page_is_sent(result: Result) -> None:
    assert result.figures["lost"] == 0
    assert result.figures["stored twice"] == 0
    assert result.figures["escalated twice"] == 0


def test_nobody_is_told_what_is_not_so(result: Result) -> None:
    assert result.figures["promised falsely"] == 0
