"""The database is gone: what is said all the same, and what goes to the disk until it is back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.language import Language, language_of
from bot.domain.messages import Inbound, Reply, Sender
from bot.services.alarm import Alarm
from bot.services.escalations import CANARY_CHANNEL
from bot.services.exchange import Exchange
from bot.services.ports import Spool
from bot.services.triage import Screen


class Unstored:
    """Answers without the database. A report is spooled and staff are paged at once; nothing else is promised."""

    def __init__(self, screen: Screen, spool: Spool, clinic: Clinic, alarm: Alarm) -> None:
        self._screen = screen
        self._spool = spool
        self._clinic = clinic
        self._alarm = alarm

    def answer(self, inbound: Inbound, conversation_id: str, exchange: Exchange) -> tuple[Reply, bool]:
        """What to say, and whether the message is kept: what must not be lost is on the disk by then."""
        verdict = self._screen(inbound.text, ())
        language = language_of(inbound.text) or Language.ENGLISH
        own = exchange.unstored(inbound.text)
        if verdict.tier is None and own is None:
            return wording.degraded_reply(self._clinic, None, language), False
        kept = self._spool.append(_record(inbound, conversation_id))
        if verdict.tier is None:
            return own if own is not None and kept else wording.degraded_reply(self._clinic, None, language), kept
        if inbound.channel != CANARY_CHANNEL:
            who = inbound.sender.key if inbound.sender else conversation_id
            self._alarm.start(who, verdict.tier, kept)
        return wording.safety_reply(self._clinic, verdict.tier, verdict.categories, None, language), kept


def _record(inbound: Inbound, conversation_id: str) -> dict[str, str]:
    """A message as it waits on the disk."""
    record = {
        "channel": inbound.channel,
        "message_id": inbound.message_id,
        "text": inbound.text,
    }
    if inbound.sender is None:
        return {**record, "conversation_id": conversation_id}
    return {**record, "number": inbound.sender.number, "clinic_number": inbound.sender.clinic_number}


def from_record(record: Mapping[str, Any]) -> Inbound:
    """The message of a record."""
    sender = Sender(record["number"], record["clinic_number"]) if "number" in record else None
    return Inbound(record["channel"], record["text"], record["message_id"], record.get("conversation_id"), sender)
