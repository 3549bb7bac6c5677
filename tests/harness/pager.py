"""A pager that keeps what it was given, or refuses."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.errors import PageRefused
from bot.domain.on_call import Contact


@dataclass(frozen=True)
class Sent:
    """A page that was accepted."""

    address: str
    title: str
    text: str


@dataclass
class FakePager:
    """`failing` is the error to raise instead of sending; `refusing` and `down` name addresses."""

    failing: OSError | None = None
    refusing: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    pages: list[Sent] = field(default_factory=list)
    tries: int = 0

    @property
    def sent(self) -> list[str]:
        """The texts that were accepted."""
        return [page.text for page in self.pages]

    @property
    def reached(self) -> list[str]:
        """The addresses that accepted one, in order."""
        return [page.address for page in self.pages]

    def send(self, contact: Contact, title: str, text: str) -> None:
        """The port."""
        self.tries += 1
        if self.failing is not None:
            raise self.failing
        if contact.address in self.down:
            raise ConnectionError
        if contact.address in self.refusing:
            raise PageRefused("unknown_number")
        self.pages.append(Sent(contact.address, title, text))
