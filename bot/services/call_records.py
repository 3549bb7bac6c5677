"""A call in storage: whose it is, what is true of it, and what its effects are. Inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.drill import is_drill_number
from bot.domain.escalation import Escalation, Status, Tier
from bot.domain.language import Language
from bot.domain.messages import Reply, ReplyKind, Sender
from bot.domain.on_call import Method, OnCall
from bot.domain.phone_tree.model import CallBack, Case, ChangeLanguage, Effect, Facts, State, TextMe, Unanswered
from bot.domain.phone_tree.scene import filled, texts_in
from bot.domain.telephone import Telephone
from bot.services.call_exchange import promise
from bot.services.escalations import CANARY_CHANNEL, EscalationDesk, Report
from bot.services.line_types import LineTypes
from bot.services.outgoing import has_agreed
from bot.services.ports import Conversation, UnitOfWork
from bot.services.telephone_ports import Address, Call, Consent
from bot.services.triage import unanswered_report

CHANNEL = "phone"
# A caller does not listen to more phones ringing than that.
MOST_RUNG = 4
_WAKING = (Tier.EMERGENCY, Tier.URGENT)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call as the provider names it; no `sender`: the number is withheld."""

    call_id: str
    clinic_number: str
    sender: Sender | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an effect: a reference to be said, a turn whose answer is texted later."""

    reference: str = ""
    text_later: int | None = None


def channel_of(sender: Sender | None) -> str:
    """Where a call's words come from: a drill's are no patient's."""
    return CANARY_CHANNEL if sender is not None and is_drill_number(sender.number) else CHANNEL


def message_id(call_id: str, turn: int) -> str:
    """What the words of a turn are called."""
    return f"{call_id}:{turn}"


