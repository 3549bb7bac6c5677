"""Everybody can use it: by keyboard, by ear, enlarged, on a phone, in other colours."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widget.stage import OFFER, Stage
from tests.widget.visit import OpenVisit, Visit

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_TARGET = 44
CheckWithAxe = Callable[[Visit], None]


@pytest.fixture(scope="session")
def axe() -> str:
    """Axe itself, from the package that ships it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def check_with_axe(axe: str) -> CheckWithAxe:
    """Fails with what axe objects to, and where."""

    def check(visit: Visit) -> None:
        visit.page.evaluate(f"() => {{ if (!window.axe) {{ {axe} }} }}")
        found = visit.page.evaluate("(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", TAGS)
        objections = [
            f"{rule['id']} {node['target']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert objections == []
        assert found["passes"], "axe has looked at nothing"

    return check


# -- axe ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_axe_finds_nothing(
    open_visit: OpenVisit,
    stage: Stage,
    check_with_axe: CheckWithAxe,
    scheme: str,
    device: dict[str, Any],
    language: str,
) -> None:
    visit = open_visit(color_scheme=scheme, **device)
    visit.is_rough = True
    visit.evaluate("chat.setAttribute('lang', argument)", language)
    check_with_axe(visit)
    visit.open()
    check_with_axe(visit)
    visit.asks()
    visit.find(".sources summary").click()
    visit.find(".rate button").first.click()
    check_with_axe(visit)
    stage.rasa.messages = OFFER
    visit.asks("What does it cost?")
    check_with_axe(visit)
    visit.say("I can't breathe")
    expect(visit.find(".report")).to_be_visible()
    stage.page()
    expect(visit.find(".notice")).to_be_visible()
    check_with_axe(visit)
    reference = visit.find(".reference").inner_text().split()[1]
    stage.house.handling.say(reference, "noor", "I am calling you now.")
    expect(visit.find(".staff")).to_be_visible()
    check_with_axe(visit)
    visit.find(".tool").first.click()
    check_with_axe(visit)
    visit.page.keyboard.press("Escape")
    visit.input.fill("a" * 4001)
    check_with_axe(visit)
    stage.stop()
    visit.say("Are you there?")
    expect(visit.trouble.get_by_role("button")).to_be_visible()
    check_with_axe(visit)


@pytest.mark.parametrize("accent", ["#ffe08a", "#FFFFFF", "#000000", "#787878", "tomato", ""])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_accent_can_be_read(open_visit: OpenVisit, check_with_axe: CheckWithAxe, accent: str, scheme: str) -> None:
    visit = open_visit(color_scheme=scheme)
    visit.evaluate("chat.setAttribute('accent', argument)", accent)
    check_with_axe(visit)
    visit.open().asks()
    check_with_axe(visit)


# -- keyboard -------------------------------------------------------------------


def press_until(visit: Visit, selector: str, key: str = "Tab") -> None:
    """Move the focus as somebody without a mouse does."""
    for _ in range(40):
        if visit.evaluate("return root.activeElement?.matches(argument) ?? false", selector):
            return
        visit.page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_a_whole_talk_by_keyboard_alone(open_visit: OpenVisit, stage: Stage) -> None:
    visit = open_visit()
    keyboard = visit.page.keyboard
    press_until(visit, ".launcher")
    keyboard.press("Enter")
    expect(visit.input).to_be_focused()
    keyboard.type("Can Ben drive home?")
    keyboard.press("Enter")
    visit.sees("Do not drive")
    press_until(visit, ".sources summary", "Shift+Tab")
    keyboard.press("Enter")
    expect(visit.find(".sources li").first).to_be_visible()
    press_until(visit, ".rate button")
    keyboard.press("Space")
    expect(visit.button("Yes")).to_have_attribute("aria-pressed", "true")
    press_until(visit, ".person")
    keyboard.press("Enter")
    visit.is_stored()
    press_until(visit, "[aria-label='Forget this talk']", "Shift+Tab")
    keyboard.press("Enter")
    expect(visit.button("Keep it")).to_be_focused()
    keyboard.press("Enter")
    expect(visit.button("Forget this talk")).to_be_focused()
    keyboard.press("Escape")
    expect(visit.panel).to_be_hidden()
    expect(visit.launcher).to_be_focused()
    assert len(stage.said()) == 2


def test_the_focus_goes_back_to_the_button_of_the_page_that_opened_the_chat(open_visit: OpenVisit) -> None:
    visit = open_visit()
    visit.page.evaluate("() => own.addEventListener('click', () => document.querySelector('clinic-chat').open())")
    visit.page.get_by_role("button", name="Ask about this").press("Enter")
    expect(visit.input).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("button", name="Ask about this")).to_be_focused()


