"""The audit as managers and auditors read it."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from bot.domain.staff import Role
from bot.storage.engine import create_engine
from tests.harness.clock import FakeClock
from tests.harness.console import Browser, ConsoleHouse


@pytest.fixture
async def auditor(console: ConsoleHouse) -> Browser:
    """An auditor at work."""
    return console.signed_in(Role.AUDITOR)


def numbers(text: str) -> list[int]:
    """Of the lines that a page shows."""
    return [int(number) for number in re.findall(r'data-label="No\.">(\d+)<', text)]


async def test_the_newest_line_comes_first(auditor: Browser) -> None:
    await auditor.get("/staff/audit")
    assert numbers((await auditor.get("/staff/audit")).text) == [3, 2, 1]


async def test_a_page_has_a_hundred_lines_and_a_way_to_the_older_ones(console: ConsoleHouse, auditor: Browser) -> None:
    for number in range(150):
        console.office.audit.note("noor", "audit.read", f"case-{number}")
    shown = await auditor.get("/staff/audit?actor=noor")
    found = re.search(r'href="(/staff/audit\?[^"]*)">Older lines', shown.text)
    assert found is not None
    assert numbers(shown.text) == list(range(152, 52, -1))
    older = await auditor.get(found[1].replace("&amp;", "&"))
    assert numbers(older.text) == list(range(52, 2, -1))
    assert "Older lines" not in older.text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("actor=NOOR", 1),
        ("actor=nobody", 0),
        ("action=account.added", 1),
        ("subject=case-1", 1),
        ("since=2026-03-02&until=2026-03-02", 3),
        ("since=2026-03-03", 0),
        ("until=2026-03-01", 0),
        ("since=yesterday&until=99999-01-01&before=x", 3),
        ("until=9999-12-31&before=" + "9" * 40, 3),
        ("actor=%00%EF%BF%BE", 3),
    ],
)
async def test_lines_are_found(console: ConsoleHouse, auditor: Browser, query: str, count: int) -> None:
    console.office.audit.note("noor", "audit.read", "case-1")
    shown = await auditor.get(f"/staff/audit?{query}")
    assert (shown.status, len(numbers(shown.text))) == (200, count)


async def test_a_day_is_one_of_the_clinics_zone(console: ConsoleHouse, auditor: Browser, clock: FakeClock) -> None:
    clock.move(hours=15)  # 5:00 UTC of the 3rd is 23:00 of the 2nd in Chicago
    console.office.audit.note("noor", "audit.read", "late")
    shown = await auditor.get("/staff/audit?actor=noor&until=2026-03-02")
    # The auditor was signed out meanwhile.
    assert shown.title == "Sign in"
    again = console.signed_in(Role.AUDITOR)
    shown = await again.get("/staff/audit?actor=noor&until=2026-03-02")
    assert len(numbers(shown.text)) == 1
    assert "2026-03-02 23:00 CST" in shown.text


async def test_a_check_says_that_nothing_was_changed(auditor: Browser) -> None:
    await auditor.get("/staff/audit")
    shown = await auditor.post("/staff/audit/verify")
    assert shown.said.startswith("Nothing was changed: 3 lines of the audit")


async def test_a_check_names_what_was_changed(console: ConsoleHouse, auditor: Browser) -> None:
    await auditor.get("/staff/audit")
    with create_engine(console.settings.database_url).begin() as connection:
        connection.execute(sa.text("UPDATE audit SET actor = 'somebody else' WHERE number = 2"))
    shown = await auditor.post("/staff/audit/verify")
    assert "audit line 2 is not as it was written" in shown.said


async def test_what_stands_in_the_audit_is_never_html(console: ConsoleHouse, auditor: Browser) -> None:
    console.office.audit.note("<b>", "<i>", "<u>", {"<s>": "<p class=x>"})
    shown = await auditor.get("/staff/audit?actor=%3Cb%3E")
    assert re.findall(r"<b>|<i>|<u>|<s>|<p class=x>", shown.text) == []
