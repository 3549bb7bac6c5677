"""The overview: what a span holds, as a page and as files."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree

import pytest

from bot.channels.web import INTAKE
from bot.console.desk_parts import HANDLING
from bot.domain.escalation import Outcome
from bot.domain.messages import Inbound
from bot.domain.staff import Role
from bot.storage import tables
from bot.storage.engine import create_engine
from tests.console.conftest import StartConsole
from tests.harness.clock import FakeClock
from tests.harness.console import Browser, ConsoleHouse

WORDS = "I have crushing chest pain and cannot breathe"


@pytest.fixture
async def reported(console: ConsoleHouse, clock: FakeClock) -> ConsoleHouse:
    """One emergency, answered a minute later and marked as a false alarm."""
    outcome = await console.app[INTAKE].receive(Inbound("web", WORDS, "message-1"))
    assert outcome.escalation is not None
    reference = outcome.escalation.reference
    clock.move(minutes=1)
    console.app[HANDLING].say(reference, "noor", "I am here.")
    console.app[HANDLING].resolve(reference, "noor", Outcome.FALSE_ALARM)
    return console


def _rate(console: ConsoleHouse, clock: FakeClock, *topics: str) -> None:
    with create_engine(console.settings.database_url).begin() as connection:
        for topic in topics:
            connection.execute(tables.feedback.insert().values(topic=topic, helpful=False, at=clock()))


async def _file(browser: Browser, name: str, query: str = "") -> list[list[str]]:
    shown = await browser.get(f"/staff/overview/{name}.csv{query}")
    assert shown.status == 200
    return list(csv.reader(io.StringIO(shown.text)))


async def test_reports_are_counted_by_day_and_tier(reported: ConsoleHouse) -> None:
    lines = await _file(reported.signed_in(Role.MANAGER), "reports")
    assert lines[0] == ["Day", "Emergency", "Urgent", "Same day", "Routine"]
    assert len(lines) == 31
    assert lines[-1] == ["2026-03-02", "1", "0", "0", "0"]


async def test_times_and_false_alarms_are_those_of_the_report(reported: ConsoleHouse) -> None:
    browser = reported.signed_in(Role.AUDITOR)
    times = (await _file(browser, "times"))[1]
    assert times == ["Emergency", "1", "", "", "60.0", "60.0", "60.0", "60.0"]
    assert (await _file(browser, "outcomes"))[1] == ["Emergency", "1", "1", "1", "100%"]


async def test_no_page_and_no_file_has_words_of_a_patient(reported: ConsoleHouse) -> None:
    browser = reported.signed_in(Role.MANAGER)
    shown = await browser.get("/staff/overview")
    names = re.findall(r"/staff/overview/(\w+)\.csv", shown.text)
    assert names
    texts = [shown.text, *[str(await _file(browser, name)) for name in names]]
    assert not any("chest" in text for text in texts)


async def test_plots_say_in_words_what_they_show(reported: ConsoleHouse, clock: FakeClock) -> None:
    _rate(reported, clock, "faq/parking")
    shown = await reported.signed_in(Role.MANAGER).get("/staff/overview")
    plots = [ElementTree.fromstring(each) for each in re.findall(r"<svg.*?</svg>", shown.text, re.S)]  # noqa: S314
    assert len(plots) == 2
    for plot in plots:
        named = [each.attrib["id"] for each in plot if each.tag in ("title", "desc")]
        assert plot.attrib["aria-labelledby"].split() == named
        assert not any("style" in each.attrib for each in plot.iter())
    assert "In all: 1 emergency, 0 urgent" in shown.text
    assert shown.text.count("<summary>The same as a table") == len(plots)


async def test_a_span_can_be_chosen(reported: ConsoleHouse) -> None:
    browser = reported.signed_in(Role.MANAGER)
    query = "?since=2026-02-01&last=2026-02-03"
    lines = await _file(browser, "reports", query)
    assert [line[0] for line in lines[1:]] == ["2026-02-01", "2026-02-02", "2026-02-03"]
    assert not any(count != "0" for line in lines[1:] for count in line[1:])


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-03-02",
        "since=x&last=y",
        "since=2026-03-02&last=2026-03-01",
        "since=2025-01-01&last=2026-03-01",
        "since=0001-01-01&last=0001-01-02",
        "since=9999-12-31&last=9999-12-31",
    ],
)
async def test_a_span_that_is_none_is_said_and_the_usual_one_is_shown(console: ConsoleHouse, query: str) -> None:
    shown = await console.signed_in(Role.MANAGER).get(f"/staff/overview?{query}")
    assert (shown.status, "Shown are the last 30 days" in shown.text) == (200, True)


async def test_a_file_that_is_none_is_not_found(console: ConsoleHouse) -> None:
    assert (await console.signed_in(Role.MANAGER).get("/staff/overview/patients.csv")).status == 404


async def test_no_cell_is_a_formula(console: ConsoleHouse, clock: FakeClock) -> None:
    _rate(console, clock, "=HYPERLINK(1)", "+1", "@x")
    lines = await _file(console.signed_in(Role.MANAGER), "feedback")
    assert sorted(line[0] for line in lines[1:]) == ["'+1", "'=HYPERLINK(1)", "'@x"]


async def test_a_nurse_has_no_link_to_it(start_console: StartConsole) -> None:
    console = await start_console()
    assert "/staff/overview" not in (await console.signed_in(Role.NURSE).get("/staff/queue")).text
    assert "/staff/overview" in (await console.signed_in(Role.AUDITOR).get("/staff/queue")).text
