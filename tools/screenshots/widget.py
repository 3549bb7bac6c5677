"""Pictures of the chat element with an invented clinic: `python -m tools.screenshots.widget --to docs/images`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.settings import ROOT
from tests.harness.storage import make_template
from tests.widget.conftest import ARGUMENTS, NAMES, find_chromium
from tests.widget.stage import Stage

_CLINIC: Final = {"name": "Riverbend Ketamine Clinic", "phone": "+1 555-010-0199"}
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "desktop": {"viewport": {"width": 1000, "height": 740}},
    "phone": {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True},
}
# Those of the documentation.
_KEPT: Final = frozenset(
    {
        ("page", "desktop", "light"),
        ("welcome", "phone", "light"),
        ("answer", "desktop", "light"),
        ("answer", "phone", "dark"),
        ("report", "desktop", "dark"),
        ("report", "phone", "light"),
        ("staff", "desktop", "light"),
        ("staff", "phone", "dark"),
    }
)
_QUESTION: Final = "Can I drive after?"
_TOPIC: Final = "driving"


def main() -> int:
    """Take those of the documentation, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--all", action="store_true", help="each scene on each device, light and dark")
    given = parser.parse_args()
    folder: Path = given.to
    chromium = find_chromium()
    if chromium is None:
        print(f"no Chromium: install one of {', '.join(NAMES)}", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with _stage() as stage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for device in _LOOKS:
            for scheme in ("light", "dark"):
                scenes = {scene for scene, *look in _KEPT if given.all or look == [device, scheme]}
                _visit(browser, stage, (device, scheme), folder, scenes)
        browser.close()
    return 0


@contextmanager
def _stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as scratch:
        stage = Stage(Path(scratch), make_template(Path(scratch) / "template.db"), _CLINIC)
        try:
            yield stage
        finally:
            stage.close()


def _visit(browser: Browser, stage: Stage, look: tuple[str, Any], folder: Path, scenes: set[str]) -> None:
    device, scheme = look
    options = {**_LOOKS[device], "color_scheme": scheme, "reduced_motion": "reduce", "locale": "en-US"}
    context = browser.new_context(**options)
    page = context.new_page()

    def take(scene: str) -> None:
        if scene in scenes:
            page.screenshot(path=folder / f"widget-{scene}-{device}-{scheme}.png")

    page.goto(stage.home)
    expect(page.locator(".launcher")).to_be_visible()
    take("page")
    page.locator(".launcher").click()
    take("welcome")
    _ask(page, stage)
    page.locator(".sources summary").last.click()
    take("answer")
    reference = _report(page)
    take("report")
    _staff(page, stage, reference)
    take("staff")
    context.close()


def _ask(page: Page, stage: Stage) -> None:
    """A question, with the answer that the documents give."""
    data = yaml.safe_load((ROOT / "data" / "nlu" / "faq" / f"{_TOPIC}.yml").read_text(encoding="utf-8"))
    reply = data["responses"][f"utter_faq/{_TOPIC}"][0]
    custom = {**reply["custom"], "version": "5f0c21ab"}
    stage.rasa.messages = [{"recipient_id": "x", "text": reply["text"]}, {"recipient_id": "x", "custom": custom}]
    _say(page, _QUESTION)
    expect(page.locator(".rate")).to_be_visible()


def _report(page: Page) -> str:
    """A severe one; its reference."""
    _say(page, "I can't breathe properly since the infusion")
    expect(page.locator(".reference")).to_be_visible()
    return page.locator(".reference").inner_text().split()[1]


def _staff(page: Page, stage: Stage, reference: str) -> None:
    """Until a person is there."""
    stage.page()
    expect(page.locator(".notice")).to_have_count(1)
    stage.house.handling.acknowledge(reference, "noor", "link")
    expect(page.locator(".notice")).to_have_count(2)
    stage.house.handling.say(reference, "noor", "This is Noor. I am calling you now. Is somebody with you?")
    expect(page.locator(".staff .text")).to_be_visible()
    page.locator(".scroll").evaluate("(element) => { element.scrollTop = element.scrollHeight; }")


def _say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


if __name__ == "__main__":
    sys.exit(main())
