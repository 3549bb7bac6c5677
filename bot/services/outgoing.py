"""What is said to a patient becomes texts in the outbox, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.language import Language
from bot.domain.messages import Reply, ReplyKind
from bot.domain.rendering import sms_bodies
from bot.services.ports import UnitOfWork
from bot.services.telephone_ports import Address, Consent, Purpose, TextState

# About the stop itself: goes out although the number has just stopped.
_CONFIRMATIONS = frozenset({"texting/stopped", "texting/stopped_with_report"})


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text on its way in the answer to a webhook; without an id it is not stored."""

    id: str | None
    body: str = field(repr=False)


def text_key(conversation_id: str, position: int) -> str:
    """What the texts of an entry of a talk are found by."""
    return f"{conversation_id}/{position}"


def queue(
    uow: UnitOfWork,
    address: Address,
    reply: Reply,
    language: Language,
    now: datetime,
    purpose: Purpose | None = None,
    state: TextState = TextState.PENDING,
) -> tuple[OutgoingText, ...]:
    """Put the texts of a reply that is stored into the outbox; none if they are there already."""
    if reply.position is None:
        raise ValueError("only what is stored in the talk is texted")
    bodies = bodies_of((reply,), language)
    key = text_key(address.conversation_id, reply.position)
    ids = uow.texts.add(address, key, bodies, purpose or purpose_of(reply), now, state)
    return tuple(OutgoingText(text_id, body) for text_id, body in zip(ids, bodies, strict=bool(ids)))


def bodies_of(replies: Sequence[Reply], language: Language) -> tuple[str, ...]:
    """Replies as they are texted first."""
    return sms_bodies(replies, language).now


def purpose_of(reply: Reply) -> Purpose:
    """Why a reply to a message is texted."""
    if reply.topic in _CONFIRMATIONS:
        return Purpose.CONFIRMATION
    return Purpose.SAFETY if reply.kind is ReplyKind.SAFETY else Purpose.ANSWER


def notify(uow: UnitOfWork, conversation_id: str, reply: Reply, purpose: Purpose, now: datetime) -> bool:
    """Text something that no message asked for, where the talk has a number that agreed to texts.

    One that has stopped since is queued, too: it is refused at the send step,
    where the staff are told that they have to phone.
    """
    address = uow.addresses.of(conversation_id)
    conversation = uow.conversations.get(conversation_id)
    if address is None or conversation is None or not has_agreed(uow, address):
        return False
    return bool(queue(uow, address, reply, conversation.language, now, purpose))


def has_agreed(uow: UnitOfWork, address: Address) -> bool:
    """Whether the patient ever agreed to texts; a caller's number alone is no consent."""
    return any(entry.consent is Consent.GIVEN for entry in uow.addresses.record_of(address.id))