def test_escape_is_the_chats_only_while_the_focus_is_in_it(visit: Visit) -> None:
    visit.page.evaluate(
        "() => { window.escaped = 0; addEventListener('keydown', (e) => { escaped += e.key === 'Escape'; }); }"
    )
    visit.page.get_by_role("button", name="Ask about this").focus()
    visit.page.keyboard.press("Escape")
    expect(visit.panel).to_be_visible()
    assert visit.page.evaluate("escaped") == 1
    visit.input.focus()
    visit.page.keyboard.press("Escape")
    expect(visit.panel).to_be_hidden()
    assert visit.page.evaluate("escaped") == 1


def test_whatever_has_the_focus_shows_it(visit: Visit) -> None:
    visit.asks()
    seen = []
    visit.find(".title").focus()
    for _ in range(15):
        visit.page.keyboard.press("Tab")
        shown = visit.evaluate(
            """const focused = root.activeElement; if (!focused) return null;
            const style = getComputedStyle(focused);
            return [focused.className || focused.tagName, style.outlineStyle, parseFloat(style.outlineWidth)]"""
        )
        if shown is None:
            break
        seen.append(shown)
    assert len(seen) >= 9
    assert [(name, style) for name, style, width in seen if style != "solid" or width < 2] == []


def test_a_chat_that_is_open_from_the_start_does_not_take_the_focus(open_visit: OpenVisit) -> None:
    visit = open_visit().open()
    visit.page.reload()
    expect(visit.panel).to_be_visible()
    assert visit.page.evaluate("document.activeElement === document.body")


# -- ears -----------------------------------------------------------------------


def test_an_answer_is_announced_once_and_nothing_else_is(visit: Visit) -> None:
    visit.listen()
    visit.asks()
    visit.is_stored()
    assert visit.announced == ["Assistant: Do not drive for at least 24 hours. Call +1 555-010-0123 if you are unsure."]
    assert visit.find("[aria-live]:not([role=log])").count() == 0
    expect(visit.find("[role=log]")).to_have_attribute("aria-live", "polite")


def test_history_is_not_announced(visit: Visit) -> None:
    visit.asks()
    visit.reports()
    visit.page.reload()
    visit.listen()
    expect(visit.find(".log > li")).to_have_count(5)
    visit.asks("And what should Ana wear?")
    assert len(visit.announced) <= 2


def test_what_a_connection_loses_and_finds_is_said(visit: Visit) -> None:
    visit.is_rough = True
    expect(visit.trouble).to_have_attribute("role", "status")
    visit.page.context.set_offline(True)
    expect(visit.trouble).to_contain_text("No connection")
    visit.page.context.set_offline(False)
    expect(visit.find("[role=log]")).to_have_text("Connected again.")


def test_everything_has_its_language(open_visit: OpenVisit) -> None:
    visit = open_visit(locale="es-MX")
    visit.evaluate("chat.setAttribute('lang', 'es-MX')")
    visit.open()
    expect(visit.find(".root")).to_have_attribute("lang", "es")
    visit.say("No puedo respirar")
    expect(visit.find(".safety .text").first).to_have_attribute("lang", "es")
    visit.find("button[lang=en]").click()
    expect(visit.find(".root")).to_have_attribute("lang", "en")
    visit.page.reload()
    expect(visit.find(".root")).to_have_attribute("lang", "en")


def test_the_language_is_the_pages_before_the_browsers(open_visit: OpenVisit) -> None:
    expect(open_visit("plain", locale="es-ES").launcher).to_have_text("Ask the clinic")
    expect(open_visit("rtl", locale="es-ES").launcher).to_have_text("Pregunte a la clínica")


# -- eyes and fingers -----------------------------------------------------------


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everything_to_press_is_large_enough(open_visit: OpenVisit, stage: Stage, device: dict[str, Any]) -> None:
    visit = open_visit(**device).open()
    stage.rasa.messages = OFFER
    visit.asks()
    visit.reports()
    visit.button("Forget this talk").click()
    small = visit.evaluate(
        """return [...root.querySelectorAll("button, a:not(.text a), summary, textarea")]
        .map((e) => [e.className || e.textContent, e.getBoundingClientRect()])
        .filter(([, box]) => box.width > 0 && (box.width < argument || box.height < argument))
        .map(([name, box]) => [name, box.width, box.height])""",
        SMALLEST_TARGET,
    )
    assert small == []


