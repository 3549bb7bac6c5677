"""The standing cast: a clinic, three patients, what they write."""

from __future__ import annotations

import uuid

from bot.domain.clinic import Clinic
from bot.domain.messages import Inbound, Reply, ReplyKind

# No number is a default: a text that ignores the clinic's own shows it.
CLINIC = Clinic(
    name="Harbor Test Clinic",
    phone="+1 555-010-0177",
    emergency_number="112",
    crisis_number="116 123",
    time_zone="America/Chicago",
)

ANA, BEN, CLEO = "ana", "ben", "cleo"

EMERGENCY = "I can't breathe"
URGENT_CRISIS = "I am suicidal"
BENIGN = "how long should I plan for the appointment"

ANSWER = Reply("Plan about two hours.", ReplyKind.ANSWER, topic="faq/session_length")


def fresh_id() -> str:
    """An id as a browser makes one for each message."""
    return str(uuid.uuid4())


def said(text: str, conversation_id: str | None = None, message_id: str | None = None, channel: str = "web") -> Inbound:
    """A patient's message."""
    return Inbound(channel, text, message_id or fresh_id(), conversation_id)
