"""The talking part, played by the test."""

from __future__ import annotations

import asyncio

from bot.domain.errors import DialogueUnavailable
from bot.domain.messages import Reply
from tests.harness.cast import ANSWER


class FakeDialogue:
    """Answers, raises or hangs; remembers what it was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = replies or (ANSWER,)
        self.error: Exception | None = None
        self.asked: list[str] = []
        self.entered = asyncio.Event()
        self.released = asyncio.Event()
        self.released.set()
        self.busy = 0
        self.most_at_once = 0

    def goes_down(self) -> None:
        """From now on nothing usable comes back."""
        self.error = DialogueUnavailable("timeout")

    def hangs(self) -> None:
        """From now on an answer comes only after `released` is set."""
        self.released.clear()

    async def ask(self, conversation_id: str, text: str, message_id: str) -> tuple[Reply, ...]:
        """The port."""
        self.asked.append(text)
        self.busy += 1
        self.most_at_once = max(self.most_at_once, self.busy)
        self.entered.set()
        try:
            await self.released.wait()
            await asyncio.sleep(0)
        finally:
            self.busy -= 1
        if self.error is not None:
            raise self.error
        return self.replies

    async def healthy(self) -> bool:
        """The port."""
        return self.error is None