# 1280 x 1024 at 200 %, 400 %; a small phone; the same with its keyboard open.
@pytest.mark.parametrize(("width", "height"), [(640, 512), (320, 256), (320, 568), (320, 300)])
def test_enlarged_nothing_needs_sideways_scrolling_and_the_field_is_in_view(
    open_visit: OpenVisit, width: int, height: int
) -> None:
    visit = open_visit(viewport={"width": width, "height": height}).open()
    visit.say("x" * 300)
    visit.reports()
    for summary in visit.find(".sources summary").all():
        summary.click()
    wide = visit.evaluate(
        """return [...root.querySelectorAll(".panel, .scroll, .log, .bubble, .composer, .report")]
        .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className)"""
    )
    assert wide == []
    expect(visit.input).to_be_in_viewport(ratio=1)
    expect(visit.find(".strip a[href='tel:911']")).to_be_in_viewport(ratio=1)
    expect(visit.find(".send")).to_be_in_viewport(ratio=1)
    assert visit.find(".scroll").evaluate("(e) => e.clientHeight") >= 60


def test_letters_set_wider_are_not_cut_off(visit: Visit) -> None:
    visit.asks()
    visit.evaluate(
        """const sheet = new CSSStyleSheet();
        sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }");
        root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]"""
    )
    cut = visit.evaluate(
        """return [...root.querySelectorAll(".title, .subtitle, .number, .bubble, .person, .tool")]
        .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).map((e) => e.className)"""
    )
    assert cut == []


def test_letters_follow_the_readers_own_size(open_visit: OpenVisit) -> None:
    visit = open_visit()
    visit.evaluate("document.documentElement.style.fontSize = '40px'")
    assert visit.find(".root").evaluate("(e) => getComputedStyle(e).fontSize") == "16px"


def test_nothing_moves_for_those_who_do_not_want_it(open_visit: OpenVisit, stage: Stage) -> None:
    moving = "return root.getAnimations().length"
    stage.rasa.hangs = True
    for motion, expected in (("reduce", False), ("no-preference", True)):
        visit = open_visit(reduced_motion=motion).open()
        visit.say("Can Ben drive home?")
        expect(visit.find(".answering")).to_be_visible()
        assert (visit.evaluate(moving) > 0) is expected


def test_in_forced_colours_bubbles_and_buttons_have_edges(open_visit: OpenVisit) -> None:
    visit = open_visit(forced_colors="active").open()
    visit.asks()
    for selector in (".mine .bubble", ".theirs .bubble", ".send", ".head", ".input"):
        style = visit.find(selector).first.evaluate("(e) => getComputedStyle(e).borderTopStyle")
        assert style == "solid", selector


# -- phones ---------------------------------------------------------------------


def test_on_a_phone_it_fills_the_screen_and_holds_the_focus(open_visit: OpenVisit) -> None:
    visit = open_visit(**PHONE).open()
    box = visit.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    expect(visit.panel).to_have_attribute("aria-modal", "true")
    for key in ("Tab", "Shift+Tab"):
        for _ in range(25):
            visit.page.keyboard.press(key)
            assert visit.evaluate("return root.activeElement !== null")


def test_on_a_phone_the_keyboard_does_not_hide_the_field_and_nothing_zooms(open_visit: OpenVisit) -> None:
    visit = open_visit(**PHONE).open()
    expect(visit.input).not_to_be_focused()
    visit.asks()
    size = visit.input.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 16
    visit.input.focus()
    visit.page.evaluate(
        """() => { Object.defineProperty(visualViewport, "height", { get: () => 420 });
        Object.defineProperty(visualViewport, "offsetTop", { get: () => 30 });
        visualViewport.dispatchEvent(new Event("resize")); }"""
    )
    box = visit.panel.bounding_box()
    assert box is not None
    assert (box["y"], box["height"]) == (30, 420)
    field = visit.input.bounding_box()
    assert field is not None
    assert field["y"] + field["height"] <= 450


def test_on_a_phone_a_reload_shows_the_page_first(open_visit: OpenVisit) -> None:
    visit = open_visit(**PHONE).open()
    visit.page.reload()
    expect(visit.launcher).to_be_visible()
    expect(visit.panel).to_be_hidden()


def test_beside_the_page_the_chat_lets_the_keyboard_go(visit: Visit) -> None:
    expect(visit.panel).to_have_attribute("aria-modal", "false")
    visit.find(".title").focus()
    visit.page.keyboard.press("Shift+Tab")
    expect(visit.page.get_by_role("button", name="Ask about this")).to_be_focused()
