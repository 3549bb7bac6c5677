"""Reading the audit, and proving that nobody has changed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.audit import Action
from bot.domain.chain import START
from bot.domain.clock import Clock
from bot.services.account_ports import AuditEntry, AuditFilter, ChainedEvent
from bot.services.ports import UnitOfWork, UnitOfWorkFactory

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of both chains found. `broken` names the first line that is not as it was written."""

    entries: int
    events: int
    head: str
    broken: str | None = None


@dataclass(slots=True)
class _Reading:
    """How far the histories are read, one after the other."""

    unchained: int
    escalation_id: str = ""
    id: int = 0
    hash: str = START
    count: int = 0


class AuditDesk:
    """What was done, by whom, in order. Raises StorageUnavailable."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, readers: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._readers = readers
        self._clock = clock

    def note(self, actor: str, action: Action | str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        """A line for what changes nothing else, such as reading."""
        with self._unit_of_work() as uow:
            uow.audit.append(actor, action, subject, detail or {}, self._clock())
            uow.commit()

    def listing(self, by: str, wanted: AuditFilter, limit: int) -> tuple[AuditEntry, ...]:
        """The newest first; reading it stands in it, too."""
        with self._readers() as uow:
            found = uow.audit.listing(wanted, limit)
        if wanted.before is None:
            self.note(by, Action.AUDIT_READ, "", _asked(wanted))
        return found

    def verify(self, by: str, known: tuple[int, str] | None = None) -> Verdict:
        """Check every line. `known`: number and hash of a line as they were noted elsewhere; it has to be there still.

        In parts, and only reading: nobody waits until all of it is read.
        """
        verdict = self._audit(known)
        if verdict.broken is None:
            verdict = self._histories(verdict)
        detail = {"entries": verdict.entries, "events": verdict.events, "broken": verdict.broken or ""}
        self.note(by, Action.AUDIT_VERIFIED, "", detail)
        return verdict

    # -- the audit -------------------------------------------------------------

    def _audit(self, known: tuple[int, str] | None) -> Verdict:
        number, previous, seen = 0, START, known is None
        while True:
            with self._readers() as uow:
                # Before the lines: some that are added meanwhile are no reason for alarm.
                head = uow.audit.head()
                batch = uow.audit.entries(number, _BATCH)
                if not batch:
                    return Verdict(number, 0, previous, _end(head, number, previous, None if seen else known))
                for entry in batch:
                    if entry.number != number + 1:
                        return Verdict(number, 0, previous, f"audit line {number + 1} is missing")
                    if not uow.audit.is_whole(entry, previous):
                        return Verdict(number, 0, previous, f"audit line {entry.number} is not as it was written")
                    number, previous = entry.number, entry.hash
                    seen = seen or (number, previous) == known

    # -- the histories ---------------------------------------------------------

    def _histories(self, verdict: Verdict) -> Verdict:
        with self._readers() as uow:
            read = _Reading(_unchained(uow))
        while True:
            with self._readers() as uow:
                batch = uow.audit.events(read.escalation_id, read.id, _BATCH)
                for event in batch:
                    if (broken := _look(uow, read, event)) is not None:
                        return Verdict(verdict.entries, read.count, verdict.head, broken)
            if not batch:
                return Verdict(verdict.entries, read.count, verdict.head)


def _end(head: tuple[int, str, int], number: int, previous: str, missing: tuple[int, str] | None) -> str | None:
    if head[:2] != (number, previous):
        return f"audit line {number + 1} is missing: the audit ended with line {head[0]}"
    return None if missing is None else f"audit line {missing[0]} is not the one that was noted"


def _look(uow: UnitOfWork, read: _Reading, event: ChainedEvent) -> str | None:
    """What is wrong with the next line of a history."""
    previous = read.hash if event.escalation_id == read.escalation_id else START
    read.count += 1
    read.escalation_id, read.id, read.hash = event.escalation_id, event.id, event.hash or START
    where = f"line {event.id} of the history of {event.reference} ({event.event})"
    if event.hash is None:
        is_old = event.id <= read.unchained and previous == START
        return None if is_old else f"{where} has lost its hash"
    if not uow.audit.is_whole_event(event, previous):
        return f"{where} is not as it was written, or does not follow the line before"
    return None


def _unchained(uow: UnitOfWork) -> int:
    """Up to which line histories have no hashes, as the first line of the audit says; nobody can change that."""
    first = uow.audit.entries(0, 1)
    return int(first[0].detail["unchained_events"]) if first else uow.audit.head()[2]


def _asked(wanted: AuditFilter) -> dict[str, str]:
    fields = {"actor": wanted.actor, "action": wanted.action, "subject": wanted.subject}
    return {name: value for name, value in fields.items() if value}
