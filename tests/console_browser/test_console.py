"""The console in a real browser, with a patient in another one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from bot.domain.clock import utc_now
from bot.domain.escalation import Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.staff import Role
from tests.console_browser.conftest import Enter
from tests.widget.stage import Stage
from tests.widget.visit import OpenVisit, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

REPORT = "I have crushing chest pain and cannot breathe"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def patient(open_visit: OpenVisit) -> Visit:
    """Somebody who has the chat open on the clinic's site."""
    return open_visit().open()


def _case(page: Page) -> str:
    """Open the only report of the queue by acknowledging it; returns its reference."""
    row = page.locator(".row").first
    reference = row.get_attribute("data-reference") or ""
    row.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("h1")).to_have_text(reference)
    return reference


def test_an_emergency_arrives_live_and_is_taken_to_its_end(enter: Enter, patient: Visit, stage: Stage) -> None:
    nurse = enter(person="noor")
    expect(nurse.get_by_text("Nothing here.")).to_be_visible()
    patient.say(REPORT)
    expect(nurse.locator(".row--emergency")).to_be_visible()
    expect(nurse.locator("#alarm")).to_contain_text("An emergency that nobody has")
    expect(nurse).to_have_title(re.compile(r"^\(1\) 1 EMERGENCY – Queue"))
    assert "icon.svg?n=1&alarm=1" in (nurse.locator("#icon").get_attribute("href") or "")
    _case(nurse)
    expect(nurse.locator("#alarm")).to_be_hidden()
    expect(nurse.locator("mark").first).to_be_visible()
    patient.sees("Noor (nurse) saw your report")
    # Two-sided, without a reload on either side.
    nurse.get_by_role("button", name="Take over the conversation").click()
    expect(nurse.locator("#head")).to_contain_text("In conversation · you")
    nurse.get_by_label("Write to the patient").fill("I am <b>calling</b> you.")
    nurse.get_by_role("button", name="Send").click()
    patient.sees("I am <b>calling</b> you.")
    expect(nurse.locator(".line--staff")).to_contain_text("I am <b>calling</b> you.")
    expect(nurse.get_by_label("Write to the patient")).to_have_value("")
    before = len(stage.rasa.asked)
    patient.say("Thank you, I wait.")
    expect(nurse.locator(".line--patient").last).to_contain_text("Thank you, I wait.")
    assert len(stage.rasa.asked) == before, "the assistant is silent"
    nurse.get_by_role("button", name="Hand back to the assistant").click()
    expect(nurse.locator("#head")).to_contain_text("Acknowledged")
    nurse.get_by_text("Close it", exact=True).click()
    nurse.get_by_label("Sent to emergency care").check()
    nurse.get_by_role("button", name="Close the report").click()
    expect(nurse.locator("#head")).to_contain_text("Sent to emergency care")
    nurse.get_by_role("button", name="Reopen").click()
    expect(nurse.locator("#head")).to_contain_text("Acknowledged")


def test_the_second_nurse_watches_and_what_she_typed_is_kept(enter: Enter, patient: Visit) -> None:
    patient.say(REPORT)
    first, second = enter(person="noor"), enter("lee")
    expect(second.locator(".row")).to_be_visible()
    reference = _case(first)
    second.goto(first.url)
    second.get_by_label("Write to the patient").fill("It is me, too.")
    first.get_by_role("button", name="Take over the conversation").click()
    expect(second.locator("#actions")).to_contain_text("Noor speaks with this patient")
    expect(second.locator("#reply")).to_have_count(0)
    expect(second.locator("h1")).to_have_text(reference)


def test_a_reply_that_came_too_late_is_said_beside_the_box(enter: Enter, patient: Visit, stage: Stage) -> None:
    patient.say(REPORT)
    nurse = enter("lee")
    reference = _case(nurse)
    nurse.route("**/live?*", lambda route: route.abort())
    stage.house.handling.take_over(reference, "noor")
    nurse.get_by_label("Write to the patient").fill("Hello")
    nurse.get_by_role("button", name="Send").click()
    expect(nurse.locator("#reply-problem")).to_contain_text(f"{reference} is already with Noor")
    expect(nurse.get_by_label("Write to the patient")).to_have_value("Hello")


