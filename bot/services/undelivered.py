"""A text that a patient will not get: whoever must know it does, and phones."""

from __future__ import annotations

from datetime import datetime

from bot.domain.escalation import Tier
from bot.services.escalations import EscalationDesk, Report
from bot.services.ports import UnitOfWork
from bot.services.telephone_ports import Consent, Purpose, Text

CALLBACK = "callback"
PROVIDER_REFUSED = "provider_refused"
# What a patient must hear by another way, at least the same day.
_MUST_ARRIVE = frozenset({Purpose.SAFETY, Purpose.STAFF, Purpose.PROMISED})


class Undelivered:
    """Says to the staff, inside the caller's transaction, what did not arrive. Each text once."""

    def __init__(self, desk: EscalationDesk) -> None:
        self._desk = desk

    def tell(self, uow: UnitOfWork, text: Text, reason: str) -> None:
        """`reason`: a constant word. An answer to a question that does not arrive is shown as that, and no more."""
        conversation = uow.conversations.get(text.conversation_id)
        current = uow.escalations.open_for(text.conversation_id)
        must_arrive = text.purpose in _MUST_ARRIVE or (text.purpose is Purpose.NOTICE and current is not None)
        if conversation is None or not must_arrive:
            return
        tier = Tier.ROUTINE if text.purpose is Purpose.PROMISED else Tier.SAME_DAY
        tier = tier.worst(current.tier) if current else tier
        detail = {"purpose": text.purpose, "why": reason, "what_to_do": "phone the patient"}
        report = Report(f"text:{text.id}", tier, "text_not_delivered", (CALLBACK,), detail)
        self._desk.open_in(uow, conversation, report)

    def stopped(self, uow: UnitOfWork, text: Text, now: datetime) -> None:
        """The provider says that the patient has opted out: nothing is sent any more, nor carried in an answer."""
        known = uow.addresses.record_of(text.address_id)
        if not known or known[-1].how != PROVIDER_REFUSED:
            uow.addresses.record(text.address_id, Consent.STOPPED, PROVIDER_REFUSED, "", now)
