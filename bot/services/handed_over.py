"""A call that another phone tree hands over, what became of it, and what its caller is texted."""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.clinic import Clinic
from bot.domain.language import Language
from bot.domain.messages import Reply, ReplyKind, Sender
from bot.services.call_exchange import promise
from bot.services.call_records import greet, opening, say_by_text
from bot.services.exchange import Exchange
from bot.services.ports import Conversation, StoredMessage, UnitOfWork
from bot.services.telephone_ports import Address


class Why(enum.StrEnum):
    """Why nobody is texted."""

    NO_CONSENT = "no_consent"
    WITHHELD = "withheld"
    LANDLINE = "landline"
    STOPPED = "stopped"


class IdReused(Exception):
    """The same id came before with another call."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A call as the other phone tree describes it.

    `number` is None where it is withheld. `consent_words`: what the caller agreed to; empty: to nothing.
    """

    id: str
    number: str | None = field(repr=False)
    clinic_number: str
    reason: str = field(repr=False)
    menu_path: str
    language: Language
    consent_words: str

    @property
    def sender(self) -> Sender | None:
        """Whose call it is."""
        return Sender(self.number, self.clinic_number) if self.number else None

    @property
    def digest(self) -> str:
        """The same for the same call."""
        parts = [self.number, self.clinic_number, self.reason, self.menu_path, self.language, self.consent_words]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of it. `why` is None when the caller is texted; `say` is for the caller's ears, before hanging up."""

    texted: bool
    why: Why | None
    reference: str | None
    urgent: bool
    say: str

    def to_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "result": "texted" if self.texted else "call_back",
            "why": self.why,
            "reference": self.reference,
            "urgent": self.urgent,
            "say": self.say,
        }


class TextedExchange(Exchange):
    """The reason that a caller gave; what is said to it is texted, after who we are and what the call was about."""

    def __init__(self, clinic: Clinic, call: HandedOver) -> None:
        self._clinic = clinic
        self._call = call

    def say(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        message: StoredMessage,
        replies: tuple[Reply, ...],
        now: datetime,
    ) -> tuple[Reply, ...]:
        """Safety first; else the beginning first."""
        said = uow.messages.add_replies(message, replies, now)
        address = uow.addresses.of(conversation.id)
        if address is None or address.stopped:
            return said
        is_safety = any(reply.kind is ReplyKind.SAFETY for reply in said)
        if not is_safety:
            open_by_text(uow, self._clinic, address, self._call, now, with_question=False)
        for reply in said:
            promise(uow, address, reply, conversation.language, now)
        if is_safety:
            greet(uow, self._clinic, address, conversation.language, f"handoff:{self._call.id}", now)
        return said


def open_by_text(
    uow: UnitOfWork, clinic: Clinic, address: Address, call: HandedOver, now: datetime, with_question: bool = True
) -> None:
    """Who texts, and that it is about the call."""
    key = f"handoff:{call.id}"
    greet(uow, clinic, address, call.language, key, now)
    reply = opening(call.language, call.menu_path, with_question)
    if reply.text:
        say_by_text(uow, address, f"{key}:opening", reply, call.language, now)
