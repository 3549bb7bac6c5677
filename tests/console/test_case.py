"""One escalation in the console: read, had, answered, noted, handed back, closed, opened again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from bot.channels.web import INTAKE
from bot.domain.audit import Action
from bot.domain.escalation import Tier
from bot.domain.messages import Inbound
from bot.domain.staff import Role
from bot.storage import tables
from tests.console.conftest import StartConsole
from tests.harness.clock import FakeClock
from tests.harness.console import Browser, ConsoleHouse

EMERGENCY = "I have crushing chest pain and cannot breathe"
SAME_TALK = "And what should I wear?"

Report = Callable[..., Awaitable[str]]


@pytest.fixture
def report(console: ConsoleHouse) -> Report:
    """A patient reports something severe; returns the reference."""

    async def tell(text: str = EMERGENCY, conversation_id: str | None = None) -> str:
        inbound = Inbound("web", text, f"message-{len(_talk(console))}", conversation_id)
        outcome = await console.app[INTAKE].receive(inbound)
        assert outcome.escalation is not None
        return outcome.escalation.reference

    return tell


def _talk(console: ConsoleHouse) -> list[str]:
    """Everything that was said, to all."""
    with console.unit_of_work() as uow:
        escalations = uow.escalations.listing(include_resolved=True)
        return [entry.text for each in escalations for entry in uow.messages.talk(each.conversation_id, 0, 1000)]


def _address(reference: str, move: str = "") -> str:
    return f"/staff/escalations/{reference}{'/' if move else ''}{move}"


async def _open(browser: Browser, reference: str) -> Browser:
    assert (await browser.get(_address(reference))).status == 200
    return browser


def _events(console: ConsoleHouse, reference: str) -> list[str]:
    with console.unit_of_work() as uow:
        found = uow.escalations.by_reference(reference)
        assert found is not None
        return [entry.event for entry in uow.escalations.history(found.id)]


# -- reading -------------------------------------------------------------------


async def test_the_evidence_is_marked_in_what_the_patient_wrote(console: ConsoleHouse, report: Report) -> None:
    browser = await _open(console.signed_in(Role.NURSE), await report())
    marked = re.findall(r"<mark[^>]*>([^<]*)", browser.page.text)
    assert marked
    assert all(words in EMERGENCY for words in marked)


async def test_what_a_patient_types_is_never_html(console: ConsoleHouse, report: Report) -> None:
    browser = await _open(console.signed_in(Role.NURSE), await report(f"<img src=x> {EMERGENCY} <b>"))
    assert "<img" not in browser.page.text
    assert "&lt;img src=x&gt;" in browser.page.text


async def test_whoever_reads_a_talk_stands_in_the_audit(console: ConsoleHouse, report: Report) -> None:
    reference = await report()
    for role in Role:
        browser = await _open(console.signed_in(role), reference)
        name = f"{role}-{len(console.browsers) - 1}@example.org"
        assert (name, Action.TALK_READ, reference) in console.audited()
        assert browser.page.title == reference


async def test_a_talk_is_followed_only_from_a_page_that_was_opened(console: ConsoleHouse, report: Report) -> None:
    """Else it would be read without a line in the audit."""
    reference = await report()
    browser = console.signed_in(Role.NURSE)
    assert (await browser.get(_address(reference, "live?after=0"))).status == 403
    await _open(browser, reference)
    token = browser.page.text.partition('data-token="')[2].partition('"')[0]
    shown = await browser.get(_address(reference, f"live?after=0&token={token}"))
    assert (shown.status, "crushing" in shown.text) == (200, True)
    other = console.signed_in(Role.NURSE)
    assert (await other.get(_address(reference, f"live?after=0&token={token}"))).status == 403


@pytest.mark.parametrize("reference", ["XXXXX", "a'b", "%00", "é"])
async def test_what_is_not_there_is_said(console: ConsoleHouse, reference: str) -> None:
    shown = await console.signed_in(Role.NURSE).get(_address(reference))
    assert (shown.status, shown.title) == (404, "Not found")


async def test_reading_takes_the_mark_of_the_unread_and_an_auditor_does_not(
    console: ConsoleHouse, report: Report
) -> None:
    reference = await report()
    nurse, auditor = console.signed_in(Role.NURSE), console.signed_in(Role.AUDITOR)
    await _open(auditor, reference)
    assert "1 unread" in (await nurse.get("/staff/queue")).text
    await _open(nurse, reference)
    assert "unread" not in (await nurse.get("/staff/queue")).text


# -- acting --------------------------------------------------------------------


async def test_every_change_has_its_line_in_the_history_and_in_the_audit(console: ConsoleHouse, report: Report) -> None:
    """All addresses that change an escalation: a new one has to be added here."""
    reference = await report()
    browser = await _open(console.signed_in(Role.NURSE), reference)
    steps: list[tuple[str, dict[str, str], str]] = [
        ("acknowledge", {}, "acknowledged"),
        ("take-over", {}, "taken_over"),
        ("reply", {"text": "I am here."}, "wrote"),
        ("note", {"note": "Called her husband."}, "noted"),
        ("tier", {"tier": "urgent", "reason": "Breathes well."}, "tier_changed"),
        ("hand-back", {}, "handed_back"),
        ("resolve", {"outcome": "handled", "reason": "Seen."}, "resolved"),
        ("reopen", {"reason": "Pain is back."}, "reopened"),
    ]
    moves = {f"/staff/escalations/{{reference}}/{name}" for name, _, _ in steps}
    posts = {
        route.resource.canonical
        for route in console.app.router.routes()
        if route.method == "POST" and route.resource and route.resource.canonical.startswith("/staff/escalations/")
    }
    assert posts - moves == {"/staff/escalations/{reference}/typing"}, "a signal that is over in seconds"
    for name, fields, event in steps:
        shown = await browser.post(_address(reference, name), fields)
        assert (shown.status, shown.path) == (200, _address(reference)), shown.said
        assert _events(console, reference).count(event) == 1
        assert [action for _, action, about in console.audited() if about == reference].count(
            f"escalation.{event}"
        ) == 1
    assert "I am here." in _talk(console)
    assert "Called her husband." not in _talk(console)
    assert "Called her husband." in browser.page.text


async def test_patients_read_the_first_name_of_an_account(console: ConsoleHouse, report: Report) -> None:
    reference = await report()
    staff = console.account("amal@example.org")
    browser = await _open(console.at_work(staff), reference)
    await browser.post(_address(reference, "reply"), {"text": "Hello"})
    with console.unit_of_work() as uow:
        escalation = uow.escalations.by_reference(reference)
        assert escalation is not None
        authors = {entry.author for entry in uow.messages.talk(escalation.conversation_id, 0, 100)}
    assert "staff:Amal" in authors
    assert any("Amal (nurse) has joined" in text for text in _talk(console))


async def test_the_second_nurse_is_told_who_has_it_and_keeps_what_was_typed(
    console: ConsoleHouse, report: Report
) -> None:
    reference = await report()
    first, second = console.signed_in(Role.NURSE, "noor"), console.signed_in(Role.NURSE)
    await _open(second, reference)
    await (await _open(first, reference)).post(_address(reference, "take-over"))
    shown = await second.post(_address(reference, "reply"), {"text": "It is me, too."})
    assert shown.status == 409
    assert f"{reference} is already with Noor" in shown.said
    assert "It is me, too." not in _talk(console)
    for move, fields in (("hand-back", {}), ("resolve", {"outcome": "handled"}), ("take-over", {})):
        assert (await second.post(_address(reference, move), fields)).status == 409


async def test_a_manager_takes_it_from_somebody_by_saying_so(console: ConsoleHouse, report: Report) -> None:
    reference = await report()
    nurse, manager = console.signed_in(Role.NURSE, "noor"), console.signed_in(Role.MANAGER)
    await (await _open(nurse, reference)).post(_address(reference, "take-over"))
    await _open(manager, reference)
    assert (await manager.post(_address(reference, "take-over"))).status == 409
    assert (await manager.post(_address(reference, "take-over"), {"from_owner": "noor"})).status == 200
    assert "taken_from" in _events(console, reference)
    await nurse.get(_address(reference))
    assert (await nurse.post(_address(reference, "take-over"), {"from_owner": "somebody"})).status == 403
    assert (await nurse.post(_address(reference, "reply"), {"text": "x"})).status == 409


@pytest.mark.parametrize(
    ("move", "fields", "said"),
    [
        ("reply", {"text": ""}, "Write something first"),
        ("reply", {"text": "x" * 1501}, "1501 characters"),
        ("note", {}, "Write something first"),
        ("tier", {"tier": "worst"}, "Choose a tier"),
        ("resolve", {}, "Choose how it ended"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_changes_nothing(
    console: ConsoleHouse, report: Report, move: str, fields: dict[str, str], said: str
) -> None:
    reference = await report()
    browser = await _open(console.signed_in(Role.NURSE), reference)
    before = _events(console, reference)
    shown = await browser.post(_address(reference, move), fields)
    assert (shown.status, said in shown.said) == (422, True)
    assert _events(console, reference) == before


async def test_less_serious_only_with_a_reason(console: ConsoleHouse, report: Report) -> None:
    reference = await report()
    browser = await _open(console.signed_in(Role.NURSE), reference)
    shown = await browser.post(_address(reference, "tier"), {"tier": "routine"})
    assert (shown.status, "Say why it is less serious" in shown.said) == (409, True)


async def test_a_change_without_the_token_is_not_made(console: ConsoleHouse, report: Report) -> None:
    reference = await report()
    browser = await _open(console.signed_in(Role.NURSE), reference)
    shown = await browser.post(_address(reference, "acknowledge"), {"csrf": "another"})
    assert shown.status == 403
    assert "acknowledged" not in _events(console, reference)


async def test_a_canned_reply_is_put_into_the_box_with_its_blanks_filled(start_console: StartConsole) -> None:
    canned = [{"title": "Calling", "text": "[my name] of [clinic name] about [reference]: [clinic phone]"}]
    console = await start_console({"second_factor": "optional", "canned_replies": canned})
    outcome = await console.app[INTAKE].receive(Inbound("web", EMERGENCY, "message-1"))
    assert outcome.escalation is not None
    reference = outcome.escalation.reference
    shown = await console.signed_in(Role.NURSE, "noor").get(_address(reference, "") + "?canned=0")
    assert f">Noor of Harbor Test Clinic about {reference}: +1 555-010-0177</textarea>" in shown.text


# -- the queue and its stream ----------------------------------------------------


async def test_most_serious_first_then_longest_waiting(console: ConsoleHouse, report: Report, clock: FakeClock) -> None:
    first = await report()
    clock.move(minutes=5)
    urgent = await report()
    clock.move(minutes=5)
    later = await report()
    browser = console.signed_in(Role.NURSE)
    await _open(browser, urgent)
    await browser.post(_address(urgent, "tier"), {"tier": Tier.URGENT, "reason": "Calm."})
    text = (await browser.get("/staff/queue")).text
    assert text.index(first) < text.index(later) < text.index(urgent)
    shown = (await browser.get("/staff/queue?tier=urgent")).text
    assert (urgent in shown, f'data-reference="{first}"' in shown) == (True, False)
    assert f'data-reference="{first}"' in (await browser.get(f"/staff/queue?reference={first[:3].lower()}")).text
    assert "Nothing like that" in (await browser.get("/staff/queue?mine=1&shown=resolved")).text


async def test_the_list_holds_nothing_that_a_patient_wrote(console: ConsoleHouse, report: Report) -> None:
    await report("Cleo here: " + EMERGENCY)
    assert "Cleo" not in (await console.signed_in(Role.NURSE).get("/staff/queue")).text


async def test_an_emergency_is_told_to_an_open_console_and_its_acknowledgement_too(
    console: ConsoleHouse, report: Report
) -> None:
    browser = console.signed_in(Role.NURSE)
    async with browser.session.get(f"{browser.url}/staff/events") as stream, asyncio.timeout(20):
        reference = await report()
        while f'"unclaimed": ["{reference}"]' not in (await stream.content.readline()).decode():
            pass
        await _open(browser, reference)
        await browser.post(_address(reference, "acknowledge"))
        while '"unclaimed": []' not in (await stream.content.readline()).decode():
            pass


async def test_nobody_follows_without_a_session(console: ConsoleHouse) -> None:
    shown = await console.browser().get("/staff/events", follow=False, Accept="text/event-stream")
    assert shown.status == 401


async def test_a_drill_is_in_no_queue(console: ConsoleHouse) -> None:
    outcome = await console.app[INTAKE].receive(Inbound("canary", EMERGENCY, "message-1"))
    assert outcome.escalation is not None
    assert outcome.escalation.reference not in (await console.signed_in(Role.NURSE).get("/staff/queue")).text


async def test_a_talk_is_shown_in_pages(console: ConsoleHouse, report: Report) -> None:
    reference = await report()
    with console.unit_of_work() as uow:
        escalation = uow.escalations.by_reference(reference)
        assert escalation is not None
        for number in range(120):
            uow.messages.add_inbound(
                escalation.conversation_id, f"m-{number}", f"word-{number}-end", {}, console.clock()
            )
        uow.commit()
    browser = await _open(console.signed_in(Role.NURSE), reference)
    assert ("word-119-end" in browser.page.text, "word-3-end" in browser.page.text) == (True, False)
    position = browser.page.text.partition("?before=")[2].partition('"')[0]
    shown = await browser.get(_address(reference) + f"?before={position}")
    assert ("word-119-end" in shown.text, "word-3-end" in shown.text) == (False, True)


def test_tables_of_the_console_hold_no_text_of_a_patient() -> None:
    names = {column.name for table in (tables.talk_reads, tables.questions_done) for column in table.columns}
    assert names == {"conversation_id", "position", "at", "message_id", "how", "done_by"}
