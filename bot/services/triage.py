"""What a message means for the patient's safety, inside the transaction that stores it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.conversation import Mode
from bot.domain.errors import StorageUnavailable
from bot.domain.escalation import Escalation, Tier
from bot.domain.language import language_of
from bot.domain.messages import Reply
from bot.safety.answer import answer_of
from bot.safety.sentences import sentences
from bot.safety.symptoms.screening import is_bare_answer, rules_alone, tier_in_talk
from bot.safety.verdict import Doubt, Verdict
from bot.services.callback import is_little_else, number_in
from bot.services.escalations import EscalationDesk, Report, screen_report
from bot.services.ports import Conversation, SafetyQuestion, StoredMessage, Turn, UnitOfWork, UnitOfWorkFactory

log = logging.getLogger(__name__)

Screen = Callable[[str, Sequence[str]], Verdict]

_TURNS_FOR_CONTEXT = 6
_CONTEXT_FOR = timedelta(hours=2)
# People press "send" in the middle of a sentence; carriers split long messages.
_ONE_MESSAGE_WITHIN = timedelta(seconds=60)
_MIN_QUESTION_WORDS = 3
_BATCH = 20
# Channels on which the clinic does not see where a message comes from.
_WITHOUT_A_NUMBER = ("web",)


@dataclass(frozen=True, slots=True)
class Triaged:
    """What to say at once, and what is left for the dialogue to answer.

    `rest` is None when nothing is. `beside` when it goes with something about
    safety that was said already: then only an answer is worth adding.
    """

    replies: tuple[Reply, ...]
    rest: str | None
    beside: bool
    escalation: Escalation | None


@dataclass(frozen=True, slots=True)
class TalkContext:
    """The patient's texts of the last hours, how many of the last are one message with the next, and what was asked last."""

    turns: tuple[str, ...] = field(default=(), repr=False)
    parts: int = 0
    asked: str | None = None


class Triage:
    """Screens a message with what came before it, and does what follows from it."""

    def __init__(self, screen: Screen, desk: EscalationDesk, clinic: Clinic) -> None:
        self._screen = screen
        self._desk = desk
        self._clinic = clinic

    def language(self, uow: UnitOfWork, conversation: Conversation, text: str, now: datetime) -> Conversation:
        """The conversation, with the language of its newest message where that tells."""
        language = language_of(text)
        if language is None or language is conversation.language:
            return conversation
        uow.conversations.set_language(conversation.id, language, now)
        return replace(conversation, language=language)

    def context(self, uow: UnitOfWork, conversation_id: str, now: datetime) -> TalkContext:
        """What came before a message, as far as it changes what the message means."""
        turns = [
            turn
            for turn in uow.messages.patient_turns(conversation_id, _TURNS_FOR_CONTEXT)
            # A report of its own has its escalation: it is not reported again by a "thanks".
            if now - turn.at <= _CONTEXT_FOR and not turn.reported
        ]
        parts = [turn for turn in _since_last_answer(turns) if now - turn.at <= _ONE_MESSAGE_WITHIN]
        texts = tuple(turn.text for turn in turns)
        return TalkContext(texts, len(parts), uow.messages.last_topic(conversation_id))

    def read(self, text: str, context: TalkContext) -> Verdict:
        """The screen's verdict on `text`, given what came before. It takes a while, and needs no transaction."""
        alone = self._screen(text, context.turns)
        if is_bare_answer(context.asked, text):
            return rules_alone(alone)
        if alone.is_report or not context.parts:
            return alone
        before, parts = context.turns[: -context.parts], context.turns[-context.parts :]
        return _worse(alone, self._screen(" ".join([*parts, text]), before))

    def act(
        self, uow: UnitOfWork, conversation: Conversation, message: StoredMessage, verdict: Verdict, now: datetime
    ) -> Triaged:
        """Escalate, ask back, take an answer, or leave it to the dialogue.

        While a person has the conversation the bot is silent: only what staff must not
        overlook is said, which is a new report.
        """
        number = self._keep_number(uow, conversation, message, now)
        if conversation.mode is Mode.STAFF:
            return self._beside_staff(uow, conversation, message, verdict)
        triaged = self._act(uow, replace(conversation, callback_number=number), message, verdict, now)
        if number is None or number == conversation.callback_number or triaged.escalation is None:
            return triaged
        thanks = wording.have_number_reply(self._clinic, number, conversation.language)
        rest = None if is_little_else(message.text) else triaged.rest
        return replace(triaged, replies=(*triaged.replies, thanks), rest=rest, beside=True)

    def _beside_staff(
        self, uow: UnitOfWork, conversation: Conversation, message: StoredMessage, verdict: Verdict
    ) -> Triaged:
        if verdict.tier is None:
            return Triaged((), None, False, uow.escalations.open_for(conversation.id))
        said = self._report(uow, conversation, message, screen_report(message.id, verdict.tier, verdict))
        return replace(said, replies=said.replies[:1], rest=None)

    def _keep_number(
        self, uow: UnitOfWork, conversation: Conversation, message: StoredMessage, now: datetime
    ) -> str | None:
        """The number to call back: one in this message, or what is known. Kept even before there is a report."""
        found = number_in(message.text, self._clinic.country)
        if found is None or found == conversation.callback_number:
            return conversation.callback_number
        uow.conversations.set_callback_number(conversation.id, found, now)
        return found

    def _act(
        self, uow: UnitOfWork, conversation: Conversation, message: StoredMessage, verdict: Verdict, now: datetime
    ) -> Triaged:
        question = uow.safety_questions.open_for(conversation.id)
        if verdict.tier is not None:
            if question is not None:
                uow.safety_questions.close(question.id, "reported", now)
            asked = uow.messages.last_topic(conversation.id)
            tier = tier_in_talk(asked, message.text, verdict.tier, now)
            return self._report(uow, conversation, message, screen_report(message.id, tier, verdict))
        if question is not None:
            return self._while_asked(uow, conversation, message, question, now)
        open_escalation = uow.escalations.open_for(conversation.id)
        nothing = Triaged((), message.text, False, open_escalation)
        if verdict.doubt is None:
            return nothing
        doubt = verdict.doubt
        uow.borderlines.add(message.id, doubt.tier, doubt.category, doubt.chance, now)
        waiting = open_escalation is not None and open_escalation.tier.wakes_staff
        return nothing if waiting or not doubt.ask_back else self._ask_back(uow, conversation, message, doubt, now)

    def _report(self, uow: UnitOfWork, conversation: Conversation, message: StoredMessage, report: Report) -> Triaged:
        escalation = self._desk.open_in(uow, conversation, report)
        reply = wording.safety_reply(
            self._clinic, report.tier, report.categories, escalation.reference, conversation.language
        )
        asked: tuple[Reply, ...] = ()
        if conversation.callback_number is None and conversation.channel in _WITHOUT_A_NUMBER:
            asked = (wording.ask_number_reply(self._clinic, conversation.language),)
        return Triaged((reply, *asked), self._question_beside(message.text), True, escalation)

    def _while_asked(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        message: StoredMessage,
        question: SafetyQuestion,
        now: datetime,
    ) -> Triaged:
        answer = answer_of(message.text)
        if answer is None:
            again = wording.ask_back_reply(self._clinic, conversation.language, again=True)
            return Triaged((again,), message.text, True, uow.escalations.open_for(conversation.id))
        uow.safety_questions.close(question.id, "yes" if answer else "no", now)
        if answer:
            return self._report(uow, conversation, message, _question_report(message.id, question, "answered_yes"))
        reply = wording.not_happening_reply(self._clinic, conversation.language)
        return Triaged((reply,), None, True, uow.escalations.open_for(conversation.id))

    def _ask_back(
        self, uow: UnitOfWork, conversation: Conversation, message: StoredMessage, doubt: Doubt, now: datetime
    ) -> Triaged:
        due = now + timedelta(minutes=self._clinic.answer_minutes)
        uow.safety_questions.ask(message, doubt.tier, doubt.category, doubt.chance, now, due)
        reply = wording.ask_back_reply(self._clinic, conversation.language)
        return Triaged((reply,), message.text, True, uow.escalations.open_for(conversation.id))

    def _question_beside(self, text: str) -> str | None:
        """The ordinary questions of a message that also holds a report."""
        kept = [
            sentence
            for _, sentence in sentences(text)
            if sentence.endswith("?")
            and len(sentence.split()) >= _MIN_QUESTION_WORDS
            and self._screen(sentence, ()).is_ordinary
        ]
        return " ".join(kept) or None


