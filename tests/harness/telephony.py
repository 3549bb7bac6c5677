"""A provider that keeps what it was given, or refuses, fails, hangs or loses its answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.telephone import ClinicNumber, Telephone
from bot.services.telephone_ports import TextRefused, TextUnsure
from tests.harness.clock import FakeClock

CLINIC_NUMBER = "+15550100150"
TELEPHONE = Telephone(numbers=(ClinicNumber(CLINIC_NUMBER, per_second=100.0),))
# Longer than any test takes; a test that fails must still end.
_LONGEST_HANG_SECONDS = 60
# The list of texts holds whole seconds.
_MARGIN = timedelta(seconds=1)


@dataclass(frozen=True)
class SentText:
    """A text that was accepted."""

    id: str
    sender: str
    to: str
    body: str
    path: str
    at: datetime


@dataclass
class FakeTelephony:
    """`errors` are raised by the next tries to send, `lost` of the next are accepted all the same."""

    clock: FakeClock = field(default_factory=FakeClock)
    errors: list[Exception] = field(default_factory=list)
    lost: int = 0
    opted_out: set[str] = field(default_factory=set)
    list_error: Exception | None = None
    hangs: bool = False
    texts: list[SentText] = field(default_factory=list)
    tries: int = 0
    looks: int = 0
    # Called before a text is accepted: what happens while it is being sent.
    meanwhile: Callable[[str], None] | None = None
    released: threading.Event = field(default_factory=threading.Event)

    def send_text(self, sender: str, to: str, body: str, status_path: str) -> str:
        """The port."""
        self.tries += 1
        if self.hangs:
            self.released.wait(_LONGEST_HANG_SECONDS)
        if self.errors:
            raise self.errors.pop(0)
        if to in self.opted_out:
            raise TextRefused("stopped", stopped=True)
        if self.meanwhile is not None:
            self.meanwhile(body)
        text = self.takes(sender, to, body, status_path)
        if self.lost:
            self.lost -= 1
            raise TextUnsure("no_answer")
        return text.id

    def takes(self, sender: str, to: str, body: str, path: str = "") -> SentText:
        """Accept a text, from a request or from the answer to a webhook."""
        text = SentText(f"SM{len(self.texts):032}", sender, to, body, path, self.clock())
        self.texts.append(text)
        return text

    def was_sent(self, sender: str, to: str, body: str, since: datetime, but: Collection[str] = ()) -> str | None:
        """The port."""
        self.looks += 1
        if self.list_error is not None:
            raise self.list_error
        for text in reversed(self.texts):
            is_same = (text.sender, text.to, text.body) == (sender, to, body)
            if is_same and text.at >= since - _MARGIN and text.id not in but:
                return text.id
        return None

    def place_call(self, sender: str, to: str, path: str) -> str:
        """The port; nobody is called by a text."""
        raise AssertionError("a text calls nobody")

    def takes_texts(self, number: str) -> bool | None:
        """The port."""
        return None

    @property
    def bodies(self) -> list[str]:
        """What was accepted, in order."""
        return [text.body for text in self.texts]
