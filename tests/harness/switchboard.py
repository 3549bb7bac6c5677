"""Calls over the use cases: turns go in, what the provider would be told comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

from bot.domain.messages import Sender
from bot.domain.on_call import Window
from bot.domain.phone_tree import PhoneTree
from bot.domain.phone_tree.model import Event, Left, Nothing, Pressed, Rang, Spoke, Then, Topic
from bot.domain.telephone import ClinicNumber, Desk, Telephone
from bot.services.call_records import CallRecords, Incoming
from bot.services.calls import CallParts, PhoneCalls
from bot.services.hearing import Hearing
from bot.services.line_types import LineTypes
from bot.services.makeshift import Makeshift
from bot.services.spoken_turn import SpokenTurn
from bot.services.voicemail import Transcript, Voicemail
from bot.services.whispers import Whispers
from tests.harness.cast import CLINIC
from tests.harness.house import House

CLINIC_NUMBER, ANA = "+15550100150", "+15550100142"
# Mondays in the morning: when the clock of a test starts.
DESK = Desk("+15550100199", (Window(frozenset({0}), time(8), time(9)),))
DRIVING = Topic("faq/driving", "Driving", "When can I drive?")


class NoLineTypes:
    """Nobody knows of any number whether it takes texts."""

    def takes_texts(self, number: str) -> bool | None:
        """The port's only method that is asked here."""
        return None


@dataclass
class Switchboard:
    """A clinic's line. `told` is every turn that was rendered."""

    house: House
    desk: Desk | None = None
    answer_seconds: float = 10.0
    turn_seconds: float = 20.0
    number: str | None = ANA
    call_id: str = "CA1"
    told: list[SpokenTurn] = field(default_factory=list)

    def __post_init__(self) -> None:
        house = self.house
        telephone = Telephone(numbers=(ClinicNumber(CLINIC_NUMBER),), desk=self.desk)
        lines = LineTypes(NoLineTypes())  # type: ignore[arg-type]
        self.hearing = Hearing(house.intake, self.answer_seconds)
        self.records = CallRecords(house.desk, CLINIC, house.on_call, telephone, lines)
        parts = CallParts(
            unit_of_work=house.database,
            hearing=self.hearing,
            records=self.records,
            handling=house.handling,
            tree=PhoneTree(CLINIC, (DRIVING,)),
            clinic=CLINIC,
            clock=house.clock,
            render=self._render,
            lines=lines,
            desk_number=self.desk.number if self.desk else None,
            turn_seconds=self.turn_seconds,
        )
        self.calls = PhoneCalls(parts)
        self.makeshift = Makeshift(self.hearing, self.records, CLINIC, house.clock, None)
        self.whispers = Whispers(house.database, self.records, house.handling, house.clock)
        self.voicemail = Voicemail(house.database, self.hearing, self.records, house.desk, house.clock)

    def _render(self, turn: SpokenTurn) -> str:
        self.told.append(turn)
        return str(len(self.told) - 1)

    @property
    def incoming(self) -> Incoming:
        """The call as the provider names it."""
        return Incoming(self.call_id, CLINIC_NUMBER, Sender(self.number, CLINIC_NUMBER) if self.number else None)

    # -- turns -----------------------------------------------------------------

    async def begins(self) -> str:
        """The clinic is called."""
        self._at = 0
        return self._heard(await self.calls.begin(self.incoming))

    async def says(self, text: str, confidence: float | None = 0.9) -> str:
        """Words."""
        return await self._turn(Spoke(text, confidence))

    async def presses(self, digits: str) -> str:
        """Keys."""
        return await self._turn(Pressed(digits))

    async def is_silent(self) -> str:
        """Nothing; or the provider comes back for an answer."""
        return await self._turn(Nothing())

    async def phone_rang(self, answered: bool, bridged: bool | None = None) -> str:
        """Whoever was dialled."""
        return await self._turn(Rang(answered, bridged))

    async def leaves(self, seconds: int = 9) -> str:
        """A recorded message."""
        return await self._turn(Left("RE1", seconds))

    async def hangs_up(self) -> None:
        """The provider says that the call is over."""
        await self.calls.ended(self.call_id)

    async def transcribed(self, text: str, seconds: int = 9) -> None:
        """What the provider made of the recorded message."""
        await self.voicemail.transcribed(self.incoming, Transcript("RE1", text, seconds))

    async def _turn(self, event: Event) -> str:
        return self._heard(await self.calls.turn(self.incoming, self.told[-1].turn, event))

    def _heard(self, answer: str) -> str:
        return " ".join(line.text for line in self.told[int(answer)].says)

    @property
    def then(self) -> Then:
        """What the provider does after it has said the last."""
        return self.told[-1].then
