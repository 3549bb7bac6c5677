"""Opens escalations and adds to them; the same way for every caller."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.clock import Clock
from bot.domain.conversation import Mode, new_id
from bot.domain.errors import NotFound
from bot.domain.escalation import Escalation, Status, Tier, new_reference
from bot.safety.verdict import Verdict
from bot.services.ladder import Ladder
from bot.services.ports import Conversation, HistoryEntry, UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict

# A drill's conversations: they wake nobody and are no patient's.
CANARY_CHANNEL = "canary"
# A report sooner than this after the end reopens the case.
_REOPENED_WITHIN = timedelta(hours=24)


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

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock, ladder: Ladder) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._ladder = ladder

    def open_for_sender(self, sender_id: str, channel: str, report: Report) -> Escalation:
        """Open (or add to) the escalation of whoever Rasa calls `sender_id`, and commit.

        Behind the gateway that is our conversation's id. On Rasa's own channels
        it is the channel's id of the person, and the conversation is made here.
        Raises StorageUnavailable when it could not be committed.
        """
        return again_on_conflict(lambda: self._open_for_sender(sender_id, channel, report))

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
        uow.conversations.lock(conversation.id)
        now = self._clock()
        current = uow.escalations.open_for(conversation.id)
        if current is not None:
            return self._add_to(uow, replace(current, language=conversation.language), report, now)
        latest = uow.escalations.latest_for(conversation.id)
        if latest is not None and now - latest.updated_at <= _REOPENED_WITHIN and report.tier.wakes_staff:
            return self._reopen(uow, replace(latest, language=conversation.language), report, now)
        return self._open_new(uow, conversation, report, now)

    def _wake(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
        """Page somebody, if the tier is one that wakes people."""
        if not escalation.tier.wakes_staff:
            return escalation
        uow.conversations.set_mode(escalation.conversation_id, Mode.WAITING, now)
        return self._ladder.start(uow, escalation, now)

    def _reopen(self, uow: UnitOfWork, closed: Escalation, report: Report, now: datetime) -> Escalation:
        """A new report soon after the end is the same case, not yet over."""
        if _is_known(uow, closed, report):
            return closed
        uow.escalations.record(closed.id, "assistant", "reopened", _detail(report), now)
        return self._wake(uow, _with(closed.moved(Status.OPEN, now, outcome=None), report, report.tier), now)

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
            canary=conversation.channel == CANARY_CHANNEL,
            opened_at=now,
            updated_at=now,
        )
        uow.escalations.add(escalation)
        uow.escalations.attach(escalation.id, report.message_id)
        uow.escalations.record(escalation.id, "assistant", "opened", _detail(report), now)
        return self._wake(uow, escalation, now)

    def _add_to(self, uow: UnitOfWork, current: Escalation, report: Report, now: datetime) -> Escalation:
        if _is_known(uow, current, report):
            return current
        tier = current.tier.worst(report.tier)
        raised = tier is not current.tier
        event = "tier_raised" if raised else "message_added"
        uow.escalations.record(current.id, "assistant", event, _detail(report), now)
        escalation = _with(replace(current, updated_at=now), report, tier)
        if raised and tier.wakes_staff:
            return self._raise(uow, escalation, now)
        uow.escalations.update(escalation)
        if report.tier.wakes_staff and escalation.status is not Status.OPEN:
            self._ladder.news(uow, escalation, "new-report", now)
        return escalation

    def _raise(self, uow: UnitOfWork, escalation: Escalation, now: datetime) -> Escalation:
        """More serious than thought: paged at the higher tier. Who speaks with the patient goes on speaking."""
        if escalation.status is Status.WITH_STAFF:
            uow.escalations.update(escalation)
            self._ladder.news(uow, escalation, "tier-raised", now)
            return escalation
        if escalation.status is Status.ACKNOWLEDGED:
            escalation = escalation.moved(Status.OPEN, now)
        return self._wake(uow, escalation, now)

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

    def sent_page(self, reference: str) -> str | None:
        """The id of a page of an escalation that has left the house."""
        with self._unit_of_work() as uow:
            found = uow.escalations.by_reference(reference)
            return uow.pages.sent(found.id) if found else None

    def history(self, reference: str) -> tuple[HistoryEntry, ...]:
        """Who did what with one; NotFound if there is none of that name."""
        with self._unit_of_work() as uow:
            found = uow.escalations.by_reference(reference.strip().upper())
            if found is None:
                raise NotFound(f"no escalation is called {reference}")
            return uow.escalations.history(found.id)


def _is_known(uow: UnitOfWork, escalation: Escalation, report: Report) -> bool:
    """Whether its message was reported before. It is news again if it turns out to be more serious.

    That is so where the dialogue handed over a message that the screen had
    asked about, and where staff decide about one later.
    """
    known = not uow.escalations.attach(escalation.id, report.message_id)
    return known and report.tier.rank >= escalation.tier.rank


def _with(escalation: Escalation, report: Report, tier: Tier) -> Escalation:
    """The escalation with what a report adds; the reason of the worst report is shown."""
    return replace(
        escalation,
        tier=tier,
        categories=tuple(dict.fromkeys((*escalation.categories, *report.categories))),
        reason=report.reason if tier is not escalation.tier else escalation.reason,
    )


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