class UnansweredQuestions:
    """Escalates what a patient was asked about and did not answer in time."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, desk: EscalationDesk, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._desk = desk
        self._clock = clock

    def tick(self) -> int:
        """Escalate what is due; returns how many. Each in a transaction of its own."""
        with self._unit_of_work() as uow:
            due = uow.safety_questions.due(self._clock(), _BATCH)
            uow.commit()
        return sum(map(self._try, due))

    def _try(self, question: SafetyQuestion) -> bool:
        try:
            return self._escalate(question)
        except StorageUnavailable:
            raise
        except Exception:  # a worker's loop: one that cannot be escalated must not keep the others waiting
            log.exception("question_failed")
            return False

    def _escalate(self, question: SafetyQuestion) -> bool:
        with self._unit_of_work() as uow:
            conversation = uow.conversations.get(question.conversation_id)
            if conversation is None:
                return False
            if not uow.safety_questions.close(question.id, "unanswered", self._clock()):
                return False
            self._desk.open_in(uow, conversation, unanswered_report(question))
            uow.commit()
            return True


def unanswered_report(question: SafetyQuestion) -> Report:
    """What the staff are told when nobody answers, or nobody can any more."""
    return _question_report(question.message_id, question, "not_answered")


def _question_report(message_id: str, question: SafetyQuestion, reason: str) -> Report:
    return Report(
        message_id=message_id,
        # Whoever asks for no more than today's call back has been asked whether it is happening now.
        tier=Tier.URGENT.worst(question.tier),
        reason=reason,
        categories=(question.category,),
        evidence={"asked_about": question.message_id, "chance": question.chance},
    )


def _since_last_answer(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns after the last that answered a question: whoever answers has ended the sentence before."""
    answered = [index for index, turn in enumerate(turns) if turn.bare_answer]
    return turns[answered[-1] + 1 :] if answered else turns


def _worse(one: Verdict, other: Verdict) -> Verdict:
    if other.is_report or (one.doubt is None and other.doubt is not None):
        return other
    return one
