"""A clinic that answers its telephone: gateway, pager and the telephone company between it and everybody's phones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.app import House, build_house, build_pager
from bot.domain.escalation import Escalation
from bot.services.pager_process import PagerProcess
from bot.services.telephone_ports import Text
from bot.settings import Settings
from bot.storage import tables
from bot.storage.engine import create_engine
from bot.twilio.paths import VOICE
from tests.channels.conftest import Gateway
from tools.telephone_company import Call, TelephoneCompany

PUBLIC = "https://chat.example.org"
ANA, BEN = "+15550100142", "+15550100143"
NOOR, LEE, DESK = "+15550100101", "+15550100111", "+15550100199"
OPEN_DESK = {"number": DESK}
# Hours that no test runs in: an hour a day, yesterday.
CLOSED_DESK: dict[str, Any] = {"number": DESK, "hours": []}

ON_CALL: dict[str, Any] = {
    "people": {
        "noor": {"name": "Noor", "role": "nurse", "contacts": [f"call:{NOOR}"]},
        "lee": {"name": "Lee", "role": "doctor", "contacts": [f"call:{LEE}"]},
        "kim": {"name": "Kim", "role": "medical director", "contacts": ["log"]},
    },
    "ladder": {tier: {"steps": [{"page": ["noor"]}, {"page": ["lee"]}]} for tier in ("emergency", "urgent")},
    "last_resort": ["kim"],
}


def clinic_file(company: TelephoneCompany, desk: dict[str, Any] | None = None) -> dict[str, Any]:
    """What `clinic.yml` says beside name and number."""
    telephone: dict[str, Any] = {"numbers": list(company.numbers), "menu": ["driving", "nausea"]}
    return {"on_call": ON_CALL, "telephone": {**telephone, "desk": desk} if desk else telephone}


@dataclass
class PhoneLine:
    """The house seen from the outside, and a look into its books."""

    gateway: Gateway
    company: TelephoneCompany
    settings: Settings = field(init=False)
    house: House = field(init=False)
    pager: PagerProcess = field(init=False)
    _engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.gateway.settings
        self._engine = create_engine(self.settings.database_url)
        self.house = build_house(self.settings, self._engine)
        self.pager = build_pager(self.settings)

    async def called_by(self, number: str = ANA, withheld: bool = False) -> Call:
        """Somebody dials the clinic and listens."""
        call = await self.company.phone(number).dials(withheld=withheld)
        call.status_url = f"{PUBLIC}{VOICE}/status"
        return call

    async def picks_up(self, number: str) -> Call:
        """Somebody answers a phone that rings."""
        return await (await self.company.phone(number).rings()).answers()

    async def works(self) -> None:
        """The pager does all that is due now."""
        while await asyncio.to_thread(self.pager.once):
            pass

    # -- the books -----------------------------------------------------------------

    @property
    def cases(self) -> tuple[Escalation, ...]:
        """All that is open for the staff."""
        return self.house.desk.listing()

    @property
    def case(self) -> Escalation:
        """The only one."""
        (case,) = self.cases
        return case

    def history(self, reference: str) -> list[str]:
        """What happened to a case."""
        return [entry.event for entry in self.house.desk.history(reference)]

    def timers(self) -> list[Any]:
        """What is due next, for all cases."""
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(tables.timers)).all())

    async def house_ends(self, call: Call) -> None:
        """The clinic hears that a call is over, before whoever was rung for it does."""
        await self.company.webhooks.post(f"{PUBLIC}{VOICE}/status", {**call.fields(), "CallStatus": "completed"})

    def texts(self) -> list[Text]:
        """The outbox of texts to patients, in order."""
        with self._engine.connect() as connection:
            ids = [row.id for row in connection.execute(sa.select(tables.texts.c.id).order_by(sa.text("rowid")))]
        with self.house.unit_of_work() as uow:
            return [text for text in map(uow.texts.get, ids) if text is not None]

    def talk_of(self, number: str) -> list[tuple[str, str]]:
        """Author and text of a number's talk."""
        with self.house.unit_of_work() as uow:
            address = uow.addresses.find(number, self.company.main_number)
            entries = uow.messages.talk(address.conversation_id, 0, 1000) if address else ()
        return [(entry.author, entry.text) for entry in entries]
