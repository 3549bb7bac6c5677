"""A message comes in, replies go out; severe reports are safe before anyone is asked."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.conversation import Mode
from bot.domain.errors import DialogueUnavailable, StorageUnavailable, UnknownConversation
from bot.domain.escalation import Escalation, Tier
from bot.domain.language import Language
from bot.domain.messages import Inbound, Reply, ReplyKind
from bot.services.alarm import Alarm
from bot.services.escalations import EscalationDesk, Report
from bot.services.exchange import Exchange, Heard
from bot.services.measures import UNMEASURED, Measures
from bot.services.ports import Conversation, Dialogue, Spool, StoredMessage, UnitOfWork, UnitOfWorkFactory
from bot.services.reading_ahead import Ahead, ReadingAhead
from bot.services.retries import again_on_conflict
from bot.services.triage import Screen, Triage
from bot.services.turns import LocalTurns, Turns
from bot.services.unstored import Unstored, from_record
from bot.services.whose import Whose, delivery_key, first_id, order_key

log = logging.getLogger(__name__)

_REPORTED = "safety/report"
# What goes with a safety text: an answer, and that a wish for a person was passed on.
_WORTH_ADDING = (ReplyKind.ANSWER, ReplyKind.HANDOFF)

# What is worth saying to somebody who writes a language that the rest does not exist in.
_FOR_ANY_LANGUAGE = (ReplyKind.SAFETY, ReplyKind.HANDOFF, ReplyKind.SMALLTALK)

# The safety text does not wait longer than this for an answer to go with it.
_SECONDS_FOR_BESIDE = 1.5
# Nor longer than this for a database that hangs. What is stored after all is known by its id when the spool is taken in.
_SECONDS_FOR_STORAGE = 4.0


class MessageState(enum.StrEnum):
    """What became of a message."""

    ANSWERED = "answered"  # stored, with what was said to it
    RECEIVED = "received"  # stored; what is said to it is not
    KEPT = "kept"  # the database is away: a severe report, on the disk
    NOT_STORED = "not_stored"  # the database is away: to be sent again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the channel sends back."""

    conversation_id: str
    replies: tuple[Reply, ...]
    escalation: Escalation | None = None
    state: MessageState = MessageState.ANSWERED


@dataclass(frozen=True, slots=True)
class _Taken:
    """A message that is stored, what is said to it so far, and what the dialogue is asked yet."""

    exchange: Exchange
    conversation: Conversation
    message: StoredMessage
    replies: tuple[Reply, ...]
    escalation: Escalation | None
    rest: str | None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """What intake works with."""

    unit_of_work: UnitOfWorkFactory
    screen: Screen
    dialogue: Dialogue
    desk: EscalationDesk
    spool: Spool
    clinic: Clinic
    clock: Clock
    alarm: Alarm
    storage_seconds: float = _SECONDS_FOR_STORAGE
    measures: Measures = UNMEASURED
    # For what is answered when nobody waits for the answer any more.
    late: Callable[[Inbound], Exchange] = field(default=lambda _: Exchange())
    turns: Turns = field(default_factory=LocalTurns)
    # Transactions that only read: with them the screen reads a message before it holds up whoever writes.
    readers: UnitOfWorkFactory | None = None


