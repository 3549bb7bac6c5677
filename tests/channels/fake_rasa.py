"""A Rasa server for tests: the REST channel on a real socket, saying what it is told to."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

DRIVING = {"text": "Do not drive for at least 24 hours. Ask [clinic name] at [clinic phone]."}
DRIVING_CUSTOM = {
    "custom": {
        "topic": "faq/driving",
        "short": "No driving for 24 hours.",
        "sources": [{"document": "What To Know", "section": "After"}],
    }
}


class FakeRasa:
    """Answers `messages` (or `raw` bytes) with `status`, or nothing at all while `hangs`."""

    def __init__(self) -> None:
        self.messages: Any = [{"recipient_id": "x", **DRIVING}, {"recipient_id": "x", **DRIVING_CUSTOM}]
        self.raw: bytes | None = None
        self.status = 200
        self.hangs = False
        self.asked: list[dict[str, Any]] = []
        self._released = asyncio.Event()

    def app(self) -> web.Application:
        """Rasa's addresses, and the action server's."""
        app = web.Application()
        app.router.add_post("/webhooks/rest/webhook", self._webhook)
        app.router.add_get("/webhooks/rest/", self._health)
        app.router.add_get("/health", self._health)
        return app

    def release(self) -> None:
        """Let hanging requests end."""
        self._released.set()

    async def _webhook(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        if self.hangs:
            await self._released.wait()
        if self.raw is not None:
            return web.Response(body=self.raw, content_type="application/json")
        return web.json_response(self.messages, status=self.status)

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, status=self.status)
