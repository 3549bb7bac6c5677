"""The phone tree put together for the gateway: part of the composition root."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import phonenumbers
from aiohttp import web

from bot.channels import handoff, phone
from bot.channels.phone_twiml import document
from bot.domain.clock import utc_now
from bot.domain.phone_tree import PhoneTree
from bot.domain.telephone import Telephone
from bot.menu_topics import menu_topics
from bot.services.call_records import CallRecords
from bot.services.calls import CallParts, PhoneCalls
from bot.services.escalations import EscalationDesk
from bot.services.handling import Handling
from bot.services.handoff import Handoff, HandoffParts
from bot.services.hearing import Hearing
from bot.services.intake import Intake
from bot.services.line_types import LineTypes
from bot.services.makeshift import Makeshift
from bot.services.ports import UnitOfWorkFactory
from bot.services.telephone_ports import Telephony
from bot.services.voicemail import Voicemail
from bot.services.whispers import Whispers
from bot.settings import Settings

# Answers that are looked for when the gateway stops still reach storage.
_LAST_SECONDS = 3.0


def routes() -> list[web.RouteDef]:
    """Calls, and calls that are handed over; each answers 404 where it is off."""
    return [*phone.routes(), *handoff.routes()]


@asynccontextmanager
async def phone_parts(
    app: web.Application,
    settings: Settings,
    unit_of_work: UnitOfWorkFactory,
    desk: EscalationDesk,
    handling: Handling,
    intake: Intake,
    telephony: Telephony,
) -> AsyncIterator[None]:
    """Into the app, and out of it again. For a clinic with an account."""
    clinic, telephone = settings.clinic, settings.telephone
    hearing, lines = Hearing(intake), LineTypes(telephony)
    records = CallRecords(desk, clinic, settings.on_call, telephone, lines)
    app[phone.CALLS] = PhoneCalls(
        CallParts(
            unit_of_work=unit_of_work,
            hearing=hearing,
            records=records,
            handling=handling,
            tree=PhoneTree(clinic, menu_topics(telephone.menu, clinic)),
            clinic=clinic,
            clock=utc_now,
            render=document,
            lines=lines,
            desk_number=telephone.desk.number if telephone.desk else None,
        )
    )
    app[phone.MAKESHIFT] = Makeshift(
        hearing, records, clinic, utc_now, clinic_number(clinic.phone, clinic.country, telephone)
    )
    app[phone.WHISPERS] = Whispers(unit_of_work, records, handling, utc_now)
    app[phone.VOICEMAIL] = Voicemail(unit_of_work, hearing, records, desk, utc_now)
    if settings.handoff_keys:
        app[handoff.HANDOFF_KEYS] = settings.handoff_keys
        app[handoff.TELEPHONE] = telephone
        app[handoff.HANDOFF] = Handoff(HandoffParts(unit_of_work, hearing, records, desk, telephony, clinic, utc_now))
    yield
    await hearing.finish(_LAST_SECONDS)
    lines.close()


def clinic_number(shown: str, country: str, telephone: Telephone) -> str | None:
    """Where a caller reaches the clinic without us; None where that is a number that we answer: it would ring in a circle."""
    if telephone.desk is not None:
        return telephone.desk.number
    try:
        number = phonenumbers.parse(shown, country)
    except phonenumbers.NumberParseException:
        return None
    plain = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return plain if telephone.number(plain) is None else None
