"""A play in which the phones are real: the company on loopback puts them through, and they are answered, declined or left ringing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web
from sqlalchemy.engine import Engine

from bot.channels import staff_calls, twilio_request
from bot.channels.errors import CLINIC as CLINIC_KEY
from bot.channels.errors import errors_middleware
from bot.channels.staff import LINKS
from bot.domain.on_call import Contact, Method, OnCall
from bot.senders.dispatch import Dispatcher
from bot.senders.telephone import CallSender, SmsSender
from bot.services.page_calls import PageCalls
from bot.services.staff_texts import StaffTexts
from bot.twilio.client import TwilioTelephony
from bot.twilio.signature import Signatures
from tests.harness.cast import CLINIC, ON_CALL
from tests.harness.house import House
from tests.harness.play import Play
from tests.harness.telephone_company import PUBLIC
from tools.telephone_company import Call, Ringing, TelephoneCompany
from tools.telephone_company.texts import TextMessage


def by_telephone(**contacts: tuple[str, ...]) -> OnCall:
    """The cast's ladder with some people's contacts replaced, written as in `clinic.yml`: lee=("sms:+15550100111",)."""
    people = dict(ON_CALL.people)
    for name, written in contacts.items():
        ways = (entry.partition(":") for entry in written)
        people[name] = replace(people[name], contacts=tuple(Contact(Method(m), address) for m, _, address in ways))
    return replace(ON_CALL, people=people)


@dataclass
class _Lines:
    """What pages go out by; counts them."""

    dispatcher: Dispatcher
    tries: int = 0

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None:
        """The port."""
        self.tries += 1
        self.dispatcher.send(contact, title, text, token)


class TelephonePlay(Play):
    """A play whose staff hold phones of the company's."""

    def __init__(self, engine: Engine, folder: Path, company: TelephoneCompany, **options: object) -> None:
        telephony = TwilioTelephony(company.account, PUBLIC, timeout=(0.5, 0.5))
        number = company.main_number
        senders = {Method.SMS: SmsSender(telephony, number), Method.CALL: CallSender(telephony, number)}
        self.company = company
        self.lines = _Lines(Dispatcher(senders))
        super().__init__(engine, folder, **options)  # type: ignore[arg-type]

    def _build(self) -> House:
        return House(
            self.database,
            self.folder / "spool",
            clock=self.clock,
            pager=self.lines,  # type: ignore[arg-type]
            on_call=self.on_call,
            patience=self.patience,
        )

    def _state(self) -> object:
        return super()._state(), self.lines.tries

    def app(self) -> web.Application:
        """As much of the gateway as the company calls."""
        app = web.Application(middlewares=[errors_middleware])
        app[CLINIC_KEY] = CLINIC
        app[LINKS] = self.house.links
        app[twilio_request.SIGNATURES] = Signatures(self.company.accepted_tokens, PUBLIC)
        app[staff_calls.PAGE_CALLS] = PageCalls(
            self.database, self.clock, self.on_call, self.house.handling, self.house.ladder
        )
        app.add_routes(staff_calls.routes())
        return app

    # -- beside the phones, which need the event loop ---------------------------

    async def passes(self, **by: float) -> None:
        """Time goes by, none if not told how much; all that is due is done, and what the company then tells, too."""
        await asyncio.to_thread(self.after, **by)
        await self.company.webhooks.settle()
        await asyncio.to_thread(self.settle)

    async def phone_rings(self, person: str, number: int = 1) -> Ringing:
        """The phone of one of their contacts."""
        return await self.company.phone(self.address(person, number)).rings()

    async def answers(self, person: str, number: int = 1) -> Call:
        """They pick it up."""
        return await (await self.phone_rings(person, number)).answers()

    async def is_texted(self, person: str, *parts: str) -> TextMessage:
        """The next text on their first number."""
        return await self.company.phone(self.address(person)).receives(*parts)

    async def texts_back(self, person: str, text: str) -> str | None:
        """What they are told to a text of theirs; None: it is taken for a patient's."""
        texts = StaffTexts(self.on_call, self.house.handling)
        return await asyncio.to_thread(texts.take, self.address(person), text)

    def nothing_said_holds(self, *secrets: str) -> None:
        """Nothing that was texted, said or posted about a page holds one of these."""
        said = [text.body for text in self.company.texts]
        said += [each.text for call in self.company.calls for each in call.said]
        said += [f"{delivery.url} {delivery.form} {delivery.body}" for delivery in self.company.webhooks.delivered]
        for secret in secrets:
            assert secret.lower() not in "\n".join(said).lower(), "a page speaks of the patient"
