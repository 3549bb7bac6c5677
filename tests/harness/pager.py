"""A pager that keeps what it was given, or refuses, fails or hangs, address by address."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain.errors import PageRefused
from bot.domain.on_call import Contact

# Longer than any test takes; a test that fails must still end.
_LONGEST_HANG_SECONDS = 60


@dataclass(frozen=True)
class Sent:
    """A page that was accepted."""

    address: str
    title: str
    text: str


@dataclass
class FakePager:
    """`failing` is the error to raise instead of sending; `refusing`, `down` and `hanging` name addresses."""

    failing: Exception | None = None
    refusing: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    pages: list[Sent] = field(default_factory=list)
    tries: int = 0
    # Called with each page before it is accepted: what happens while it is being sent.
    meanwhile: Callable[[Contact], None] | None = None
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def sent(self) -> list[str]:
        """The texts that were accepted."""
        return [page.text for page in self.pages]

    @property
    def reached(self) -> list[str]:
        """The addresses that accepted one, in order."""
        return [page.address for page in self.pages]

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None:
        """The port."""
        self.tries += 1
        if self.failing is not None:
            raise self.failing
        if contact.address in self.down:
            raise ConnectionError
        if contact.address in self.refusing:
            raise PageRefused("unknown_number")
        if contact.address in self.hanging:
            self.released.wait(_LONGEST_HANG_SECONDS)
        if self.meanwhile is not None:
            self.meanwhile(contact)
        self.pages.append(Sent(contact.address, title, text))
