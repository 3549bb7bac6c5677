"""Reads a message before the transaction that stores it: where one can write at a time, nobody waits for the screen."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.clock import Clock
from bot.domain.errors import StorageUnavailable
from bot.domain.messages import Inbound
from bot.safety.verdict import Verdict
from bot.services.exchange import Exchange
from bot.services.ports import Conversation, UnitOfWork, UnitOfWorkFactory
from bot.services.triage import TalkContext, Triage


@dataclass(frozen=True, slots=True)
class Ahead:
    """A verdict, and what it was about."""

    text: str = field(repr=False)
    context: TalkContext
    verdict: Verdict

    def holds(self, text: str, context: TalkContext) -> bool:
        """Whether it is about this message, after this talk."""
        return (self.text, self.context) == (text, context)


class ReadingAhead:
    """What it says counts only if the talk is still the same when the message is stored."""

    def __init__(self, readers: UnitOfWorkFactory | None, triage: Triage, clock: Clock) -> None:
        self._readers = readers
        self._triage = triage
        self._clock = clock

    def read(self, inbound: Inbound, exchange: Exchange) -> Ahead | None:
        """The verdict, as things stand; None where there is nothing to read with."""
        if self._readers is None:
            return None
        try:
            with self._readers() as uow:
                text, context = self._before(uow, inbound, exchange)
        except StorageUnavailable:
            return None  # whoever stores the message says so
        return Ahead(text, context, self._triage.read(text, context))

    def _before(self, uow: UnitOfWork, inbound: Inbound, exchange: Exchange) -> tuple[str, TalkContext]:
        conversation = _conversation(uow, inbound)
        if conversation is None:
            return inbound.text, TalkContext()
        text = exchange.meaning(uow, conversation, inbound.text)
        return text, self._triage.context(uow, conversation.id, self._clock())


def _conversation(uow: UnitOfWork, inbound: Inbound) -> Conversation | None:
    """The talk that it belongs to by what is stored; None for a new one."""
    talk = inbound.conversation_id
    if inbound.sender is not None:
        address = uow.addresses.find(inbound.sender.number, inbound.sender.clinic_number)
        talk = address.conversation_id if address else None
    return uow.conversations.get(talk) if talk is not None else None
