"""A call of which nothing is known: the database is away, or something is broken. It still ends with a way to help."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.escalation import Tier
from bot.domain.language import Language, language_of
from bot.domain.phone_tree.model import Event, HangUp, Line, Listen, RingDesk, RingPerson, Spoke, Then
from bot.domain.phone_tree.scene import clinic_text, texts_in
from bot.services.call_exchange import SpokenExchange
from bot.services.call_records import CallRecords, Incoming
from bot.services.hearing import Hearing, words_of_turn
from bot.services.spoken_turn import SpokenTurn

# Nobody is kept on the line for longer than so many turns.
_MOST_TURNS = 6
_LISTENING = Listen(keys=None, seconds=5)


@dataclass(frozen=True, slots=True)
class Makeshift:
    """Says the emergency text and reaches whoever can be reached. Words are screened, and a report is kept on disk.

    `number`: where the clinic can be reached by telephone, as E.164; None where
    that is a number that we answer ourselves.
    """

    hearing: Hearing
    records: CallRecords
    clinic: Clinic
    clock: Clock
    number: str | None

    async def turn(self, incoming: Incoming, turn: int, event: Event | None = None) -> SpokenTurn:
        """What is said when it is not known where the call stands."""
        text = event.text if isinstance(event, Spoke) else ""
        reports = await self._reports(incoming, turn, text) if text.strip() else ()
        language = language_of(text) or Language.ENGLISH
        texts = texts_in(language)
        people = self.records.rung(Tier.EMERGENCY, self.clock()) if reports else ()
        if people:
            return self._say(incoming, turn, language, (*reports, texts.connecting_person), RingPerson(people[0]))
        if turn >= _MOST_TURNS:
            return self._say(incoming, turn, language, (*reports, texts.technical), HangUp())
        if self.number is not None and turn == 0:
            says = (texts.technical, texts.technical_connecting)
            return self._say(incoming, turn, language, says, RingDesk())
        return self._say(incoming, turn, language, (*reports, texts.technical, texts.technical_ask), _LISTENING)

    def _say(self, incoming: Incoming, turn: int, language: Language, says: tuple[str, ...], then: Then) -> SpokenTurn:
        number = self.records.number_of(then.person) if isinstance(then, RingPerson) else self.number
        lines = tuple(Line(clinic_text(self.clinic, text)) for text in says)
        return SpokenTurn(incoming, turn + 1, language, lines, then, number)

    async def _reports(self, incoming: Incoming, turn: int, text: str) -> tuple[str, ...]:
        words = words_of_turn(incoming, turn, text, None)
        outcome = await self.hearing.hear(words, SpokenExchange(screen_only=True))
        replies = outcome.replies if outcome else ()
        return tuple(reply.text for reply in replies if reply.topic == "safety/report")
