"""A telephone company on a bad day: requests that fail or get lost, receipts that are late, twice, or never come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from aiohttp import web

from bot.domain.clock import utc_now
from tools.telephone_company import TelephoneCompany
from tools.telephone_company.texts import TextMessage
from tools.telephone_company.trouble import Manner, Trouble, Troubles
from tools.telephone_company.webhooks import Delivery

_REFUSALS = ((429, 20429), (500, 20500), (503, 20503))
_BROKEN = (Manner.REFUSE, Manner.DROP, Manner.DROP_ACCEPTED, Manner.HANG)
_LATEST_RECEIPT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class BadDay:
    """Shares of what goes wrong, 0 to 1."""

    errors: float = 0.05
    receipts_lost: float = 0.05
    receipts_twice: float = 0.05


class RandomTroubles(Troubles):
    """Any request may meet trouble."""

    def __init__(self, share: float, random: Random) -> None:
        super().__init__()
        self._share = share
        self._random = random
        self.met = 0
        self.requests = 0

    def take(self, to: str | None) -> Trouble:
        """What a request meets."""
        self.requests += 1
        if self._random.random() >= self._share:
            return Trouble()
        self.met += 1
        status, code = self._random.choice(_REFUSALS)
        return Trouble(self._random.choice(_BROKEN), status, code)


class BadCompany(TelephoneCompany):
    """Carries texts, after a fashion. What a webhook answers is texted only where it was heard."""

    def __init__(self, number: str, day: BadDay, random: Random, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(number, clock=clock)
        self._day = day
        self._random = random
        self.troubles: RandomTroubles = RandomTroubles(day.errors, random)
        self.receipts_lost = self.receipts_twice = 0

    async def carry(self, text: TextMessage, is_heard: bool = True) -> Delivery:
        """Hand a text in; what is answered counts only if it is heard."""
        if is_heard:
            return await self.hand_in(text)
        return await self.webhooks.post(f"{self.webhooks.public_url}/webhooks/twilio/sms", self._inbound(text))

    async def curtain(self) -> None:
        """Everything is judged by what is on the phones; nothing is unexpected."""
        await self.webhooks.settle()

    async def _receipts(self, text: TextMessage, code: int | None) -> None:
        """In any order, some twice, some never."""
        text.status, text.error_code = "delivered", None
        fates = [status for status in ("queued", "sent", "delivered") for _ in range(self._times())]
        self._random.shuffle(fates)
        await asyncio.sleep(self._random.uniform(0, _LATEST_RECEIPT_SECONDS))
        for status in fates:
            if text.callback:
                await self.webhooks.tell(text.callback, {**self._receipt(text), "MessageStatus": status})

    def _times(self) -> int:
        chance = self._random.random()
        if chance < self._day.receipts_lost:
            self.receipts_lost += 1
            return 0
        if chance < self._day.receipts_lost + self._day.receipts_twice:
            self.receipts_twice += 1
            return 2
        return 1


def rasa(random: Random, slow: float, seconds: float) -> web.Application:
    """Answers each question with its own words; a share of them after some seconds."""

    async def answer(request: web.Request) -> web.Response:
        asked = await request.json()
        if random.random() < slow:
            await asyncio.sleep(seconds)
        reply = {"topic": "faq/clothing", "sources": []}
        return web.json_response([{"text": f"Answer to: {asked['message']}"}, {"custom": reply}])

    async def healthy(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", answer)
    app.router.add_get("/webhooks/rest/", healthy)
    return app