class Intake:
    """The one way in, for every channel."""

    def __init__(self, parts: IntakeParts) -> None:
        self._parts = parts
        self._triage = Triage(parts.screen, parts.desk, parts.clinic)
        self._whose = Whose(parts.clock, self.is_report)
        self._ahead = ReadingAhead(parts.readers, self._triage, parts.clock)
        self._unstored = Unstored(parts.screen, parts.spool, parts.clinic, parts.alarm)

    def is_report(self, text: str) -> bool:
        """Whether the screen alone, without earlier turns, finds a severe report."""
        return self._parts.screen(text, ()).is_report

    async def receive(self, inbound: Inbound, exchange: Exchange | None = None) -> Outcome:
        """Take in one message and say what to answer.

        The same message id twice gives the same replies and acts once. Raises
        UnknownConversation for an id that is not stored, except for a severe
        report, which is taken in as a new conversation.
        """
        exchange = exchange or Exchange()
        outcome = await self._receive(inbound, exchange)
        self._parts.measures.answered(inbound.channel, (reply.kind for reply in outcome.replies))
        return outcome

    async def _receive(self, inbound: Inbound, exchange: Exchange) -> Outcome:
        async with self._parts.turns.turn(order_key(inbound)):
            try:
                async with asyncio.timeout(self._parts.storage_seconds):
                    taken = await asyncio.to_thread(self._take, inbound, exchange)
            except (StorageUnavailable, TimeoutError):
                log.exception("storage_unavailable step=take_in")
                return self._without_storage(inbound, exchange)
            if taken.rest is None:
                return Outcome(taken.conversation.id, taken.replies, taken.escalation)
            return await (self._add_answer(taken) if taken.beside else self._converse(taken))

    async def answer_late(self, inbound: Inbound) -> None:
        """Answer a message that is stored and was not answered: whoever took it in has died since."""
        async with self._parts.turns.turn(order_key(inbound)):
            taken = await asyncio.to_thread(again_on_conflict, lambda: self._find(inbound))
            if taken is not None and taken.rest is not None:
                await self._converse(taken)

    # -- one transaction: duplicate, message, screen, escalation, page, reply --

    def _take(self, inbound: Inbound, exchange: Exchange) -> _Taken:
        ahead = self._ahead.read(inbound, exchange)
        return again_on_conflict(lambda: self._take_in(inbound, exchange, ahead))

    def _take_in(self, inbound: Inbound, exchange: Exchange, ahead: Ahead | None = None) -> _Taken:
        with self._parts.unit_of_work() as uow:
            inbound = self._whose.after_forgetting(uow, inbound)
            known = self._whose.known(uow, inbound)
            if known is not None:
                return self._repeat(uow, known, exchange)
            conversation = self._whose.talk(uow, inbound)
            taken = self._store(uow, conversation, inbound, exchange, ahead)
            uow.commit()
            exchange.committed()
            return taken

    def _find(self, inbound: Inbound) -> _Taken | None:
        with self._parts.unit_of_work() as uow:
            known = self._whose.known(uow, inbound)
            return self._repeat(uow, known, self._parts.late(inbound)) if known else None

    def _repeat(self, uow: UnitOfWork, message: StoredMessage, exchange: Exchange) -> _Taken:
        conversation = uow.conversations.get(message.conversation_id)
        if conversation is None:
            raise UnknownConversation
        escalation = uow.escalations.open_for(conversation.id)
        if message.answered:
            exchange.again(uow, message)
            return _Taken(exchange, conversation, message, uow.messages.replies_to(message.id), escalation, None)
        return _Taken(exchange, conversation, message, (), escalation, message.text)

    def _store(
        self, uow: UnitOfWork, conversation: Conversation, inbound: Inbound, exchange: Exchange, ahead: Ahead | None
    ) -> _Taken:
        now = self._parts.clock()
        text = exchange.meaning(uow, conversation, inbound.text)
        conversation = self._triage.language(uow, conversation, text, now)
        context = self._triage.context(uow, conversation.id, now)
        verdict = ahead.verdict if ahead and ahead.holds(text, context) else self._triage.read(text, context)
        message = uow.messages.add_inbound(conversation.id, inbound.message_id, text, verdict.to_dict(), now)
        if inbound.sender is not None:
            uow.webhooks.keep(delivery_key(inbound), conversation.id, now)
        triaged = exchange.triage(
            uow,
            Heard(conversation, message, verdict, now),
            lambda: self._triage.act(uow, conversation, message, verdict, now),
        )
        replies = triaged.replies
        if replies or triaged.rest is None:
            replies = exchange.say(uow, conversation, message, replies, now)
        return _Taken(exchange, conversation, message, replies, triaged.escalation, triaged.rest, triaged.beside)

    # -- no transaction open: ask Rasa, then store what was said ---------------

    async def _add_answer(self, taken: _Taken) -> Outcome:
        """The answer to an ordinary question in a message about something serious: if it comes soon."""
        said: tuple[Reply, ...] = ()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_FOR_BESIDE):
                said = await self._ask(taken) or ()
        # The symptom talk may have escalated what the screen only doubts: then the patient hears that too.
        answers = tuple(reply for reply in said if reply.kind in _WORTH_ADDING or reply.topic == _REPORTED)
        try:
            answers = await asyncio.to_thread(again_on_conflict, lambda: self._keep(taken, answers))
        except StorageUnavailable:
            log.exception("storage_unavailable step=add_answer")
        return Outcome(taken.conversation.id, (*taken.replies, *answers), taken.escalation)

    def _keep(self, taken: _Taken, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
        with self._parts.unit_of_work() as uow:
            uow.conversations.lock(taken.conversation.id)
            said = () if self._is_with_staff(uow, taken.conversation.id) else replies
            said = taken.exchange.say(uow, taken.conversation, taken.message, said, self._parts.clock())
            uow.commit()
            taken.exchange.committed()
            return said

    def _is_with_staff(self, uow: UnitOfWork, conversation_id: str) -> bool:
        conversation = uow.conversations.get(conversation_id)
        return conversation is not None and conversation.mode is Mode.STAFF

    async def _ask(self, taken: _Taken) -> tuple[Reply, ...] | None:
        """What the dialogue says, in the patient's language where it can; None when it is not available."""
        try:
            replies = await self._parts.dialogue.ask(
                taken.conversation.id, taken.rest or taken.message.text, taken.message.id
            )
        except DialogueUnavailable as error:
            log.warning("dialogue_unavailable reason=%s", error.reason)
            return None
        language = taken.conversation.language
        if language is not Language.ENGLISH and not any(reply.kind in _FOR_ANY_LANGUAGE for reply in replies):
            return (wording.not_my_language_reply(self._parts.clinic, language),)
        return replies

    async def _converse(self, taken: _Taken) -> Outcome:
        replies = await self._ask(taken)
        try:
            return await asyncio.to_thread(again_on_conflict, lambda: self._answer(taken, replies))
        except StorageUnavailable:
            log.exception("storage_unavailable step=answer")
            said = replies or (wording.degraded_reply(self._parts.clinic, None, taken.conversation.language),)
            return Outcome(taken.conversation.id, said, taken.escalation, MessageState.RECEIVED)

    def _answer(self, taken: _Taken, replies: tuple[Reply, ...] | None) -> Outcome:
        language = taken.conversation.language
        with self._parts.unit_of_work() as uow:
            uow.conversations.lock(taken.conversation.id)
            stored = uow.messages.find(taken.conversation.id, taken.message.client_message_id)
            if stored is not None and stored.answered:  # by another gateway, which was asked the same
                return self._answered(uow, taken)
            if self._is_with_staff(uow, taken.conversation.id):
                replies = ()  # a person took over while the dialogue was asked: one owner speaks
            elif replies is None:
                kept = self._parts.desk.open_in(
                    uow, taken.conversation, Report(taken.message.id, Tier.ROUTINE, "dialogue_unavailable")
                )
                replies = (wording.degraded_reply(self._parts.clinic, kept.reference, language),)
            escalation = uow.escalations.open_for(taken.conversation.id)
            if replies and escalation is not None and escalation.tier.wakes_staff:
                replies = (wording.reminder_reply(self._parts.clinic, escalation.reference, language), *replies)
            replies = taken.exchange.say(uow, taken.conversation, taken.message, replies, self._parts.clock())
            uow.commit()
            taken.exchange.committed()
            return Outcome(taken.conversation.id, replies, escalation)

    def _answered(self, uow: UnitOfWork, taken: _Taken) -> Outcome:
        again = self._repeat(uow, replace(taken.message, answered=True), taken.exchange)
        return Outcome(again.conversation.id, again.replies, again.escalation)

    # -- the database is gone --------------------------------------------------

    def _without_storage(self, inbound: Inbound, exchange: Exchange) -> Outcome:
        conversation_id = inbound.conversation_id or first_id(inbound)
        reply, kept = self._unstored.answer(inbound, conversation_id, exchange)
        return Outcome(conversation_id, (reply,), state=MessageState.KEPT if kept else MessageState.NOT_STORED)

    def take_in_spooled(self) -> int:
        """Take in the reports that were written to disk; returns how many. Safe to repeat."""
        return self._parts.spool.drain(self._take_in_record)

    def _take_in_record(self, record: Any) -> None:
        inbound = from_record(record)
        if inbound.conversation_id is not None:
            inbound = self._with_talk(inbound, inbound.conversation_id)
        again_on_conflict(lambda: self._take_in(inbound, self._parts.late(inbound)))

    def _with_talk(self, inbound: Inbound, conversation_id: str) -> Inbound:
        """The talk that it was written to is there by now, or it begins a new one."""
        with self._parts.unit_of_work() as uow:
            if uow.forgetting.is_forgotten(conversation_id):
                return replace(inbound, conversation_id=None)
            if uow.conversations.get(conversation_id) is None:
                uow.conversations.add(inbound.channel, self._parts.clock(), conversation_id)
                uow.commit()
            return inbound
