"""The demonstration page in a real browser, with the real thing behind it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.widget.assemble import texts
from tests.e2e.server import REPLY_SECONDS, Server, run_bot

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(400)]

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
REPORT = "Cleo collapsed and does not answer"
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

    def open(self) -> Visit:
        """Press the launcher."""
        self.page.get_by_role("button", name="Ask the clinic", exact=True).click()
        expect(self.page.locator(".panel")).to_be_visible()
        return self

    def answer(self) -> None:
        """Wait for whatever is said to the last message."""
        expect(self.page.locator(".mine ~ .theirs").last).to_be_visible()

    @property
    def is_too_wide(self) -> bool:
        """Whether anything needs sideways scrolling."""
        return bool(
            self.page.evaluate(
                "[document.documentElement, document.querySelector('clinic-chat').shadowRoot.querySelector('.scroll')]"
                ".some((element) => element.scrollWidth > element.clientWidth)"
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
    """A patient opens the page and the chat; at the end the browser must not have complained."""
    page = browser.new_page()
    page.set_default_timeout(REPLY_SECONDS * 1000)
    expect.set_options(timeout=REPLY_SECONDS * 1000)
    visit = Visit(page, f"http://127.0.0.1:{server.port}/")
    page.on("console", lambda m: visit.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda request: visit.addresses.append(request.url))
    page.goto(visit.home)
    visit.open()
    yield visit
    page.close()
    assert visit.complaints == []


def test_the_page_says_whose_it_is_and_whom_to_call(visit: Visit) -> None:
    expect(visit.page).to_have_title(re.compile("^Riverbend Ketamine Clinic"))
    expect(visit.page.get_by_role("link", name="Call 911").first).to_be_visible()
    expect(visit.page.get_by_role("link", name="text 988").first).to_be_visible()


def test_a_question_is_asked_and_its_sources_are_read_by_keyboard_alone(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    keyboard.press("Escape")
    expect(visit.page.locator(".launcher")).to_be_focused()
    keyboard.press("Enter")
    expect(visit.page.locator(".input")).to_be_focused()
    keyboard.type("May Ben take his car the same evening?")
    keyboard.press("Enter")
    expect(visit.page.locator(".theirs .text").last).to_contain_text("24 hours")
    press_tab_until(visit.page, ".sources summary", "Shift+Tab")
    keyboard.press("Enter")
    expect(visit.page.locator(".sources li").first).to_be_visible()


def press_tab_until(page: Page, selector: str, key: str = "Tab") -> None:
    """Move the focus to a part of the chat as somebody without a mouse does."""
    focused = "(selector) => document.querySelector('clinic-chat').shadowRoot.activeElement?.matches(selector) ?? false"
    for _ in range(30):
        if page.evaluate(focused, selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_after_sending_the_next_message_can_be_typed_at_once(visit: Visit) -> None:
    visit.say("hello")
    visit.answer()
    expect(visit.page.locator(".input")).to_be_focused()
    expect(visit.page.locator(".input")).to_have_value("")


def test_the_pages_own_button_opens_the_chat(visit: Visit) -> None:
    visit.page.keyboard.press("Escape")
    visit.page.get_by_role("button", name="Ask a question").click()
    expect(visit.page.locator(".panel")).to_be_visible()


@pytest.mark.parametrize("question", texts()["en"]["suggestions"])
def test_each_example_question_has_an_answer_with_its_sources(visit: Visit, question: str) -> None:
    visit.page.get_by_role("button", name=question).click()
    visit.answer()
    expect(visit.page.locator(".sources")).to_be_visible()
    expect(visit.page.get_by_role("button", name=question)).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_person_is_asked_for_with_a_press(visit: Visit, language: str) -> None:
    said = texts()[language]
    if language != "en":
        visit.page.get_by_role("button", name=said["language"]).click()
    visit.page.get_by_role("button", name=said["person"]).click()
    expect(visit.page.locator(".reference")).to_have_text(re.compile(r"^\S+ [A-Z0-9]{5}$"))


def test_an_answer_is_rated_by_its_version(visit: Visit) -> None:
    visit.say("May Ben take his car the same evening?")
    visit.page.get_by_role("button", name="Yes", exact=True).click()
    expect(visit.page.locator(".rate")).to_contain_text("Thank you.")


def test_a_quick_reply_is_sent_and_then_gone(visit: Visit) -> None:
    visit.say("What would Ben pay for six infusions?")
    visit.page.get_by_role("button", name="Yes, ask the staff").click()
    expect(visit.page.locator(".reference")).to_have_text(re.compile("^Request [A-Z0-9]{5}$"))
    expect(visit.page.get_by_role("button", name="Yes, ask the staff")).to_have_count(0)


def test_a_severe_report_stands_out_and_has_its_reference(visit: Visit) -> None:
    visit.say(REPORT)
    bubble = visit.page.locator(".safety .bubble").first
    expect(bubble).to_contain_text("Safety message")
    expect(bubble).to_contain_text(reference_on(visit))
    expect(bubble.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(visit.page.locator(".reference")).to_be_in_viewport()


def test_a_reload_keeps_the_talk_and_goes_on_with_it(visit: Visit) -> None:
    visit.say(REPORT)
    reference_on(visit)
    expect(visit.page.locator(".log")).to_contain_text("This may be an emergency")
    visit.page.reload()
    expect(visit.page.locator(".log")).to_contain_text("This may be an emergency")
    visit.say("What should Ana wear?")
    expect(visit.page.locator(".log")).to_contain_text("is still open with our staff")


def test_that_somebody_has_seen_it_appears_without_a_reload(visit: Visit, server: Server) -> None:
    visit.say(REPORT)
    reference = reference_on(visit)
    seen = run_bot("acknowledge", reference, "--by", "noor", DATA_DIR=str(server.data_dir))
    assert seen.returncode == 0, seen.stderr
    expect(visit.page.locator(".notice")).to_contain_text("Noor (nurse) saw your report")
    expect(visit.page.locator(".standing")).to_have_text(re.compile("^Seen by Noor at "))


def test_who_has_it_and_what_they_write_appear_without_a_reload(visit: Visit, server: Server) -> None:
    visit.say(REPORT)
    reference = reference_on(visit)
    said = run_bot("say", reference, "--by", "noor", "I am <b>calling</b> you now.", DATA_DIR=str(server.data_dir))
    assert said.returncode == 0, said.stderr
    expect(visit.page.locator(".staff .text")).to_have_text("I am <b>calling</b> you now.")
    expect(visit.page.locator(".staff .who")).to_have_text(re.compile("^Noor, clinic staff"))
    expect(visit.page.locator(".standing")).to_have_text("Noor is with you here")


def reference_on(visit: Visit) -> str:
    """The reference that the chat shows."""
    line = visit.page.locator(".reference")
    expect(line).to_have_text(re.compile("^Report [A-Z0-9]{5}$"))
    return line.inner_text().split()[1]


def test_forgetting_asks_first_and_then_forgets(visit: Visit) -> None:
    visit.say("hello")
    visit.answer()
    visit.page.get_by_role("button", name="Forget this talk").click()
    visit.page.get_by_role("button", name="Forget it").click()
    expect(visit.page.locator(".log > li")).to_have_count(0)
    visit.page.reload()
    expect(visit.page.locator(".panel")).to_be_visible()
    expect(visit.page.locator(".log > li")).to_have_count(0)


@pytest.mark.parametrize(
    "text", ["Which side effects are the common ones?", REPORT, "x" * 300], ids=["answer", "report", "one long word"]
)
def test_on_a_narrow_phone_nothing_needs_sideways_scrolling(visit: Visit, text: str) -> None:
    visit.page.set_viewport_size({"width": PHONE_WIDTH, "height": 640})
    visit.say(text)
    visit.answer()
    for summary in visit.page.locator(".sources summary").all():
        summary.click()
    assert not visit.is_too_wide


def test_the_page_talks_to_nobody_else(visit: Visit) -> None:
    visit.say(REPORT)
    reference_on(visit)
    assert [address for address in visit.addresses if not address.startswith(visit.home)] == []
    assert f"{visit.home}api/chat/messages" in visit.addresses
