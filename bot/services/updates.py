"""What a patient's client has not seen yet: messages of all sides, and where the report stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.escalation import Escalation
from bot.domain.on_call import OnCall
from bot.services.ports import TalkEntry, UnitOfWorkFactory

_AT_A_TIME = 200
_STAFF = "staff:"


@dataclass(frozen=True, slots=True)
class Update:
    """Entries after a position, oldest first, and the open escalation as the API writes it."""

    entries: tuple[TalkEntry, ...]
    escalation: dict[str, Any] | None


class Updates:
    """Reads talks; changes nothing."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, on_call: OnCall) -> None:
        self._unit_of_work = unit_of_work
        self._on_call = on_call

    def after(self, conversation_id: str, position: int) -> Update | None:
        """At most 200 entries after `position`; None for a conversation that is not stored."""
        with self._unit_of_work() as uow:
            if uow.conversations.get(conversation_id) is None:
                return None
            escalation = uow.escalations.open_for(conversation_id)
            entries = uow.messages.talk(conversation_id, position, _AT_A_TIME)
        return Update(entries, escalation_to_dict(escalation, self._on_call))


def escalation_to_dict(escalation: Escalation | None, on_call: OnCall) -> dict[str, Any] | None:
    """Where a report stands, as the API writes it; `with` is the first name of whoever has it, where we know them."""
    if escalation is None:
        return None
    owner = on_call.people.get(escalation.owner or "")
    return {
        "reference": escalation.reference,
        "tier": escalation.tier,
        "status": escalation.status,
        "with": owner.name if owner else None,
    }


def entry_to_dict(entry: TalkEntry) -> dict[str, Any]:
    """An entry as the API writes it; `from` is patient, assistant or staff."""
    staff = entry.author.removeprefix(_STAFF) if entry.author.startswith(_STAFF) else None
    return {
        "position": entry.position,
        "from": "staff" if staff else "patient" if entry.author == "patient" else "assistant",
        "name": staff,
        "at": entry.at.isoformat(),
        "text": entry.text,
        "reply": entry.reply,
    }
