"""A patient at the page: what they do, and what they see."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.widget.stage import Stage

WAIT_MILLISECONDS = 30_000
REPORT = "I can't breathe"
# What a browser says of itself about an address that does not answer, or answers with an error.
_NETWORK = re.compile(r"Failed to load resource|net::ERR_|blocked by CORS policy")


@dataclass
class Visit:
    """One tab."""

    page: Page
    stage: Stage
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    # Where the network is broken on purpose, the browser may say so.
    is_rough: bool = False

    @classmethod
    def begin(cls, context: BrowserContext, stage: Stage, address: str | None) -> Visit:
        """Open a tab, and a page in it: by its name on the clinic's site, or "/" for the demonstration page."""
        page = context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        expect.set_options(timeout=WAIT_MILLISECONDS)
        visit = cls(page, stage)
        page.on("console", lambda m: visit.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("request", lambda request: visit.addresses.append(request.url))
        if address is not None:
            visit.go(address)
        return visit

    def go(self, address: str) -> None:
        """To another page of the site."""
        self.page.goto(self.stage.home if address == "/" else f"{self.stage.site}/{address}")

    @property
    def unexpected(self) -> list[str]:
        """What the browser complained about, and should not have."""
        return [text for text in self.complaints if not (self.is_rough and _NETWORK.search(text))]

    # -- doing ----------------------------------------------------------------

    def open(self) -> Visit:
        """Press the launcher."""
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def say(self, text: str) -> None:
        """Type and send."""
        self.input.fill(text)
        self.page.keyboard.press("Enter")

    def asks(self, text: str = "Can Ben drive home?") -> None:
        """Say something, and wait for the answer."""
        count = self.replies.count()
        self.say(text)
        expect(self.replies).not_to_have_count(count)

    def reports(self) -> str:
        """Something severe; its reference."""
        self.say(REPORT)
        line = self.find(".reference")
        expect(line).to_have_text(re.compile("^Report [A-Z0-9]{5}$"))
        return line.inner_text().split()[1]

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """JavaScript of the test's, with `root`, the element's shadow root, and `chat`, the element, at hand."""
        return self.page.evaluate(
            f"(argument) => {{ const chat = document.querySelector('clinic-chat'); const root = chat?.shadowRoot; {script} }}",
            argument,
        )

    def listen(self) -> None:
        """From now on keep whatever is announced."""
        self.evaluate(
            """window.announced = []; new MutationObserver((changes) => {
            for (const change of changes) for (const node of change.addedNodes) announced.push(node.textContent); })
            .observe(root.querySelector("[role=log]"), { childList: true })"""
        )

    @property
    def announced(self) -> list[str]:
        """What a screen reader has been given to say since."""
        return [str(text) for text in self.page.evaluate("announced")]

    # -- seeing ---------------------------------------------------------------

    def find(self, selector: str) -> Locator:
        """Inside the element."""
        return self.page.locator("clinic-chat").locator(selector)

    def button(self, name: str) -> Locator:
        """A button of the element by what it is called."""
        return self.page.locator("clinic-chat").get_by_role("button", name=name, exact=True)

    @property
    def launcher(self) -> Locator:
        """What opens the chat."""
        return self.find(".launcher")

    @property
    def panel(self) -> Locator:
        """The window."""
        return self.find(".panel")

    @property
    def input(self) -> Locator:
        """Where the patient writes."""
        return self.find("textarea")

    @property
    def own(self) -> Locator:
        """What the patient has written."""
        return self.find(".mine .bubble")

    @property
    def replies(self) -> Locator:
        """What came back, the greeting not counted."""
        return self.find(".theirs .text")

    @property
    def trouble(self) -> Locator:
        """The line that says what is wrong."""
        return self.find(".trouble")

    def sees(self, text: str) -> None:
        """Somewhere in the talk."""
        expect(self.find(".log")).to_contain_text(text)

    def is_stored(self) -> None:
        """All that was sent is said to be received."""
        expect(self.find(".mine .meta.stored")).to_have_count(self.own.count())


OpenVisit = Callable[..., Visit]
