"""Callers' words on their way through the intake, and what is said to them while the line is open."""

from __future__ import annotations

import asyncio
import logging
import math

from bot.domain.messages import Inbound
from bot.services.call_records import Incoming, channel_of, message_id
from bot.services.exchange import Exchange
from bot.services.intake import Intake, Outcome

log = logging.getLogger(__name__)

# Providers hang up after 15 seconds without an answer, and callers think that the line is dead long before.
_ANSWER_SECONDS = 5.5


class Hearing:
    """Takes words in; what takes too long goes on behind the caller's back and is there when it is asked for again."""

    def __init__(self, intake: Intake, answer_seconds: float = _ANSWER_SECONDS) -> None:
        self._intake = intake
        self._answer_seconds = answer_seconds
        self._underway: set[asyncio.Task[Outcome]] = set()

    async def hear(self, inbound: Inbound, exchange: Exchange, seconds: float = math.inf) -> Outcome | None:
        """What is said to the words; None if that is not known within `seconds`, or within the usual limit."""
        task = asyncio.create_task(self._intake.receive(inbound, exchange))
        self._underway.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=max(0.0, min(seconds, self._answer_seconds)))
        return task.result() if done else None

    async def take_in(self, inbound: Inbound, exchange: Exchange) -> Outcome:
        """Words that nobody waits for an answer to."""
        return await self._intake.receive(inbound, exchange)

    async def finish(self, seconds: float) -> None:
        """Let what is underway come to its end, before the process does."""
        if self._underway:
            await asyncio.wait(self._underway, timeout=seconds)

    def _ended(self, task: asyncio.Task[Outcome]) -> None:
        self._underway.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("words_not_answered", exc_info=task.exception())


def inbound(incoming: Incoming, name: str, text: str, talk: str | None) -> Inbound:
    """Words of a call, called `name`; `talk` is whose they are where the number is withheld."""
    return Inbound(channel_of(incoming.sender), text, name, None if incoming.sender else talk, incoming.sender)


def words_of_turn(incoming: Incoming, turn: int, text: str, talk: str | None) -> Inbound:
    """The words of a turn."""
    return inbound(incoming, message_id(incoming.call_id, turn), text, talk)
