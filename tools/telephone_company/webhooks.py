"""What the company tells the clinic: signed forms, in time or too late, once or again, in order or not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from bot.twilio.signature import HEADER, sign

# Twilio gives up on a webhook after this time.
PATIENCE_SECONDS = 15.0


@dataclass
class Delivery:
    """One webhook as it was posted, and the answer. Status 0: none came in time."""

    url: str
    form: Mapping[str, str]
    status: int
    body: str
    _webhooks: Webhooks = field(repr=False)

    async def again(self) -> Delivery:
        """The same once more, as happens when the company did not hear the answer."""
        return await self._webhooks.post(self.url, self.form)


class Webhooks:
    """Posts to the clinic and remembers what went wrong."""

    def __init__(self, token: str) -> None:
        self.token = token
        # What the clinic's address is to the provider, and where it is on this machine.
        self.public_url = self.clinic_url = ""
        self.delivered: list[Delivery] = []
        self.errors: list[str] = []
        self._held: list[tuple[str, Mapping[str, str]]] | None = None
        self._underway: set[asyncio.Task[Any]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, form: Mapping[str, str], signature: str | None = None) -> Delivery:
        """Post now; an answer other than 2xx is an error of the clinic's."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS))
        headers = {
            HEADER: sign(url, form, self.token) if signature is None else signature,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        where = url.replace(self.public_url, self.clinic_url, 1) if self.public_url else url
        try:
            async with self._session.post(
                URL(where, encoded=True), data=urlencode(form).encode(), headers=headers
            ) as response:
                delivery = Delivery(url, form, response.status, await response.text(), self)
        except (aiohttp.ClientError, TimeoutError) as error:
            delivery = Delivery(url, form, 0, type(error).__name__, self)
        self.delivered.append(delivery)
        if not 200 <= delivery.status < 300:
            self.errors.append(f"11200: {url} answered {delivery.status}: {delivery.body[:300]}")
        return delivery

    async def tell(self, url: str, form: Mapping[str, str]) -> None:
        """Post a receipt, unless those are held back."""
        if self._held is not None:
            self._held.append((url, form))
        elif url:
            await self.post(url, form)

    def hold_receipts(self) -> None:
        """From now on receipts wait."""
        self._held = []

    async def release_receipts(self, reverse: bool = False) -> None:
        """Let those that wait go, the last first if told so, and the next ones at once."""
        held, self._held = self._held or [], None
        for url, form in reversed(held) if reverse else held:
            await self.tell(url, form)

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside what is being answered."""
        task = asyncio.ensure_future(work)
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)

    async def settle(self) -> None:
        """Until nothing is underway any more."""
        while self._underway:
            await asyncio.gather(*self._underway)

    async def close(self) -> None:
        """Hang up on everybody."""
        for task in self._underway:
            task.cancel()
        await asyncio.gather(*self._underway, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
