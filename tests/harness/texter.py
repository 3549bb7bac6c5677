"""A patient with a phone, for tests of texting without a network."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.domain.messages import Sender
from bot.services.outgoing import OutgoingText
from bot.services.receipts import Fate, Receipt
from bot.services.telephone_ports import Address, ConsentEntry
from bot.services.text_exchange import TextIn
from bot.storage import tables
from bot.twilio.paths import text_status
from tests.harness.house import House
from tests.harness.telephony import CLINIC_NUMBER, SentText

ANAS = "+15550100201"
BENS = "+15550100202"


def sid() -> str:
    """An id as the provider makes one for each text."""
    return f"SM{secrets.token_hex(16)}"


@dataclass
class Texter:
    """A number that texts the clinic, and reads what comes back."""

    house: House
    number: str = ANAS
    clinic_number: str = CLINIC_NUMBER
    read: int = field(default=0, init=False)

    async def hands_in(self, body: str, message_id: str | None = None, **more: Any) -> tuple[OutgoingText, ...]:
        """A text reaches the clinic; what its webhook answers is lost unless the test does something with it."""
        sender = Sender(self.number, self.clinic_number)
        return await self.house.texting.receive(TextIn(sender, message_id or sid(), body, **more))

    async def writes(self, body: str, message_id: str | None = None, **more: Any) -> list[str]:
        """A text reaches the clinic, and what its webhook answers this phone. Returns that."""
        given = await self.hands_in(body, message_id, **more)
        for text in given:
            self.gets(text)
        self.read = len(self.inbox)
        return [text.body for text in given]

    def gets(self, text: OutgoingText) -> SentText:
        """The provider carries a text from the answer to a webhook."""
        path = text_status(text.id) if text.id else ""
        return self.house.telephony.takes(self.clinic_number, self.number, text.body, path)

    @property
    def inbox(self) -> list[SentText]:
        """Everything that the provider took for this phone."""
        return [text for text in self.house.telephony.texts if text.to == self.number]

    def receives(self) -> list[str]:
        """What the outbox sends and this phone has not read yet."""
        self.house.sending.tick()
        new = [text.body for text in self.inbox[self.read :]]
        self.read = len(self.inbox)
        return new

    def receipt(self, text: SentText, fate: Fate, **more: Any) -> bool:
        """The carrier says what became of a text."""
        return self.house.receipts.take(Receipt(text.path.rpartition("/")[2], text.id, fate, **more))

    @property
    def address(self) -> Address:
        """As it is stored."""
        with self.house.database() as uow:
            found = uow.addresses.find(self.number, self.clinic_number)
        assert found is not None
        return found

    @property
    def talk(self) -> str:
        """The id of the talk that this number has."""
        return self.address.conversation_id

    def consents(self) -> list[tuple[str, str, str]]:
        """What was agreed to and taken back: consent, how, words."""
        address_id = self.address.id
        with self.house.database() as uow:
            entries: tuple[ConsentEntry, ...] = uow.addresses.record_of(address_id)
        return [(entry.consent, entry.how, entry.words) for entry in entries]

    def states(self) -> list[str]:
        """How far the texts to this number have got, in order."""
        address_id = self.address.id
        rows = [row for row in self.house.database.rows(tables.texts) if row.address_id == address_id]
        return [str(row.state) for row in sorted(rows, key=lambda row: row.sequence)]

    def history(self) -> list[tuple[str, str]]:
        """What happened to the report of this talk: event and reason."""
        talk = self.talk
        with self.house.database() as uow:
            found = uow.escalations.latest_for(talk)
            entries = uow.escalations.history(found.id) if found else ()
        return [(entry.event, str(entry.detail.get("reason", ""))) for entry in entries]
