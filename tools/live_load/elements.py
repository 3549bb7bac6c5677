"""Chat elements without a browser: each holds a stream and notes when what arrives."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp

_START_SECONDS = 120
# So many connect in the same moment.
_AT_ONCE = 100


class Elements:
    """All streams of a run. Times are of the monotonic clock, which all processes share."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self.arrived: dict[str, float] = {}
        self.live = 0
        self.broken = 0

    @contextlib.asynccontextmanager
    async def following(self, tokens: Sequence[str]) -> AsyncIterator[float]:
        """All of them connected; gives the seconds that it took. Raises TimeoutError when it takes too long."""
        begun = time.monotonic()
        tasks = [asyncio.create_task(self._follow(token)) for token in tokens]
        try:
            async with asyncio.timeout(_START_SECONDS):
                while self.live < len(tokens):  # noqa: ASYNC110 - a thousand tasks, one look now and then
                    await asyncio.sleep(0.05)
            yield time.monotonic() - begun
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with contextlib.AsyncExitStack() as held:
            async with self._gate:
                request = self._session.get(f"{self._url}/api/chat/events", headers=headers)
                response = await held.enter_async_context(request)
                await self._until_live(response)
            self.live += 1
            async for line in response.content:
                self._note(line)
            self.broken += 1

    async def _until_live(self, response: aiohttp.ClientResponse) -> None:
        async for line in response.content:
            if line == b"event: live\n":
                return

    def _note(self, line: bytes) -> None:
        if line.startswith(b"data: {"):
            data: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
            self.arrived.setdefault(data.get("text", ""), time.monotonic())
