"""A pager that keeps what it was given, or refuses."""

from __future__ import annotations

from bot.services.ports import Page


class FakePager:
    """`failing` is the error to raise instead of sending."""

    def __init__(self) -> None:
        self.failing: OSError | None = None
        self.sent: list[str] = []
        self.tries = 0

    def send(self, page: Page, text: str) -> None:
        """The port."""
        self.tries += 1
        if self.failing is not None:
            raise self.failing
        self.sent.append(text)
