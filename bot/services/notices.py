"""What a patient is told about a report without asking: the truth, as it happens, each thing once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.escalation import Escalation
from bot.domain.language import Language
from bot.domain.messages import Reply
from bot.domain.on_call import Person
from bot.services.outgoing import notify
from bot.services.ports import UnitOfWork
from bot.services.telephone_ports import Purpose

AUTHOR = "notice"


class Notices:
    """Writes notices into the conversation, inside the caller's transaction.

    Each is said once in a cycle of the ladder, however often it is asked for.
    A patient who texts is texted those that change what to do.
    """

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._zone = ZoneInfo(clinic.time_zone)

    def paged(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> None:
        """A page was accepted by whoever carries it."""
        reply = wording.paged_notice(self._clinic, self._time(now), *_of(uow, escalation))
        # No text: the safety text has said that it is with the staff, and the next one says who has seen it.
        self._tell(uow, escalation, "paged", reply, now, has_text=False)

    def seen(self, uow: UnitOfWork, escalation: Escalation, person: Person | None, now: datetime) -> None:
        """Somebody has acknowledged it."""
        reply = wording.seen_notice(self._clinic, _who(person), self._time(now), *_of(uow, escalation))
        self._tell(uow, escalation, "seen", reply, now)

    def joined(
        self, uow: UnitOfWork, escalation: Escalation, person: Person | None, now: datetime, has_text: bool = True
    ) -> None:
        """Somebody has taken the conversation over. `has_text`: also as a text, where their own message is not next."""
        reply = wording.joined_notice(self._clinic, _who(person), *_of(uow, escalation))
        self._tell(uow, escalation, "joined", reply, now, has_text)

    def nobody_yet(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> None:
        """Nobody has answered in the time that the policy gives."""
        self._tell(uow, escalation, "nobody_yet", wording.nobody_yet_notice(self._clinic, *_of(uow, escalation)), now)

    def closed(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> None:
        """The staff have closed it."""
        self._tell(uow, escalation, "closed", wording.closed_notice(self._clinic, *_of(uow, escalation)), now)

    def _tell(
        self, uow: UnitOfWork, escalation: Escalation, what: str, reply: Reply, now: datetime, has_text: bool = True
    ) -> None:
        placed = uow.messages.add_notice(escalation.conversation_id, _key(escalation, what), AUTHOR, reply, now)
        if placed is None:
            return
        uow.escalations.record(escalation.id, "assistant", "patient_told", {"what": what}, now)
        if has_text:
            notify(uow, escalation.conversation_id, placed, Purpose.NOTICE, now)

    def _time(self, now: datetime) -> str:
        return f"{now.astimezone(self._zone):%H:%M}"


def paged_key(escalation: Escalation) -> str:
    """Under which the patient is told that staff were paged, in the present cycle."""
    return _key(escalation, "paged")


def _key(escalation: Escalation, what: str) -> str:
    return f"{escalation.id}/{escalation.cycle}/{what}"


def _of(uow: UnitOfWork, escalation: Escalation) -> tuple[str, Language]:
    """What to call it, and the language that the patient writes by now."""
    conversation = uow.conversations.get(escalation.conversation_id)
    return escalation.reference, conversation.language if conversation else Language(escalation.language)


def _who(person: Person | None) -> tuple[str, str] | None:
    return (person.name, person.role) if person else None
