"""Whose message it is: the talk that it belongs to, and what it is known by."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from bot.domain.conversation import new_id
from bot.domain.messages import Inbound, Sender
from bot.services.ports import Conversation, UnitOfWork
from bot.services.telephone_ports import Address

# A first message has no conversation yet, so its id alone finds a repeat. Ids
# as short as a counter would find another patient's: those start a new talk.
UNGUESSABLE_ID_LENGTH = 16


def first_id(inbound: Inbound) -> str:
    """The conversation of a first message: the same for each try, with and without the database, so that it is one report."""
    if len(inbound.message_id) < UNGUESSABLE_ID_LENGTH:
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


def talk_of_sender(uow: UnitOfWork, channel: str, sender: Sender, now: datetime) -> Conversation:
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
