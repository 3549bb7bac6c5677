"""Borderline messages: the staff say what each one was, and the screen learns from it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.errors import AssistantError
from bot.domain.escalation import Escalation, Tier
from bot.services.escalations import EscalationDesk, Report
from bot.services.ports import Borderline, Decision, UnitOfWorkFactory


class ReviewProblem(AssistantError):
    """The decision cannot be taken; the message says why."""


class ReviewDesk:
    """Lists messages just below the line and takes decisions about them."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, desk: EscalationDesk, clock: Clock, examples: Path) -> None:
        self._unit_of_work = unit_of_work
        self._desk = desk
        self._clock = clock
        self._examples = examples

    def listing(self, include_decided: bool = False) -> tuple[Borderline, ...]:
        """Likeliest reports first."""
        with self._unit_of_work() as uow:
            return uow.borderlines.listing(include_decided)

    def decide(
        self, reference: str, by: str, is_report: bool, tier: Tier | None = None, category: str | None = None
    ) -> Escalation | None:
        """Take a decision: a report is escalated at once, and either way the screen learns from the message.

        `tier` and `category` are those of the list where they are not given.
        Raises ReviewProblem when there is no such message or it was decided
        before, StorageUnavailable when nothing could be stored, and OSError
        when the example could not be written; then the decision is not stored either.
        """
        with self._unit_of_work() as uow:
            found = uow.borderlines.by_reference(reference)
            if found is None:
                raise ReviewProblem(f"there is no borderline message {reference}: see `python -m bot borderline list`")
            decision = Decision(by, (tier or found.tier) if is_report else None, category or found.category)
            if not uow.borderlines.decide(found.message_id, decision, self._clock()):
                raise ReviewProblem(f"{reference} was decided before: {found.decision}")
            escalation = None
            conversation = uow.conversations.get(found.conversation_id)
            if decision.tier is not None and conversation is not None:
                report = Report(
                    found.message_id, decision.tier, "staff_review", (decision.category,), {"decided_by": decision.by}
                )
                escalation = self._desk.open_in(uow, conversation, report)
            made = {"decision": "report" if is_report else "not_a_report"}
            uow.audit.append(by, Action.BORDERLINE_DECIDED, found.reference, made, self._clock())
            self._learn(found, decision)
            uow.commit()
            return escalation

    def _learn(self, found: Borderline, decision: Decision) -> None:
        """Append a labelled example, in the form of the screen's own corpus; durable before the decision is."""
        example = {
            "text": found.text,
            "tier": decision.tier or "none",
            "category": decision.category,
            "kind": "reviewed",
            "lang": found.language,
            "channel": found.channel,
        }
        descriptor = os.open(self._examples, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps(example, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
