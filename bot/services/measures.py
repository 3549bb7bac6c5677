"""What is counted of a day's work, as protocols; `bot.app` plugs in who counts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.errors import DialogueUnavailable
from bot.domain.escalation import Status, Tier
from bot.domain.messages import Reply, ReplyKind
from bot.safety.verdict import Verdict
from bot.services.ports import Dialogue
from bot.services.triage import Screen

_GIVEN_UP = "given_up"


class Measures(Protocol):
    """Counts; never who said what. Times in seconds."""

    def answered(self, channel: str, kinds: Iterable[ReplyKind]) -> None: ...
    def screened(self, seconds: float) -> None: ...
    def asked(self, seconds: float, problem: str | None) -> None: ...  # the dialogue; None: it answered


class Unmeasured:
    """Counts nothing."""

    def answered(self, channel: str, kinds: Iterable[ReplyKind]) -> None:
        """A message was taken in, and this was said to it."""

    def screened(self, seconds: float) -> None:
        """The screen has read a text."""

    def asked(self, seconds: float, problem: str | None) -> None:
        """The dialogue has answered, or why not."""


UNMEASURED = Unmeasured()


class TimedScreen:
    """A screen whose time is taken."""

    def __init__(self, screen: Screen, measures: Measures) -> None:
        self._screen = screen
        self._measures = measures

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Verdict:
        """What the screen finds."""
        began = time.perf_counter()
        verdict = self._screen(text, earlier)
        self._measures.screened(time.perf_counter() - began)
        return verdict


class TimedDialogue:
    """A dialogue whose time is taken."""

    def __init__(self, dialogue: Dialogue, measures: Measures) -> None:
        self._dialogue = dialogue
        self._measures = measures

    async def ask(self, conversation_id: str, text: str, message_id: str) -> tuple[Reply, ...]:
        """What the dialogue says. Raises DialogueUnavailable."""
        began, problem = time.perf_counter(), None
        try:
            return await self._dialogue.ask(conversation_id, text, message_id)
        except DialogueUnavailable as error:
            problem = error.reason
            raise
        except asyncio.CancelledError:  # a report's text does not wait for it
            problem = _GIVEN_UP
            raise
        finally:
            self._measures.asked(time.perf_counter() - began, problem)

    async def healthy(self) -> bool:
        """Whether it answers at all."""
        return await self._dialogue.healthy()


@dataclass(frozen=True, slots=True)
class Outbox:
    """What should have left by now: how many, and since when the oldest has waited."""

    due: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How things stand in the database. Drills are left out of escalations and delays.

    `waiting_since`: by tier, when the oldest report was opened that nobody has
    acknowledged. `page_delays`: of each page that left within `SPAN`, how long
    after it was stored. `pager_seen`: a pager's last sign of life. `drilled`: when a
    drill last went the whole way.
    """

    escalations: Mapping[tuple[Tier, Status], int]
    waiting_since: Mapping[Tier, datetime]
    pages: Outbox
    texts: Outbox
    page_delays: Sequence[timedelta]
    pager_seen: datetime | None
    drilled: datetime | None


# Pages that left in this time before a look at the database count for its figures.
SPAN = timedelta(hours=1)