class CallRecords:
    """Reads and writes what a call is about."""

    def __init__(
        self, desk: EscalationDesk, clinic: Clinic, on_call: OnCall, telephone: Telephone, lines: LineTypes
    ) -> None:
        self._desk = desk
        self._clinic = clinic
        self._on_call = on_call
        self._telephone = telephone
        self._lines = lines

    # -- whose call it is ------------------------------------------------------

    def open(self, uow: UnitOfWork, incoming: Incoming, now: datetime) -> Call:
        """The call as stored; a new one in the talk of its number, or in a talk of its own."""
        call = uow.calls.get(incoming.call_id)
        if call is not None:
            return call
        address = self._address(uow, incoming.sender, now) if incoming.sender else None
        talk = address.conversation_id if address else uow.conversations.add(CHANNEL, now).id
        return uow.calls.add(incoming.call_id, talk, address.id if address else None, now)

    def _address(self, uow: UnitOfWork, sender: Sender, now: datetime) -> Address:
        found = uow.addresses.find(sender.number, sender.clinic_number)
        if found is not None:
            return found
        conversation = uow.conversations.add(channel_of(sender), now)
        uow.conversations.set_callback_number(conversation.id, sender.number, now)
        return uow.addresses.add(sender.number, sender.clinic_number, conversation.id, now)

    def conversation(self, uow: UnitOfWork, call: Call) -> Conversation:
        """Its talk: that of its number by now, since a number can have joined another."""
        address = uow.addresses.get(call.address_id) if call.address_id else None
        found = uow.conversations.get(address.conversation_id if address else call.conversation_id)
        if found is None:
            raise LookupError("a call without its talk")
        return found

    def state(self, uow: UnitOfWork, call: Call) -> State:
        """Where it stands; a call that has just begun is in the language that its talk was in last."""
        tree = call.state.get("tree")
        return State.from_dict(tree) if tree else State(language=self.conversation(uow, call).language)

    # -- what is true ------------------------------------------------------------

    def facts(self, uow: UnitOfWork, call: Call, now: datetime) -> Facts:
        """What the tree decides by."""
        address = uow.addresses.get(call.address_id) if call.address_id else None
        can_text = address is not None and not address.stopped and self._lines.takes_texts(address.number)
        return Facts(
            can_text=can_text,
            agreed=can_text and address is not None and has_agreed(uow, address),
            number_known=address is not None,
            desk_open=self.desk_is_open(now),
            ring={tier: self.rung(tier, now) for tier in _WAKING},
            case=self.case(uow, uow.escalations.open_for(self.conversation(uow, call).id)),
        )

    def desk_is_open(self, now: datetime) -> bool:
        """Whether somebody should be at the desk."""
        desk = self._telephone.desk
        if desk is None:
            return False
        local = now.astimezone(ZoneInfo(self._clinic.time_zone))
        return not desk.hours or any(window.holds(local) for window in desk.hours)

    def rung(self, tier: Tier, now: datetime) -> tuple[str, ...]:
        """Who is on call and can be dialled, in the order of the ladder."""
        people = dict.fromkeys(person for step in self._on_call.paged(tier, now) for person in step)
        return tuple(person for person in people if self.number_of(person) is not None)[:MOST_RUNG]

    def number_of(self, person: str) -> str | None:
        """Where somebody on call can be dialled."""
        known = self._on_call.people.get(person)
        contacts = known.contacts if known else ()
        return next((contact.address for contact in contacts if contact.method is Method.CALL), None)

    def case(self, uow: UnitOfWork, escalation: Escalation | None) -> Case | None:
        """What is open and wakes people."""
        opened = self.opened(escalation)
        if opened is None or escalation is None or not opened.tier.wakes_staff:
            return None
        return replace(opened, paged=uow.pages.sent(escalation.id) is not None)

    def opened(self, escalation: Escalation | None) -> Case | None:
        """What is open for the staff, at whatever tier."""
        if escalation is None or escalation.status is Status.RESOLVED:
            return None
        owner = self._on_call.people.get(escalation.owner or "")
        acknowledged = escalation.status is not Status.OPEN
        who = (owner.name, owner.role) if owner and acknowledged else None
        return Case(escalation.reference, escalation.tier, acknowledged=acknowledged, seen_by=who)

    # -- what has to be stored -----------------------------------------------------

    def do(self, uow: UnitOfWork, call: Call, state: State, effect: Effect, now: datetime) -> Done:
        """Store an effect."""
        conversation = self.conversation(uow, call)
        uow.conversations.lock(conversation.id)
        match effect:
            case ChangeLanguage(to=language):
                uow.conversations.set_language(conversation.id, language, now)
                return Done()
            case TextMe():
                return self._text(uow, call, conversation, state, effect, now)
            case CallBack():
                return Done(self._call_back(uow, call, conversation, state, effect, now).reference)
            case Unanswered():
                return Done(self._unanswered(uow, call, conversation, state, now).reference)

    def _call_back(
        self, uow: UnitOfWork, call: Call, conversation: Conversation, state: State, effect: CallBack, now: datetime
    ) -> Escalation:
        if effect.number is not None:
            uow.conversations.set_callback_number(conversation.id, effect.number, now)
        detail: dict[str, Any] = {"call": call.id, "why": str(state.why)}
        if effect.recording is not None:
            detail |= {"recording": effect.recording, "seconds": effect.seconds}
        own = f"{message_id(call.id, state.turn)}:{effect.reason}"
        return self._desk.open_in(uow, conversation, Report(own, Tier.ROUTINE, effect.reason, evidence=detail))

    def _unanswered(
        self, uow: UnitOfWork, call: Call, conversation: Conversation, state: State, now: datetime
    ) -> Escalation:
        """The question that was asked back; where it is closed by now, the silence itself is looked at."""
        escalation = self._close_question(uow, conversation, now)
        if escalation is not None:
            return escalation
        report = Report(message_id(call.id, state.turn), Tier.URGENT, "not_answered", evidence={"call": call.id})
        return uow.escalations.open_for(conversation.id) or self._desk.open_in(uow, conversation, report)

    def _close_question(self, uow: UnitOfWork, conversation: Conversation, now: datetime) -> Escalation | None:
        question = uow.safety_questions.open_for(conversation.id)
        if question is None or not uow.safety_questions.close(question.id, "unanswered", now):
            return None
        return self._desk.open_in(uow, conversation, unanswered_report(question))

    def end(self, uow: UnitOfWork, call: Call, now: datetime) -> None:
        """The line is dead. What was asked and not answered cannot be answered any more."""
        conversation = self.conversation(uow, call)
        self._close_question(uow, conversation, now)
        escalation = uow.escalations.open_for(conversation.id)
        if escalation is not None:
            state = self.state(uow, call)
            detail = {"call": call.id, "stage": str(state.stage), "turns": state.turn}
            uow.escalations.record(escalation.id, CHANNEL, "call_ended", detail, now)

    # -- texts ---------------------------------------------------------------------

    def _text(
        self, uow: UnitOfWork, call: Call, conversation: Conversation, state: State, effect: TextMe, now: datetime
    ) -> Done:
        """Consent, who we are, and the answer that was too much for the telephone, or is not there yet."""
        address = uow.addresses.get(call.address_id) if call.address_id else None
        if address is None or address.stopped:
            raise LookupError("nobody can be texted")
        uow.addresses.record(address.id, Consent.GIVEN, effect.how, effect.words, now)
        key = message_id(call.id, state.turn)
        greet(uow, self._clinic, address, conversation.language, key, now)
        asked = None if state.asked is None else uow.messages.find(conversation.id, message_id(call.id, state.asked))
        if asked is not None and not asked.answered:
            return Done(text_later=state.asked)
        replies = uow.messages.replies_to(asked.id) if asked else ()
        for reply in replies:
            promise(uow, address, reply, conversation.language, now)
        if not replies:
            say_by_text(uow, address, f"{key}:opening", opening(conversation.language), conversation.language, now)
        return Done()


def greet(uow: UnitOfWork, clinic: Clinic, address: Address, language: Language, key: str, now: datetime) -> None:
    """Who texts, once for each number, before anything else."""
    if not address.greeted:
        uow.addresses.set_greeted(address.id)
        say_by_text(uow, address, f"{key}:greeting", wording.greeting_reply(clinic, language), language, now)


def say_by_text(uow: UnitOfWork, address: Address, key: str, reply: Reply, language: Language, now: datetime) -> None:
    """Something that no message asked for, once."""
    said = uow.messages.add_notice(address.conversation_id, key, "bot", reply, now)
    if said is not None:
        promise(uow, address, said, language, now)


def opening(language: Language, menu: str = "", with_question: bool = True) -> Reply:
    """The first text after a call: where the caller was in a menu, and what it is about; it may be empty."""
    texts = texts_in(language)
    about = [filled(texts.text_about, {"menu": menu})] if menu else []
    text = " ".join([*about, *([texts.text_opening] if with_question else [])])
    return Reply(text, ReplyKind.SMALLTALK, topic="phone/opening")
