"""Spoken messages once they are written down: screened like everything that a patient says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.domain.clock import Clock
from bot.domain.escalation import Tier
from bot.services.call_exchange import LeftExchange
from bot.services.call_records import CallRecords, Incoming
from bot.services.escalations import EscalationDesk, Report
from bot.services.hearing import Hearing, inbound
from bot.services.ports import UnitOfWorkFactory
from bot.services.retries import again_on_conflict

# A message that nobody transcribed is listened to, unless it is only the click of a receiver.
_LEAST_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was made of a message. `recording`: the provider's id. No words: it could not be transcribed."""

    recording: str
    text: str = field(repr=False)
    seconds: int


class Voicemail:
    """Takes transcripts in. Raises StorageUnavailable when one that has no words could not be passed on."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        hearing: Hearing,
        records: CallRecords,
        desk: EscalationDesk,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._hearing = hearing
        self._records = records
        self._desk = desk
        self._clock = clock

    async def transcribed(self, incoming: Incoming, transcript: Transcript) -> None:
        """The same one twice is taken in once."""
        if not transcript.text.strip():
            await asyncio.to_thread(again_on_conflict, lambda: self._not_transcribed(incoming, transcript))
            return
        talk = await asyncio.to_thread(again_on_conflict, lambda: self._talk(incoming))
        words = inbound(incoming, transcript.recording, transcript.text, talk)
        await self._hearing.take_in(words, LeftExchange(self._desk, {"recording": transcript.recording}))

    def _talk(self, incoming: Incoming) -> str | None:
        """The talk of a call without a number; with one the number leads to it."""
        if incoming.sender is not None:
            return None
        with self._unit_of_work() as uow:
            call = self._records.open(uow, incoming, self._clock())
            uow.commit()
            return call.conversation_id

    def _not_transcribed(self, incoming: Incoming, transcript: Transcript) -> None:
        """For a person's ears, today."""
        if transcript.seconds < _LEAST_SECONDS:
            return
        found = {"recording": transcript.recording, "seconds": transcript.seconds}
        report = Report(f"{transcript.recording}:words", Tier.SAME_DAY, "not_transcribed", evidence=found)
        with self._unit_of_work() as uow:
            call = self._records.open(uow, incoming, self._clock())
            self._desk.open_in(uow, self._records.conversation(uow, call), report)
            uow.commit()
