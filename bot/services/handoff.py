"""Another phone tree hands a caller over: the talk goes on by text, or staff call back. Said once, whatever is repeated."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.escalation import Tier
from bot.domain.messages import Reply
from bot.domain.phone_tree.scene import filled, texts_in
from bot.services.call_exchange import LeftExchange
from bot.services.call_records import CallRecords, Incoming
from bot.services.escalations import EscalationDesk, Report
from bot.services.handed_over import HandedOver, IdReused, Receipt, TextedExchange, Why, open_by_text
from bot.services.hearing import Hearing, inbound
from bot.services.ports import Conversation, UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict
from bot.services.telephone_ports import Address, Consent, Telephony

# Whoever hands over waits for the answer while the caller does.
_LOOK_UP_SECONDS = 2.0
HOW = "phone_tree"


@dataclass(frozen=True, slots=True)
class HandoffParts:
    """What handing over works with."""

    unit_of_work: UnitOfWorkFactory
    hearing: Hearing
    records: CallRecords
    desk: EscalationDesk
    telephony: Telephony
    clinic: Clinic
    clock: Clock


class Handoff:
    """Takes callers over. Raises IdReused, and StorageUnavailable where nothing could be stored."""

    def __init__(self, parts: HandoffParts) -> None:
        self._parts = parts

    async def take_over(self, call: HandedOver) -> dict[str, Any]:
        """The same id again gets the same receipt, and nothing is done twice."""
        known = await asyncio.to_thread(again_on_conflict, lambda: self._known(call))
        if known is not None:
            return known
        takes_texts = await self._takes_texts(call)
        why = await asyncio.to_thread(again_on_conflict, lambda: self._prepare(call, takes_texts))
        safety = await self._hear(call, why)
        return await asyncio.to_thread(again_on_conflict, lambda: self._finish(call, why, safety))

    def _known(self, call: HandedOver) -> dict[str, Any] | None:
        with self._parts.unit_of_work() as uow:
            return _stored(uow, call)

    async def _takes_texts(self, call: HandedOver) -> bool:
        if call.number is None or not call.consent_words:
            return False
        look_up = asyncio.to_thread(self._parts.telephony.takes_texts, call.number)
        try:
            return await asyncio.wait_for(look_up, _LOOK_UP_SECONDS) is not False
        except TimeoutError:
            return True  # nobody knows: a receipt will tell

    # -- whose talk it is, and what may be done ----------------------------------

    def _prepare(self, call: HandedOver, takes_texts: bool) -> Why | None:
        now = self._parts.clock()
        with self._parts.unit_of_work() as uow:
            # Tried before, and then something broke: what was decided counts.
            if (decided := uow.webhooks.answer(f"{_delivery(call)}:why")) is not None:
                return Why(decided) if decided else None
            talk = self._talk(uow, call, now)
            uow.conversations.set_language(talk.id, call.language, now)
            address = self._address(uow, call)
            why = _why(call, address, takes_texts)
            if why is None and address is not None:
                uow.addresses.record(address.id, Consent.GIVEN, HOW, call.consent_words, now)
            uow.webhooks.keep(f"{_delivery(call)}:why", why or "", now)
            uow.commit()
            return why

    def _talk(self, uow: UnitOfWork, call: HandedOver, now: datetime) -> Conversation:
        opened = self._parts.records.open(uow, _as_call(call), now)
        return self._parts.records.conversation(uow, opened)

    def _address(self, uow: UnitOfWork, call: HandedOver) -> Address | None:
        return uow.addresses.find(call.number, call.clinic_number) if call.number else None

    # -- the reason, as a patient's words ---------------------------------------------

    async def _hear(self, call: HandedOver, why: Why | None) -> tuple[Reply, ...]:
        """What has to be said about safety at once."""
        if not call.reason:
            return ()
        talk = await asyncio.to_thread(again_on_conflict, lambda: self._talk_id(call))
        words = inbound(_as_call(call), f"handoff:{call.id}", call.reason, talk)
        if why is not None:
            outcome = await self._parts.hearing.take_in(words, LeftExchange(self._parts.desk, {"handoff": call.id}))
            return _reports(outcome.replies)
        heard = await self._parts.hearing.hear(words, TextedExchange(self._parts.clinic, call))
        return _reports(heard.replies) if heard else ()

    def _talk_id(self, call: HandedOver) -> str:
        with self._parts.unit_of_work() as uow:
            return self._talk(uow, call, self._parts.clock()).id

    # -- what the other side is told ----------------------------------------------------

    def _finish(self, call: HandedOver, why: Why | None, safety: tuple[Reply, ...]) -> dict[str, Any]:
        now = self._parts.clock()
        with self._parts.unit_of_work() as uow:
            if (known := _stored(uow, call)) is not None:
                return known
            talk = self._talk(uow, call, now)
            if why is None:
                self._open(uow, call, talk, now)
            else:
                detail = {"handoff": call.id, "why": why, "menu": call.menu_path}
                self._parts.desk.open_in(
                    uow, talk, Report(f"handoff:{call.id}:call", Tier.ROUTINE, "callback_requested", evidence=detail)
                )
            receipt = self._receipt(uow, call, why, safety, talk).to_dict()
            uow.webhooks.keep(_delivery(call), json.dumps({"digest": call.digest, "receipt": receipt}), now)
            uow.commit()
            return receipt

    def _open(self, uow: UnitOfWork, call: HandedOver, talk: Conversation, now: datetime) -> None:
        """Whoever gave no reason is asked for one, as it fits to where they were in the menu."""
        address = self._address(uow, call)
        if address is not None and not call.reason:
            open_by_text(uow, self._parts.clinic, address, call, now)

    def _receipt(
        self, uow: UnitOfWork, call: HandedOver, why: Why | None, safety: tuple[Reply, ...], talk: Conversation
    ) -> Receipt:
        case = self._parts.records.opened(uow.escalations.open_for(talk.id))
        urgent = case is not None and case.tier.wakes_staff
        texts = texts_in(call.language)
        said = texts.handoff_texted if why is None else texts.handoff_called
        said = filled(said, {"reference": case.reference if case else ""})
        return Receipt(
            texted=why is None,
            why=why,
            reference=case.reference if case else None,
            urgent=urgent,
            say=" ".join([*(reply.text for reply in safety), said]),
        )


def _as_call(call: HandedOver) -> Incoming:
    """In the books it is a call like any other."""
    return Incoming(f"handoff:{hashlib.sha256(call.id.encode()).hexdigest()[:40]}", call.clinic_number, call.sender)


def _why(call: HandedOver, address: Address | None, takes_texts: bool) -> Why | None:
    if address is None:
        return Why.WITHHELD
    if not call.consent_words:
        return Why.NO_CONSENT
    if address.stopped:
        return Why.STOPPED
    return None if takes_texts else Why.LANDLINE


def _reports(replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    return tuple(reply for reply in replies if reply.topic == "safety/report")


def _delivery(call: HandedOver) -> str:
    return f"handoff:{call.id}"


def _stored(uow: UnitOfWork, call: HandedOver) -> dict[str, Any] | None:
    kept = uow.webhooks.answer(_delivery(call))
    if kept is None:
        return None
    found: dict[str, Any] = json.loads(kept)
    if found["digest"] != call.digest:
        raise IdReused
    receipt: dict[str, Any] = found["receipt"]
    return receipt
