"""The standing cast: a clinic, three patients, what they write."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.clinic import Clinic
from bot.domain.escalation import Tier
from bot.domain.messages import Inbound, Reply, ReplyKind
from bot.domain.on_call import Contact, Ladder, Limits, Method, OnCall, Person, Step

# No number is a default: a text that ignores the clinic's own shows it.
CLINIC = Clinic(
    name="Harbor Test Clinic",
    phone="+1 555-010-0177",
    emergency_number="112",
    crisis_number="116 123",
    time_zone="America/Chicago",
)

MINUTE = timedelta(minutes=1)


def person(name: str, role: str, *numbers: str, **more: Any) -> Person:
    """Somebody with a call to each number."""
    return Person(name.lower(), name, role, tuple(Contact(Method.CALL, number) for number in numbers), **more)


# Noor, then Lee, then Kim and Lee; after three rounds Olga, who owns the clinic.
ON_CALL = OnCall(
    zone=ZoneInfo(CLINIC.time_zone),
    people={
        "noor": person("Noor", "nurse", "+15550100101", "+15550100102"),
        "lee": person("Lee", "doctor", "+15550100111"),
        "kim": person("Kim", "medical director", "+15550100121"),
        "olga": person("Olga", "owner", "+15550100131"),
    },
    ladders={
        Tier.EMERGENCY: Ladder((Step(("noor",)), Step(("lee",), 3 * MINUTE), Step(("kim", "lee"), 3 * MINUTE)), 3, 5 * MINUTE),
        Tier.URGENT: Ladder((Step(("noor",)), Step(("lee",), 5 * MINUTE)), 2, 10 * MINUTE),
    },
    limits={
        Tier.EMERGENCY: Limits(6 * MINUTE, 5 * MINUTE, 5 * MINUTE, 240 * MINUTE),
        Tier.URGENT: Limits(15 * MINUTE, 10 * MINUTE, 10 * MINUTE, 480 * MINUTE),
    },
    last_resort=("olga",),
)  # fmt: skip

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
