"""Calls: each webhook is a turn of the phone tree, taken once, and answered in time whatever else is broken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.errors import StorageUnavailable
from bot.domain.phone_tree import PhoneTree
from bot.domain.phone_tree.model import (
    Ask,
    Event,
    Facts,
    Heard,
    Meaning,
    Pressed,
    Rang,
    RingPerson,
    Spoke,
    Stage,
    State,
    Step,
)
from bot.domain.phone_tree.replies import heard_of
from bot.domain.phone_tree.scene import filled
from bot.services.call_exchange import TEXT_LATER, SpokenExchange
from bot.services.call_records import CallRecords, Done, Incoming, message_id
from bot.services.callback import number_in
from bot.services.handling import Handling
from bot.services.hearing import Hearing, words_of_turn
from bot.services.line_types import LineTypes
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict
from bot.services.spoken_turn import Render, SpokenTurn
from bot.services.telephone_ports import Call
from bot.services.turns import LocalTurns

T = TypeVar("T")

# For a whole turn. Providers wait 15 seconds, and what is said without storage may take another five.
_TURN_SECONDS = 9.0
# Kept back of it for storing what the turn led to.
_STORING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class CallParts:
    """What calls work with. `render` writes what is said and done for the provider."""

    unit_of_work: UnitOfWorkFactory
    hearing: Hearing
    records: CallRecords
    handling: Handling
    tree: PhoneTree
    clinic: Clinic
    clock: Clock
    render: Render
    lines: LineTypes
    # Where callers are put through.
    desk_number: str | None = None
    turn_seconds: float = _TURN_SECONDS


@dataclass(frozen=True, slots=True)
class _Read:
    """A call as it was found."""

    call: Call
    state: State
    facts: Facts
    # Words whose answer was waited for.
    awaited: str = ""


class PhoneCalls:
    """Every method answers with what the provider is to do. Raises StorageUnavailable where nothing can be stored."""

    def __init__(self, parts: CallParts) -> None:
        self._parts = parts
        self._turns = LocalTurns()

    async def begin(self, incoming: Incoming) -> str:
        """Somebody calls."""
        if incoming.sender is not None:
            self._parts.lines.look_up(incoming.sender.number)
        async with self._turns.turn(incoming.call_id):
            return await self._in_thread(lambda: self._begin(incoming), self._deadline())

    def _begin(self, incoming: Incoming) -> str:
        with self._parts.unit_of_work() as uow:
            if (known := uow.webhooks.answer(_delivery(incoming, 0))) is not None:
                return known
            now = self._parts.clock()
            call = self._parts.records.open(uow, incoming, now)
            state = self._parts.records.state(uow, call)
            step = self._parts.tree.begin(self._parts.records.facts(uow, call, now), state)
            return self._keep(uow, incoming, 0, call, step, ())

    async def turn(self, incoming: Incoming, turn: int, event: Event) -> str:
        """The caller did something, or nothing; the same turn twice is answered the same, and acted on once."""
        async with self._turns.turn(incoming.call_id):
            deadline = self._deadline()
            read = await self._in_thread(lambda: self._read(incoming, turn), deadline)
            if isinstance(read, str):
                return read
            event = self._understood(read, event)
            if isinstance(event, Rang) and not event.answered and read.facts.case is not None:
                await self._in_thread(lambda: self._not_connected(read), deadline)
            step = await self._step(incoming, turn, read, event, deadline)
            return await self._in_thread(lambda: self._store(incoming, turn, step), deadline)

    def _not_connected(self, read: _Read) -> None:
        """Somebody took the call, and there was nobody on the other end."""
        person, case = read.call.state.get("taken_by"), read.facts.case
        if person is not None and person == read.state.ringing and case is not None:
            self._parts.handling.not_connected(case.reference, person)

    def _read(self, incoming: Incoming, turn: int) -> _Read | str:
        with self._parts.unit_of_work() as uow:
            if (known := uow.webhooks.answer(_delivery(incoming, turn))) is not None:
                return known
            now, records = self._parts.clock(), self._parts.records
            call = records.open(uow, incoming, now)
            state = replace(records.state(uow, call), turn=turn)
            read = _Read(call, state, records.facts(uow, call, now), self._awaited(uow, call, state))
            uow.commit()
            return read

    def _awaited(self, uow: UnitOfWork, call: Call, state: State) -> str:
        if state.stage is not Stage.WAIT or state.asked is None:
            return ""
        talk = self._parts.records.conversation(uow, call).id
        message = uow.messages.find(talk, message_id(call.id, state.asked))
        return message.text if message else ""

    # -- one step --------------------------------------------------------------

    async def _step(self, incoming: Incoming, turn: int, read: _Read, event: Event, deadline: float) -> Step:
        tree, state = self._parts.tree, read.state
        if read.awaited:
            ask: Step | Ask = Ask(read.awaited)
            turn = state.asked or turn
        else:
            ask = tree.after(state, event, read.facts)
        if isinstance(ask, Step):
            return ask
        exchange = SpokenExchange(ask.screen_only, ask.unclear, incoming.call_id, turn)
        words = words_of_turn(incoming, turn, ask.text, read.call.conversation_id)
        left = deadline - asyncio.get_running_loop().time() - _STORING_SECONDS
        outcome = await self._parts.hearing.hear(words, exchange, left)
        if outcome is None:
            return tree.told(state, ask, Heard(Meaning.LATE), read.facts)
        opened = self._parts.records.opened(outcome.escalation)
        heard = heard_of(outcome.replies, opened, state.language)
        case = opened if opened is not None and opened.tier.wakes_staff else None
        return tree.told(state, ask, heard, replace(read.facts, case=case))

    def _understood(self, read: _Read, event: Event) -> Event:
        """The event with what its words or keys amount to here."""
        country = self._parts.clinic.country
        match event:
            case Spoke(text=text):
                return replace(event, number=number_in(text, country))
            case Pressed(digits=digits):
                return replace(event, number=number_in(digits, country))
            case Rang(answered=True, bridged=None) if read.state.stage is Stage.RING:
                # Somebody's voicemail answers, too, and presses no key.
                return Rang(read.call.state.get("taken_by") == read.state.ringing)
        return event

    # -- one transaction: effects, where the call stands, what is answered ---------

    def _store(self, incoming: Incoming, turn: int, step: Step) -> str:
        with self._parts.unit_of_work() as uow:
            if (known := uow.webhooks.answer(_delivery(incoming, turn))) is not None:
                return known
            now = self._parts.clock()
            call = self._parts.records.open(uow, incoming, now)
            done = [self._parts.records.do(uow, call, step.state, effect, now) for effect in step.does]
            return self._keep(uow, incoming, turn, call, step, done)

    def _keep(
        self, uow: UnitOfWork, incoming: Incoming, turn: int, call: Call, step: Step, done: Sequence[Done]
    ) -> str:
        now, kept = self._parts.clock(), dict(call.state)
        for each in done:
            step = _with(step, each.reference) if each.reference else step
            kept |= {TEXT_LATER: each.text_later} if each.text_later is not None else {}
        answer = self._parts.render(self._spoken(incoming, turn, step))
        state = replace(step.state, turn=turn + 1)
        uow.calls.set_state(call.id, {**kept, "tree": state.to_dict()}, now)
        uow.webhooks.keep(_delivery(incoming, turn), answer, now)
        uow.commit()
        return answer

    def _spoken(self, incoming: Incoming, turn: int, step: Step) -> SpokenTurn:
        number = self._parts.desk_number
        if isinstance(step.then, RingPerson):
            number = self._parts.records.number_of(step.then.person)
        return SpokenTurn(incoming, turn + 1, step.state.language, step.says, step.then, number)

    # -- without a turn of the caller's ---------------------------------------------

    async def ended(self, call_id: str) -> None:
        """The line is dead."""
        await self._in_thread(lambda: self._end(call_id), self._deadline())

    def _end(self, call_id: str) -> None:
        with self._parts.unit_of_work() as uow:
            call = uow.calls.get(call_id)
            if call is None or not uow.calls.end(call_id, self._parts.clock()):
                return
            self._parts.records.end(uow, call, self._parts.clock())
            uow.commit()

    def _deadline(self) -> float:
        """On the event loop's clock."""
        return asyncio.get_running_loop().time() + self._parts.turn_seconds

    async def _in_thread(self, work: Callable[[], T], deadline: float) -> T:
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.to_thread(again_on_conflict, work)
        except TimeoutError:
            raise StorageUnavailable("the database does not answer") from None


def _delivery(incoming: Incoming, turn: int) -> str:
    """What a webhook is called among all that were acted on."""
    return f"voice:{incoming.call_id}:{turn}"


def _with(step: Step, reference: str) -> Step:
    """What is said, with what the staff will call it."""
    values = {"reference": reference}
    says = tuple(replace(line, text=filled(line.text, values)) for line in step.says)
    said = tuple(filled(text, values) for text in step.state.said)
    return replace(step, says=says, state=replace(step.state, said=said))
