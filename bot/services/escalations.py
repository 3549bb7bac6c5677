"""Opens escalations and adds to them; the same way for every caller."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.clock import Clock
from bot.domain.conversation import Mode, new_id
from bot.domain.errors import Conflict
from bot.domain.escalation import Escalation, Status, Tier, new_reference
from bot.safety.verdict import Verdict
from bot.services.ports import Conversation, UnitOfWork, UnitOfWorkFactory

_TRIES_ON_CONFLICT = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What to tell the staff. `message_id` makes it count once, however often it comes."""

    message_id: str
    tier: Tier
    reason: str
    categories: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Attention(enum.Enum):
    """What is already being done for a patient's safety."""

    NONE = "none"
    ASKED = "asked"  # the gateway asked "is this happening right now?"
    REPORTED = "reported"  # a report is open that wakes the staff


class EscalationDesk:
    """One open escalation a conversation; later reports are added to it."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def open_for_sender(self, sender_id: str, channel: str, report: Report) -> Escalation:
        """Open (or add to) the escalation of whoever Rasa calls `sender_id`, and commit.

        Behind the gateway that is our conversation's id. On Rasa's own channels
        it is the channel's id of the person, and the conversation is made here.
        Raises StorageUnavailable when it could not be committed.
        """
        for attempt in range(_TRIES_ON_CONFLICT):
            try:
                return self._open_for_sender(sender_id, channel, report)
            except Conflict:
                if attempt == _TRIES_ON_CONFLICT - 1:
                    raise
        raise AssertionError("unreachable")

    def _open_for_sender(self, sender_id: str, channel: str, report: Report) -> Escalation:
        with self._unit_of_work() as uow:
            key = f"{channel}:{sender_id}"
            conversation = uow.conversations.get(sender_id) or uow.conversations.by_sender(key)
            if conversation is None:
                conversation = uow.conversations.add(channel, self._clock(), sender_key=key)
            escalation = self.open_in(uow, conversation, report)
            uow.commit()
            return escalation

    def open_in(self, uow: UnitOfWork, conversation: Conversation, report: Report) -> Escalation:
        """The same inside the caller's transaction; the caller commits."""
        now = self._clock()
        current = uow.escalations.open_for(conversation.id)
        if current is None:
            escalation = self._open_new(uow, conversation, report, now)
        else:
            escalation = self._add_to(uow, current, report, now)
        if escalation.tier.wakes_staff:
            uow.conversations.set_mode(conversation.id, Mode.WAITING, now)
            # One page a tier: a second report at the same tier finds it there.
            uow.pages.add(escalation.id, f"{escalation.tier}/1", due_at=now, now=now)
        return escalation

    def _open_new(self, uow: UnitOfWork, conversation: Conversation, report: Report, now: datetime) -> Escalation:
        escalation = Escalation(
            id=new_id(),
            reference=new_reference(),
            conversation_id=conversation.id,
            tier=report.tier,
            categories=report.categories,
            status=Status.OPEN,
            reason=report.reason,
            language=conversation.language,
            opened_at=now,
            updated_at=now,
        )
        uow.escalations.add(escalation)
        uow.escalations.attach(escalation.id, report.message_id)
        uow.escalations.record(escalation.id, "assistant", "opened", _detail(report), now)
        return escalation

    def _add_to(self, uow: UnitOfWork, current: Escalation, report: Report, now: datetime) -> Escalation:
        if not uow.escalations.attach(current.id, report.message_id):
            return current
        tier = current.tier.worst(report.tier)
        escalation = replace(
            current,
            tier=tier,
            categories=tuple(dict.fromkeys((*current.categories, *report.categories))),
            reason=report.reason if tier is not current.tier else current.reason,
            updated_at=now,
        )
        uow.escalations.update(escalation)
        event = "tier_raised" if tier is not current.tier else "message_added"
        uow.escalations.record(escalation.id, "assistant", event, _detail(report), now)
        return escalation

    def attention(self, sender_id: str, channel: str) -> Attention:
        """What is being done for whoever Rasa calls `sender_id`. Raises StorageUnavailable."""
        with self._unit_of_work() as uow:
            conversation = uow.conversations.get(sender_id) or uow.conversations.by_sender(f"{channel}:{sender_id}")
            if conversation is None:
                return Attention.NONE
            escalation = uow.escalations.open_for(conversation.id)
            if escalation is not None and escalation.tier.wakes_staff:
                return Attention.REPORTED
            return Attention.ASKED if uow.safety_questions.open_for(conversation.id) else Attention.NONE

    def listing(self, include_resolved: bool = False) -> tuple[Escalation, ...]:
        """Escalations for staff, most serious first."""
        with self._unit_of_work() as uow:
            return uow.escalations.listing(include_resolved)


def screen_report(message_id: str, tier: Tier, verdict: Verdict) -> Report:
    """What the screen found, for the staff; the same for the gateway and for Rasa's action."""
    return Report(
        message_id=message_id,
        tier=tier,
        reason="screen",
        categories=verdict.categories,
        evidence={"evidence": verdict.to_dict()["evidence"]},
    )


def _detail(report: Report) -> dict[str, Any]:
    return {
        "message_id": report.message_id,
        "tier": report.tier,
        "reason": report.reason,
        "categories": list(report.categories),
        **report.evidence,
    }
