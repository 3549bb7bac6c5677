"""What a patient's client has not seen yet: messages of all sides, and where the report stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.clock import Clock
from bot.domain.escalation import Escalation, Status
from bot.domain.on_call import OnCall
from bot.services.live_ports import Side
from bot.services.notices import paged_key
from bot.services.ports import TalkEntry, UnitOfWork, UnitOfWorkFactory

AT_A_TIME = 200
_STAFF = "staff:"
_TAKEN = ("acknowledged", "taken_over")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a report stands, beyond what is stored of it: since when, and what happens this moment."""

    escalation: Escalation
    # A page was accepted by whoever carries it.
    paged_at: datetime | None = None
    # Whoever has it said so.
    seen_at: datetime | None = None
    # That person is writing, for so many seconds more.
    writing_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Update:
    """Entries after a position, oldest first, whether there are more of them, and where the open report stands."""

    entries: tuple[TalkEntry, ...]
    more: bool
    standing: Standing | None


class Updates:
    """Reads talks; changes nothing."""

    def __init__(self, readers: UnitOfWorkFactory, on_call: OnCall, clock: Clock) -> None:
        self._readers = readers
        self._on_call = on_call
        self._clock = clock

    def after(self, conversation_id: str, position: int, limit: int = AT_A_TIME) -> Update | None:
        """At most `limit` entries after `position`; None for a talk that is not stored, or is forgotten."""
        with self._readers() as uow:
            if uow.conversations.get(conversation_id) is None or uow.forgetting.is_forgotten(conversation_id):
                return None
            entries = uow.messages.talk(conversation_id, position, limit + 1)
            standing = self._standing(uow, uow.escalations.open_for(conversation_id))
        return Update(entries[:limit], len(entries) > limit, standing)

    def standing(self, conversation_id: str) -> Standing | None:
        """Where the open report of a talk stands."""
        with self._readers() as uow:
            return self._standing(uow, uow.escalations.open_for(conversation_id))

    def _standing(self, uow: UnitOfWork, escalation: Escalation | None) -> Standing | None:
        if escalation is None:
            return None
        taken = escalation.status in (Status.ACKNOWLEDGED, Status.WITH_STAFF)
        return Standing(
            escalation,
            paged_at=uow.messages.told_at(escalation.conversation_id, paged_key(escalation)),
            seen_at=uow.escalations.last(escalation.id, _TAKEN) if taken else None,
            writing_seconds=self._writing_seconds(uow, escalation),
        )

    def _writing_seconds(self, uow: UnitOfWork, escalation: Escalation) -> float:
        if escalation.status is not Status.WITH_STAFF:
            return 0.0
        until = uow.typing.until(escalation.conversation_id, Side.STAFF)
        return max(0.0, (until - self._clock()).total_seconds()) if until else 0.0

    def standing_to_dict(self, standing: Standing | None) -> dict[str, Any] | None:
        """Where a report stands, as the API writes it; `with` is the first name of whoever has it, where we know them."""
        if standing is None:
            return None
        escalation = standing.escalation
        owner = self._on_call.people.get(escalation.owner or "")
        return {
            "reference": escalation.reference,
            "tier": escalation.tier,
            "status": escalation.status,
            "with": owner.name if owner else None,
            "paged_at": _time(standing.paged_at),
            "seen_at": _time(standing.seen_at),
            "writing": standing.writing_seconds > 0,
        }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def entry_to_dict(entry: TalkEntry) -> dict[str, Any]:
    """An entry as the API writes it; `from` is patient, assistant or staff."""
    staff = entry.author.removeprefix(_STAFF) if entry.author.startswith(_STAFF) else None
    # What was stored before there were versions has none.
    reply = {"version": None, **entry.reply, "position": entry.position} if entry.reply else None
    return {
        "position": entry.position,
        "from": "staff" if staff else "patient" if entry.author == "patient" else "assistant",
        "name": staff,
        "at": entry.at.isoformat(),
        "text": entry.text,
        "reply": reply,
        "message_id": entry.message_id,
        "state": None if entry.answered is None else "answered" if entry.answered else "received",
        "in_reply_to": entry.in_reply_to,
        "helpful": entry.helpful,
    }
