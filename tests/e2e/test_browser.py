"""The demonstration page in a real browser, with the real thing behind it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.server import REPLY_SECONDS, Server, run_bot

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(400)]

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
REPORT = "Cleo collapsed and does not answer"
PAGED = "Our on-call staff were paged about"
PHONE_WIDTH = 320


@dataclass
class Visit:
    """A page, and what the browser noticed about it."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Type and send."""
        self.page.get_by_label("Your message").fill(text)
        self.page.keyboard.press("Enter")

    def reply(self, kind: str) -> None:
        """Wait for a reply of a kind."""
        expect(self.page.locator(f".message--{kind}").last).to_be_visible()

    @property
    def is_too_wide(self) -> bool:
        """Whether anything needs sideways scrolling."""
        return bool(
            self.page.evaluate(
                "['html', '#scroller'].some((s) => "
                "document.querySelector(s).scrollWidth > document.querySelector(s).clientWidth)"
            )
        )


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium of this machine. Without one CI fails, and everybody else skips."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = f"no Chromium: install one of {', '.join(NAMES)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for the module: while it is open, no event loop can be started."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: str, browser: Browser, server: Server) -> Iterator[Visit]:
    """A patient opens the page; at the end the browser must not have complained."""
    page = browser.new_page()
    page.set_default_timeout(REPLY_SECONDS * 1000)
    expect.set_options(timeout=REPLY_SECONDS * 1000)
    visit = Visit(page, f"http://127.0.0.1:{server.port}/")
    page.on("console", lambda m: visit.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda request: visit.addresses.append(request.url))
    page.goto(visit.home)
    yield visit
    page.close()
    assert visit.complaints == []


def test_the_page_says_whose_it_is_and_whom_to_call(visit: Visit) -> None:
    expect(visit.page).to_have_title(re.compile("^Riverbend Ketamine Clinic"))
    expect(visit.page.get_by_role("link", name="Call 911").first).to_be_visible()
    expect(visit.page.get_by_role("link", name="text 988").first).to_be_visible()


def test_a_question_is_asked_and_its_sources_are_read_by_keyboard_alone(visit: Visit) -> None:
    keyboard, focused = visit.page.keyboard, visit.page.locator(":focus")
    keyboard.press("Tab")
    expect(focused).to_have_text("Skip to the chat")
    keyboard.press("Enter")
    press_tab_until(visit.page, "#message")
    keyboard.type("May Ben take his car the same evening?")
    keyboard.press("Enter")
    visit.reply("answer")
    press_tab_until(visit.page, ".sources summary", "Shift+Tab")
    keyboard.press("Enter")
    expect(visit.page.locator(".message--answer .bubble__text")).to_contain_text("24 hours")
    expect(visit.page.locator(".sources li").first).to_be_visible()


def press_tab_until(page: Page, selector: str, key: str = "Tab") -> None:
    """Move the focus to an element as somebody without a mouse does."""
    for _ in range(30):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_after_sending_the_next_message_can_be_typed_at_once(visit: Visit) -> None:
    visit.say("hello")
    visit.reply("smalltalk")
    expect(visit.page.locator("#message")).to_be_focused()
    expect(visit.page.locator("#message")).to_have_value("")


def test_an_example_question_is_answered(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Can I drive after?").click()
    visit.reply("answer")
    expect(visit.page.locator("#starters")).to_be_hidden()


def test_a_quick_reply_is_sent_and_then_gone(visit: Visit) -> None:
    visit.say("What would Ben pay for six infusions?")
    visit.page.get_by_role("button", name="Yes, ask the staff").click()
    visit.reply("handoff")
    expect(visit.page.locator(".choices")).to_have_count(0)
    expect(visit.page.locator("#escalation")).to_have_text(re.compile("^Reference [A-Z0-9]{5} · routine · open$"))


def test_a_severe_report_stands_out_and_has_its_reference(visit: Visit) -> None:
    visit.say(REPORT)
    visit.reply("safety")
    bubble = visit.page.locator(".message--safety .bubble").first
    expect(bubble).to_contain_text("Safety message")
    expect(bubble).to_have_css("border-left-width", "8px")
    expect(bubble.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")


def test_the_reference_of_a_report_stays_in_sight(visit: Visit) -> None:
    visit.say(REPORT)
    line = visit.page.locator("#escalation")
    expect(line).to_have_text(re.compile("^Reference [A-Z0-9]{5} · emergency · open$"))
    reference = line.inner_text().split()[1]
    expect(visit.page.locator(".message--safety .bubble__text").first).to_contain_text(reference)
    expect(line).to_be_in_viewport()


def test_a_reload_keeps_the_talk_and_goes_on_with_it(visit: Visit) -> None:
    visit.say(REPORT)
    expect(visit.page.locator("#log")).to_contain_text(PAGED)
    said = visit.page.locator("#log").inner_text()
    visit.page.reload()
    assert visit.page.locator("#log").inner_text() == said
    visit.say("What should Ana wear?")
    expect(visit.page.locator(".message--safety").last).to_contain_text("is still open with our staff")


def test_that_staff_were_paged_appears_without_a_reload(visit: Visit) -> None:
    visit.say(REPORT)
    notice = visit.page.locator(".message--safety").filter(has_text=PAGED)
    expect(notice).to_be_visible()
    expect(notice).to_contain_text(reference_on(visit))


def test_who_has_it_and_what_they_write_appear_without_a_reload(visit: Visit, server: Server) -> None:
    visit.say(REPORT)
    reference = reference_on(visit)
    said = run_bot("say", reference, "--by", "noor", "I am <b>calling</b> you now.", DATA_DIR=str(server.data_dir))
    assert said.returncode == 0, said.stderr
    bubble = visit.page.locator(".message--handoff .bubble")
    expect(bubble.locator(".bubble__text")).to_have_text("I am <b>calling</b> you now.")
    expect(bubble.locator(".bubble__label")).to_have_text("Noor, clinic staff")
    expect(visit.page.locator("#escalation")).to_have_text(
        f"Reference {reference} · emergency · with staff · with Noor"
    )
    expect(visit.page.locator(".message").filter(has_text="Noor (nurse) has joined")).to_have_count(1)
    visit.page.reload()
    expect(bubble.locator(".bubble__label")).to_have_text("Noor, clinic staff")


def reference_on(visit: Visit) -> str:
    """The reference that the page shows."""
    line = visit.page.locator("#escalation")
    expect(line).to_have_text(re.compile("^Reference [A-Z0-9]{5} "))
    return line.inner_text().split()[1]


def test_starting_over_asks_first_and_then_forgets(visit: Visit) -> None:
    visit.say("hello")
    visit.reply("smalltalk")
    visit.page.get_by_role("button", name="Start over").click()
    visit.page.locator("#confirm-clear").get_by_role("button", name="Start over").click()
    expect(visit.page.locator(".message")).to_have_count(1)
    visit.page.reload()
    expect(visit.page.locator(".message")).to_have_count(1)


def test_what_a_patient_types_is_never_html(visit: Visit) -> None:
    text = "<img src=x onerror=alert(1)> What should <b>Ana</b> wear?"
    visit.say(text)
    expect(visit.page.locator(".message--patient .bubble__text")).to_have_text(text)
    expect(visit.page.locator(".message img, .message b")).to_have_count(0)


@pytest.mark.parametrize(
    "text", ["Which side effects are the common ones?", REPORT, "x" * 300], ids=["answer", "report", "one long word"]
)
def test_on_a_narrow_phone_nothing_needs_sideways_scrolling(visit: Visit, text: str) -> None:
    visit.page.set_viewport_size({"width": PHONE_WIDTH, "height": 640})
    visit.say(text)
    expect(visit.page.locator(".message--assistant").nth(1)).to_be_visible()
    for summary in visit.page.locator(".sources summary").all():
        summary.click()
    assert not visit.is_too_wide


def test_the_page_talks_to_nobody_else(visit: Visit) -> None:
    visit.say(REPORT)
    visit.reply("safety")
    assert [address for address in visit.addresses if not address.startswith(visit.home)] == []
    assert f"{visit.home}api/chat/messages" in visit.addresses