def test_after_the_end_of_the_session_nothing_is_sent(enter: Enter, patient: Visit, stage: Stage) -> None:
    patient.say(REPORT)
    nurse = enter()
    _case(nurse)
    with stage.house.unit_of_work() as uow:
        account = uow.accounts.by_user_name("noor@example.org")
        assert account is not None
        uow.sessions.end_all(account.staff.id, "test", utc_now())
        uow.commit()
    nurse.get_by_label("Write to the patient").fill("Hello")
    nurse.get_by_role("button", name="Send").click()
    expect(nurse.locator("#reply-problem")).to_contain_text("Your session is over")


def test_a_form_with_another_token_is_refused(enter: Enter, patient: Visit) -> None:
    patient.say(REPORT)
    nurse = enter()
    nurse.locator(".row").first.wait_for()
    nurse.evaluate("document.querySelectorAll('[name=csrf]').forEach((each) => (each.value = 'guess'))")
    nurse.get_by_role("button", name="Acknowledge").click()
    expect(nurse.locator("h1")).to_have_text("Not accepted")


def test_a_silent_browser_is_said_with_how_to_allow_sound(enter: Enter, patient: Visit) -> None:
    nurse = enter()
    nurse.reload()
    expect(nurse.locator("#sound")).to_contain_text("Your browser keeps this page silent")
    patient.say(REPORT)
    nurse.get_by_role("button", name="Allow sound").click()
    expect(nurse.locator("body")).to_have_attribute("data-rung", re.compile(r"\d"))


def test_what_was_missed_while_the_gateway_was_away_is_caught_up(enter: Enter, patient: Visit, stage: Stage) -> None:
    nurse = enter()
    stage.stop()
    expect(nurse.locator("#away")).to_contain_text("Not connected")
    stage.start()
    patient.say(REPORT)
    expect(nurse.locator(".row--emergency")).to_be_visible(timeout=20_000)
    expect(nurse.locator("#away")).to_be_hidden()


def test_without_a_script_everything_can_be_done(enter: Enter, patient: Visit) -> None:
    patient.say(REPORT)
    nurse = enter(person="noor", java_script_enabled=False)
    _case(nurse)
    nurse.locator(".canned summary").click()
    nurse.get_by_role("link", name="I am calling").click()
    expect(nurse.get_by_label("Write to the patient")).to_have_value(re.compile("^This is Noor about [A-Z0-9]{5}.$"))
    nurse.get_by_role("button", name="Send").click()
    patient.sees("This is Noor about")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_has_a_barrier_or_needs_sideways_scrolling(
    enter: Enter, patient: Visit, stage: Stage, axe: str, scheme: str, width: int
) -> None:
    with stage.house.unit_of_work() as uow:
        talk = uow.conversations.add("web", utc_now())
        doubt = uow.messages.add_inbound(talk.id, "m-1", "my heart feels odd", {}, utc_now())
        uow.borderlines.add(doubt.id, Tier.URGENT, "cardiac", 0.4, utc_now())
        odd = uow.messages.add_inbound(talk.id, "m-2", "May I bring my parrot?", {}, utc_now())
        offer = Reply("I do not know. Shall I ask?", ReplyKind.FALLBACK, "ask_staff/companions")
        uow.messages.add_replies(odd, (offer,), utc_now())
        uow.commit()
    patient.say(REPORT)
    manager = enter("mara", Role.MANAGER, color_scheme=scheme, viewport={"width": width, "height": 800})
    manager.locator(".row").first.wait_for()
    case = manager.locator(".row__link").first.get_attribute("href") or ""
    for path in ("/staff/queue", case, "/staff/borderline", "/staff/questions", "/staff/account"):
        manager.goto(stage.home.rstrip("/") + path)
        manager.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        manager.wait_for_timeout(1300)  # what has just arrived fades in
        manager.evaluate(axe)
        found = manager.evaluate("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))")
        assert found == [], path
        assert not manager.evaluate(WIDE), path
