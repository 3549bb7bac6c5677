"""What the next requests to the company meet instead of an answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto


class Manner(Enum):
    """How a request is treated."""

    ANSWER = auto()  # as it should be
    REFUSE = auto()  # with a status and a code
    DELAY = auto()  # taken on after `release`
    ANSWER_LATE = auto()  # taken on at once, answered after `release`
    HANG = auto()  # neither taken on nor answered
    DROP = auto()  # not taken on, the connection is closed
    DROP_ACCEPTED = auto()  # taken on, and the connection is closed without an answer


TAKEN_ON = (Manner.ANSWER, Manner.DELAY, Manner.ANSWER_LATE, Manner.DROP_ACCEPTED)


@dataclass(frozen=True)
class Trouble:
    """What one request meets; `to`: only one to that number, other requests pass it by."""

    manner: Manner = Manner.ANSWER
    status: int = 400
    code: int = 0
    to: str | None = None


class Troubles:
    """Those that are still to come, in order."""

    def __init__(self) -> None:
        self._next: list[Trouble] = []
        self._released = asyncio.Event()

    def add(self, trouble: Trouble, times: int) -> None:
        """So many requests meet it."""
        self._next += [trouble] * times

    def take(self, to: str | None) -> Trouble:
        """What a request to a number meets."""
        for place, trouble in enumerate(self._next):
            if trouble.to in (None, to):
                return self._next.pop(place)
        return Trouble()

    @property
    def left(self) -> int:
        """How many no request has met yet."""
        return len(self._next)

    def release(self) -> None:
        """Let everything that waits go on."""
        self._released.set()

    async def wait(self) -> None:
        """Until released."""
        await self._released.wait()
