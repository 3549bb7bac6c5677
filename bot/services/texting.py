"""Texts from patients: taken in, answered in time or by the outbox, and answered late if a gateway died meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.drill import is_drill_number
from bot.domain.language import Language, language_of
from bot.domain.messages import Inbound, Sender
from bot.domain.sms_text import whole
from bot.services.escalations import CANARY_CHANNEL
from bot.services.intake import Intake, Outcome
from bot.services.outgoing import OutgoingText, bodies_of
from bot.services.ports import StoredMessage, UnitOfWork, UnitOfWorkFactory
from bot.services.text_exchange import TextExchange, TextIn
from bot.services.texted import TextTriage
from bot.services.turns import LocalTurns

log = logging.getLogger(__name__)

CHANNEL = "sms"
# Longer than the intake waits for a database that hangs, and well within what a provider waits for an answer.
_ANSWER_SECONDS = 5.0
# For the commit of what is to go out in the answer.
_GRACE_SECONDS = 2.0
_GRACE_LOOKS = 40
# No answer takes this long: whoever was to give it is gone.
_GIVEN_UP_AFTER = timedelta(seconds=90)
_AT_A_TIME = 20


@dataclass(frozen=True, slots=True)
class TextingParts:
    """What texting works with. `answer_seconds`: how long a webhook waits for the dialogue.

    `staff` reads a text before it is taken for a patient's: what to text back, None if it is a patient's.
    """

    unit_of_work: UnitOfWorkFactory
    intake: Intake
    triage: TextTriage
    clinic: Clinic
    clock: Clock
    staff: Callable[[str, str], str | None]
    answer_seconds: float = _ANSWER_SECONDS


class Texting:
    """Takes texts in. Whatever takes too long goes on behind the webhook's back and ends in the outbox."""

    def __init__(self, parts: TextingParts) -> None:
        self._parts = parts
        self._turns = LocalTurns()
        self._underway: set[asyncio.Task[Outcome]] = set()

    async def receive(self, text: TextIn) -> tuple[OutgoingText, ...]:
        """What goes out in the answer to the webhook: all that is said, its beginning, or nothing yet.

        The same text twice is acted on once.
        """
        async with self._turns.turn(text.sender.key):  # whoever came first is asked first
            to_staff = await asyncio.to_thread(self._parts.staff, text.sender.number, text.body)
        if to_staff is not None:
            return tuple(OutgoingText(None, body) for body in whole(to_staff).now)
        exchange = TextExchange(self._parts.triage, self._parts.clinic, text)
        channel = CANARY_CHANNEL if is_drill_number(text.sender.number) else CHANNEL
        inbound = Inbound(channel, text.body, text.message_id, sender=text.sender)
        task = asyncio.create_task(self._parts.intake.receive(inbound, exchange))
        self._underway.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=self._parts.answer_seconds)
        if not done:
            await _end(exchange)
            return exchange.given
        outcome = task.result()
        return _unstored(text, outcome) if exchange.is_unstored else exchange.given

    def _ended(self, task: asyncio.Task[Outcome]) -> None:
        self._underway.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("text_not_answered", exc_info=task.exception())

    async def finish(self, seconds: float) -> None:
        """Let what is underway come to its end, before the process does."""
        if self._underway:
            await asyncio.wait(self._underway, timeout=seconds)

    async def answer_forgotten(self) -> int:
        """Answer what is stored and was never answered, because whoever had it died. Returns how many."""
        forgotten = await asyncio.to_thread(self._forgotten)
        for inbound in forgotten:
            await self._parts.intake.answer_late(inbound)
        return len(forgotten)

    def _forgotten(self) -> list[Inbound]:
        with self._parts.unit_of_work() as uow:
            messages = uow.messages.unanswered(CHANNEL, self._parts.clock() - _GIVEN_UP_AFTER, _AT_A_TIME)
            found = [_inbound(uow, message) for message in messages]
        return [inbound for inbound in found if inbound is not None]


def _inbound(uow: UnitOfWork, message: StoredMessage) -> Inbound | None:
    """The text that a message was; None for one that did not come as a text."""
    if uow.webhooks.answer(f"{CHANNEL}:{message.client_message_id}") is None:
        return None
    address = uow.addresses.of(message.conversation_id)
    if address is None:
        return None
    sender = Sender(address.number, address.clinic_number)
    return Inbound(CHANNEL, message.text, message.client_message_id, sender=sender)


async def _end(exchange: TextExchange) -> None:
    """Time is up; what is being stored for the answer at this moment still goes with it."""
    exchange.waiting.end()
    for _ in range(_GRACE_LOOKS):
        if exchange.waiting.is_settled:
            return
        await asyncio.sleep(_GRACE_SECONDS / _GRACE_LOOKS)


def _unstored(text: TextIn, outcome: Outcome) -> tuple[OutgoingText, ...]:
    language = language_of(text.body) or Language.ENGLISH
    return tuple(OutgoingText(None, body) for body in bodies_of(outcome.replies, language))
