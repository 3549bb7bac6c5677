"""How fast the chat element is: `python -m tools.widget_timing [--loads 20] [--messages 200]`.

Its size; the time from the start of a page's loading until the launcher can be pressed, on a throttled telephone (150 ms
there and back, 1.6 Mbit/s, a processor four times slower than this one, nothing kept from an earlier visit); and the round trip
of a message in the browser, from pressing Enter to the answer on the page, beside the API alone. Rasa is a stand-in that
answers at once. Prints JSON; milliseconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from bot.widget.assemble import widget_script
from tests.harness.storage import make_template
from tests.widget.conftest import ARGUMENTS, NAMES, find_chromium
from tests.widget.stage import Stage

_NETWORK: Final = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
_SLOWER: Final = 4
_WARM: Final = 5
_QUESTION: Final = "How long is a session?"
# From the press of a key to the answer as text on the page, and painted.
_ROUND_TRIP: Final = """(text) => new Promise((resolve) => {
  const chat = document.querySelector("clinic-chat"), root = chat.shadowRoot, input = root.querySelector("textarea");
  const log = root.querySelector(".log"), count = log.querySelectorAll(".theirs").length;
  input.value = text;
  input.dispatchEvent(new Event("input"));
  const begin = performance.now();
  new MutationObserver((_, observer) => {
    if (log.querySelectorAll(".theirs").length === count) return;
    observer.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - begin));
  }).observe(log, { childList: true });
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
})"""
_READY: Final = """() => new Promise((resolve) => {
  const look = () => document.querySelector("clinic-chat")?.shadowRoot?.querySelector(".launcher:not([hidden])")
    ? requestAnimationFrame(() => resolve(performance.now())) : setTimeout(look, 5);
  look();
})"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=20)
    parser.add_argument("--messages", type=int, default=200)
    given = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        print(f"no Chromium: install one of {', '.join(NAMES)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        stage = Stage(Path(scratch), make_template(Path(scratch) / "template.db"), {})
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        script = widget_script(stage.settings.clinic, stage.settings.max_characters)
        found = {
            "bytes": {"script": len(script), "gzipped": len(gzip.compress(script, mtime=0))},
            "until_it_can_be_pressed": _spread([_load(browser, stage) for _ in range(given.loads)]),
            "until_it_is_open": _spread([_open(browser, stage) for _ in range(given.loads)]),
            "round_trip_in_the_browser": _spread(_talk(browser, stage, given.messages)),
            "round_trip_of_the_api": _spread(_ask(stage, given.messages)),
        }
        browser.close()
        stage.close()
    print(json.dumps(found, indent=2))
    return 0


def _spread(times: Sequence[float]) -> dict[str, float]:
    return {
        "p50": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20)[-1], 1),
        "most": round(max(times), 1),
    }


def _throttled(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    return page


def _load(browser: Browser, stage: Stage) -> float:
    page = _throttled(browser)
    page.goto(f"{stage.site}/plain", wait_until="commit")
    taken = float(page.evaluate(_READY))
    page.context.close()
    return taken


def _open(browser: Browser, stage: Stage) -> float:
    page = _throttled(browser)
    page.goto(f"{stage.site}/plain")
    page.evaluate(_READY)
    taken = page.evaluate(
        """() => new Promise((resolve) => { const begin = performance.now(); document.querySelector("clinic-chat").open();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begin))); })"""
    )
    page.context.close()
    return float(taken)


def _talk(browser: Browser, stage: Stage, count: int) -> list[float]:
    page = browser.new_context().new_page()
    page.goto(f"{stage.site}/plain")
    page.locator("clinic-chat .launcher").click()
    times = [float(page.evaluate(_ROUND_TRIP, _QUESTION)) for _ in range(count + _WARM)]
    page.context.close()
    return times[_WARM:]


def _ask(stage: Stage, count: int) -> list[float]:
    """The same messages without a browser, one after the other on one connection."""
    connection = HTTPConnection("127.0.0.1", stage.ports.gateway)
    times, talk = [], None
    for _ in range(count + _WARM):
        message: dict[str, Any] = {"text": _QUESTION, "message_id": uuid.uuid4().hex, "conversation_id": talk}
        begin = time.perf_counter()
        connection.request("POST", "/api/chat/messages", json.dumps(message), {"Content-Type": "application/json"})
        talk = json.loads(connection.getresponse().read())["conversation_id"]
        times.append((time.perf_counter() - begin) * 1000)
    connection.close()
    return times[_WARM:]


if __name__ == "__main__":
    sys.exit(main())
