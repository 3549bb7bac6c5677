"""Whose message it is: the talk that it belongs to, and what it is known by."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.domain.conversation import new_id
from bot.domain.errors import UnknownConversation
from bot.domain.messages import Inbound, Sender
from bot.services.ports import Conversation, StoredMessage, UnitOfWork
from bot.services.telephone_ports import Address

# A first message has no conversation yet, so its id alone finds a repeat. Ids
# as short as a counter would find another patient's: those start a new talk.
_UNGUESSABLE_ID_LENGTH = 16
_REPEAT_WINDOW = timedelta(hours=24)


class Whose:
    """Finds what a message belongs to, inside the caller's transaction."""

    def __init__(self, clock: Clock, is_report: Callable[[str], bool]) -> None:
        self._clock = clock
        self._is_report = is_report

    def after_forgetting(self, uow: UnitOfWork, inbound: Inbound) -> Inbound:
        """A talk that was forgotten is not gone on with; a report to it begins a new one."""
        if inbound.conversation_id is None or not uow.forgetting.is_forgotten(inbound.conversation_id):
            return inbound
        if self._is_report(inbound.text):
            return replace(inbound, conversation_id=None)
        raise UnknownConversation

    def known(self, uow: UnitOfWork, inbound: Inbound) -> StoredMessage | None:
        """The message as it was stored before; None for a new one."""
        if inbound.sender is not None:
            talk = uow.webhooks.answer(delivery_key(inbound))
            return uow.messages.find(talk, inbound.message_id) if talk is not None else None
        if inbound.conversation_id is not None:
            return uow.messages.find(inbound.conversation_id, inbound.message_id)
        if len(inbound.message_id) < _UNGUESSABLE_ID_LENGTH:
            return None
        since = self._clock() - _REPEAT_WINDOW
        first = uow.messages.first_with(inbound.channel, inbound.message_id, since)
        return first if first is not None and first.text == inbound.text else None

    def talk(self, uow: UnitOfWork, inbound: Inbound) -> Conversation:
        """The talk that a new message belongs to, locked. Raises UnknownConversation as the intake does."""
        now = self._clock()
        if inbound.sender is not None:
            return _talk_of_sender(uow, inbound.channel, inbound.sender, now)
        if inbound.conversation_id is None:
            return self._first(uow, inbound, now)
        uow.conversations.lock(inbound.conversation_id)
        found = uow.conversations.get(inbound.conversation_id)
        if found is not None:
            return found
        if self._is_report(inbound.text):
            return uow.conversations.add(inbound.channel, now, inbound.conversation_id)
        raise UnknownConversation

    def _first(self, uow: UnitOfWork, inbound: Inbound, now: datetime) -> Conversation:
        """The conversation of a first message; of its own where the same id and words were sent days ago."""
        own = first_id(inbound)
        if uow.messages.find(own, inbound.message_id) is not None:
            own = new_id()
        return uow.conversations.get(own) or uow.conversations.add(inbound.channel, now, own)


def first_id(inbound: Inbound) -> str:
    """The conversation of a first message: the same for each try, with and without the database, so that it is one report."""
    if len(inbound.message_id) < _UNGUESSABLE_ID_LENGTH:
        return new_id()
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{inbound.channel}:{inbound.message_id}:{inbound.text}").hex


def order_key(inbound: Inbound) -> str:
    """Whose turn it is, as far as the message itself tells."""
    if inbound.sender is not None:
        return inbound.sender.key
    return inbound.conversation_id or inbound.message_id


def delivery_key(inbound: Inbound) -> str:
    """What the provider's delivery is called among all that were acted on."""
    return f"{inbound.channel}:{inbound.message_id}"


def _talk_of_sender(uow: UnitOfWork, channel: str, sender: Sender, now: datetime) -> Conversation:
    """The talk that a number has with the clinic, locked; a new one for a number that is new, or whose talk was forgotten."""
    address = uow.addresses.find(sender.number, sender.clinic_number)
    known = _talk_of(uow, address) if address is not None else None
    if known is not None:
        return known
    conversation = uow.conversations.add(channel, now)
    uow.conversations.set_callback_number(conversation.id, sender.number, now)
    if address is None:
        uow.addresses.add(sender.number, sender.clinic_number, conversation.id, now)
    else:
        uow.addresses.join(address.id, conversation.id, now)
    return replace(conversation, callback_number=sender.number)


def _talk_of(uow: UnitOfWork, address: Address) -> Conversation | None:
    if uow.forgetting.is_forgotten(address.conversation_id):
        return None
    uow.conversations.lock(address.conversation_id)
    return uow.conversations.get(address.conversation_id)
