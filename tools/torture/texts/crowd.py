"""Patients who text, and what becomes of each text on its way to the clinic."""

from __future__ import annotations

import asyncio
import enum
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tools.telephone_company.texts import TextMessage
from tools.telephone_company.webhooks import Delivery
from tools.torture.texts.company import BadCompany

_REPEATED_AFTER = (0.3, 3.0)
# By then its receipts are in, those that come.
_LATE_AFTER = (4.0, 8.0)
# Two texts of a patient arrive no closer than this: which one was first is then clear.
_CLOSEST_SECONDS = 0.1
_PUT_OFF = "answer questions right now"


class Fate(enum.Enum):
    """What happens to the delivery of a text."""

    ONCE = "once"
    ANSWER_LOST = "answer lost, then repeated"
    ANSWER_LOST_FOR_GOOD = "answer lost, never repeated"
    REPEATED_LATE = "repeated late"
    TWICE_AT_ONCE = "twice at once"


_SHARES = {
    Fate.ANSWER_LOST: 0.06,
    Fate.ANSWER_LOST_FOR_GOOD: 0.02,
    Fate.REPEATED_LATE: 0.1,
    Fate.TWICE_AT_ONCE: 0.06,
}


@dataclass
class Sent:
    """A patient's text. `begun_at`: when its first delivery was posted, in the order of the clock."""

    number: str
    token: str
    fate: Fate
    message: TextMessage = field(repr=False)
    begun_at: float = 0.0
    deliveries: int = 0
    # It was answered that the database is away, and heard so.
    is_put_off: bool = False
    seconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


def make_texts(company: BadCompany, count: int, patients: int, random: Random) -> list[Sent]:
    """So many texts of so many patients; some arrive in another order than they were written."""
    numbers = [f"+1555{number:07}" for number in range(1_000_000, 1_000_000 + patients)]
    texts = []
    for place in range(count):
        number, token = random.choice(numbers), f"T{place:05}"
        message = company.new_text(number, company.main_number, f"How long is a session? {token}", "inbound")
        texts.append(Sent(number, token, _fate(random), message))
    for place in range(0, count - 1, 20):
        texts[place], texts[place + 1] = texts[place + 1], texts[place]
    return texts


def _fate(random: Random) -> Fate:
    chance = random.random()
    for fate, share in _SHARES.items():
        if chance < share:
            return fate
        chance -= share
    return Fate.ONCE


class Crowd:
    """Hands texts in at a rate, and repeats what the company did not hear."""

    def __init__(self, company: BadCompany, random: Random) -> None:
        self._company = company
        self._random = random
        self._last: dict[str, float] = {}

    async def send(self, texts: Sequence[Sent], rate: float) -> None:
        """All of them, `rate` a second, whatever becomes of those before."""
        async with asyncio.TaskGroup() as group:
            for text in texts:
                group.create_task(self._send(text))
                await asyncio.sleep(self._random.expovariate(rate))

    async def _send(self, text: Sent) -> None:
        await self._keep_apart(text)
        if text.fate is Fate.ONCE:
            await self._deliver(text)
        elif text.fate is Fate.TWICE_AT_ONCE:
            heard = self._random.random() < 0.5
            await asyncio.gather(self._deliver(text, heard), self._deliver(text, not heard))
        elif text.fate is Fate.REPEATED_LATE:
            await self._deliver(text)
            await asyncio.sleep(self._random.uniform(*_LATE_AFTER))
            await self._deliver(text)
        else:
            await self._deliver(text, is_heard=False)
            if text.fate is Fate.ANSWER_LOST:
                await asyncio.sleep(self._random.uniform(*_REPEATED_AFTER))
                await self._deliver(text)

    async def _keep_apart(self, text: Sent) -> None:
        now = time.monotonic()
        text.begun_at = max(now, self._last.get(text.number, 0.0) + _CLOSEST_SECONDS)
        self._last[text.number] = text.begun_at
        await asyncio.sleep(text.begun_at - now)

    async def _deliver(self, text: Sent, is_heard: bool = True) -> None:
        """Again, as a provider does, where the clinic does not answer at all."""
        delivery = await self._try(text, is_heard)
        while delivery.status == 0 or delivery.status >= 500:
            await asyncio.sleep(self._random.uniform(*_REPEATED_AFTER))
            delivery = await self._try(text, is_heard)

    async def _try(self, text: Sent, is_heard: bool) -> Delivery:
        began = time.monotonic()
        delivery = await self._company.carry(text.message, is_heard)
        text.deliveries += 1
        text.seconds.append(time.monotonic() - began)
        text.statuses.append(delivery.status)
        text.is_put_off = text.is_put_off or (is_heard and _PUT_OFF in delivery.body)
        return delivery
