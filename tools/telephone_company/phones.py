"""The phones of patients and staff, as a test or a visitor of the demo holds them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tools.telephone_company.calls import Call
from tools.telephone_company.texts import TextMessage
from tools.telephone_company.webhooks import Delivery

if TYPE_CHECKING:
    from tools.telephone_company.company import TelephoneCompany

T = TypeVar("T")

# Longer than anything takes; a test that fails must still end.
_PATIENCE_SECONDS = 10.0
# What the company shows instead of a number that is withheld.
WITHHELD = "+266696687"


@dataclass
class Draft:
    """A text that is written and not yet sent."""

    message: TextMessage
    _company: TelephoneCompany

    async def arrives(self) -> Delivery:
        """The clinic's webhook is posted; what it answers is texted back. The same again is a repeat."""
        return await self._company.hand_in(self.message)


class Ringing:
    """A phone that rings until somebody does something about it."""

    def __init__(self, call: Call) -> None:
        self.call = call

    async def answers(self) -> Call:
        """Somebody picks it up."""
        await self.call.takes_the_call("human")
        return self.call

    async def goes_to_voicemail(self) -> Call:
        """A machine picks it up and takes in whatever is said, without a key."""
        await self.call.takes_the_call("machine_end_beep")
        while self.call.awaits is not None:
            await self.call.keeps_silent()
        return self.call

    async def rings_out(self) -> None:
        """Nobody picks it up."""
        await self.call.is_not_taken("no-answer")

    async def declines(self) -> None:
        """Somebody presses the red button, or is on the phone."""
        await self.call.is_not_taken("busy")

    async def cannot_be_put_through(self) -> None:
        """No such number, no network."""
        await self.call.is_not_taken("failed")


class Phone:
    """One number with what came in for it and nobody has looked at yet."""

    def __init__(self, company: TelephoneCompany, number: str) -> None:
        self.number = number
        self.line_type: str | None = "mobile"
        # The company refuses texts to it: its owner has opted out with the company.
        self.has_opted_out = False
        # Code with which a text does not arrive; None: it arrives.
        self.undelivered_code: int | None = None
        self._company = company
        self._texts: asyncio.Queue[TextMessage] = asyncio.Queue()
        self._rings: asyncio.Queue[Ringing] = asyncio.Queue()

    # -- texts -----------------------------------------------------------------

    def writes(self, body: str, to: str | None = None, media: tuple[str, ...] = ()) -> Draft:
        """A text to the clinic that can arrive late, early, or twice."""
        message = self._company.new_text(self.number, to or self._company.main_number, body, "inbound", media=media)
        return Draft(message, self._company)

    async def text(self, body: str, to: str | None = None, media: tuple[str, ...] = ()) -> Delivery:
        """Text the clinic. Returns the webhook with its answer."""
        return await self.writes(body, to, media).arrives()

    async def receives(self, *parts: str) -> TextMessage:
        """The next text, which must hold each part."""
        text = await _next(self._texts, f"no text came to {self.number}")
        for part in parts:
            assert part in text.body, f"{part!r} is not in {text.body!r}"
        return text

    # -- calls -----------------------------------------------------------------

    async def dials(self, number: str | None = None, withheld: bool = False) -> Call:
        """Call the clinic and listen until it waits for something."""
        return await self._company.call_in(WITHHELD if withheld else self.number, number or self._company.main_number)

    async def rings(self) -> Ringing:
        """The next call for it."""
        return await _next(self._rings, f"{self.number} does not ring")

    # -- the company's end -----------------------------------------------------

    def put(self, text: TextMessage) -> None:
        """A text arrives."""
        self._texts.put_nowait(text)

    def ring(self, call: Call) -> None:
        """A call arrives."""
        self._rings.put_nowait(Ringing(call))

    def unseen(self) -> list[str]:
        """What came and nobody expected."""
        texts = [f"{self.number} was texted {text.body!r}" for text in _drain(self._texts)]
        rings = [ring for ring in _drain(self._rings) if not ring.call.is_over]
        return [*texts, *(f"{self.number} was called by {ring.call.sender}" for ring in rings)]


async def _next(queue: asyncio.Queue[T], complaint: str) -> T:
    try:
        return await asyncio.wait_for(queue.get(), _PATIENCE_SECONDS)
    except TimeoutError:
        raise AssertionError(complaint) from None


def _drain(queue: asyncio.Queue[T]) -> list[T]:
    return [queue.get_nowait() for _ in range(queue.qsize())]
