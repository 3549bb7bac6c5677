"""The same message through each channel, as a patient's device and the telephone company would bring it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol

import aiohttp

from bot.domain.conversation import ConversationTokens
from bot.domain.escalation import Escalation
from bot.domain.messages import Reply
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from tools.telephone_company import TelephoneCompany

# So long an answer may come after the webhook is over.
_ANSWER_SECONDS = 20.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a message: what is stored, and what the patient was shown or told at once."""

    replies: tuple[Reply, ...]
    escalation: Escalation | None
    asked_back: bool
    wire: str


class Player(Protocol):
    """One channel. Each message is a new patient's."""

    name: str

    async def play(self, text: str) -> Played: ...


class Web:
    """The chat's API."""

    name = "web"

    def __init__(self, url: str, session: aiohttp.ClientSession, stored: Stored, tokens: ConversationTokens) -> None:
        self._url, self._session, self._stored, self._tokens = url, session, stored, tokens

    async def play(self, text: str) -> Played:
        """One POST."""
        message_id = str(uuid.uuid4())
        body = {"text": text, "message_id": message_id}
        async with self._session.post(f"{self._url}/api/chat/messages", json=body) as response:
            response.raise_for_status()
            answer = await response.json()
        talk = self._tokens.open(answer["conversation_id"])
        wire = " ".join(reply["text"] for reply in answer["replies"])
        return await self._stored.of(lambda _: talk, message_id, wire)


class Sms:
    """A signed webhook, and the answer in it."""

    name = "sms"

    def __init__(self, company: TelephoneCompany, numbers: Numbers, stored: Stored) -> None:
        self._company, self._numbers, self._stored = company, numbers, stored

    async def play(self, text: str) -> Played:
        """One text of a new number."""
        number = self._numbers.next()
        draft = self._company.phone(number).writes(text)
        delivery = await draft.arrives()
        return await self._stored.of(talk_of(number, self._company.main_number), draft.message.sid, delivery.body)


class Voice:
    """A call: the greeting, then the message as what speech recognition understood."""

    name = "voice"

    def __init__(self, company: TelephoneCompany, numbers: Numbers, stored: Stored) -> None:
        self._company, self._numbers, self._stored = company, numbers, stored

    async def play(self, text: str) -> Played:
        """One call of a new number, hung up after the answer."""
        number = self._numbers.next()
        call = await self._company.phone(number).dials()
        await call.says(text)
        wire = call.heard
        played = await self._stored.of(talk_of(number, self._company.main_number), f"{call.sid}:1", wire)
        await call.hangs_up()
        return played


class Numbers:
    """Patients' numbers, each once: of a range that is kept for fiction."""

    def __init__(self, first: int) -> None:
        self._next = count(first)

    def next(self) -> str:
        """Another one."""
        return f"+1{self._next.__next__():010d}"


def talk_of(number: str, clinic_number: str) -> Callable[[UnitOfWork], str | None]:
    """Finds the talk of a number."""

    def find(uow: UnitOfWork) -> str | None:
        address = uow.addresses.find(number, clinic_number)
        return address.conversation_id if address else None

    return find


class Stored:
    """Reads what is stored about a message, once it is answered."""

    def __init__(self, readers: UnitOfWorkFactory) -> None:
        self._readers = readers

    async def of(self, talk: Callable[[UnitOfWork], str | None], message_id: str, wire: str) -> Played:
        """Raises TimeoutError where no answer is stored in time."""
        async with asyncio.timeout(_ANSWER_SECONDS):
            while (played := await asyncio.to_thread(self._look, talk, message_id, wire)) is None:  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_SECONDS)
        return played

    def _look(self, talk: Callable[[UnitOfWork], str | None], message_id: str, wire: str) -> Played | None:
        with self._readers() as uow:
            conversation_id = talk(uow)
            message = uow.messages.find(conversation_id, message_id) if conversation_id else None
            if conversation_id is None or message is None or not message.answered:
                return None
            asked = uow.safety_questions.open_for(conversation_id) is not None
            return Played(uow.messages.replies_to(message.id), uow.escalations.open_for(conversation_id), asked, wire)
