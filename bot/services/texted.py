"""What follows from a text on top of what follows from any message: keywords, pleas, numbers that have stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.conversation import Mode
from bot.domain.escalation import Escalation, Tier
from bot.domain.keywords import Keyword, is_plain_request, is_plea_possible, keyword
from bot.domain.messages import Reply, ReplyKind
from bot.domain.rendering import sms_bodies
from bot.services.escalations import EscalationDesk, Report
from bot.services.exchange import Heard
from bot.services.ports import UnitOfWork
from bot.services.telephone_ports import Address, Consent
from bot.services.triage import Triaged

PHONE_THEM = {"what_to_do": "phone the patient: no text may be sent"}
# Whoever wrote about symptoms in this time may mean "help" and "end" as they sound.
_SYMPTOMS_FOR = timedelta(hours=24)
_MOST_TURNS = 50
# More than anybody writes: most likely a machine that answers ours.
_MANY_TEXTS = 30
_MANY_WITHIN = timedelta(minutes=10)
_DISTRESS = ("unspecified_distress",)


@dataclass(frozen=True, slots=True)
class Texted:
    """A text that is stored and screened. `body` as it was sent.

    `pictures`: files beside it, which nobody looks at. `by_provider`: the keyword
    that the provider has answered on its own. `late`: an answer was given before.
    `ours`: it was sent to a number that is set.
    """

    heard: Heard
    address: Address
    body: str = field(repr=False)
    pictures: int = 0
    by_provider: Keyword | None = None
    late: bool = False
    ours: bool = True

    @property
    def word(self) -> Keyword | None:
        """What it asks of texting itself, if that is all it says."""
        return self.by_provider or keyword(self.body, self.address.stopped)

    @property
    def may_be_answered(self) -> bool:
        """Whether nobody has answered its keyword yet."""
        return not self.late and self.by_provider is None


class TextTriage:
    """Does what a text asks for, after the screen has read it."""

    def __init__(self, clinic: Clinic, desk: EscalationDesk) -> None:
        self._clinic = clinic
        self._desk = desk

    def follow(self, uow: UnitOfWork, texted: Texted, act: Callable[[], Triaged]) -> Triaged:
        """`act` does what follows from a message on every channel."""
        self._keep_consent(uow, texted)
        is_report = texted.heard.verdict.is_report
        if texted.word is Keyword.START and not is_report:
            return self._start(uow, texted)
        if self._is_stop(uow, texted):
            return self._stop(uow, texted, act)
        if self._is_plea(uow, texted):
            return self._plea(uow, texted, act)
        if texted.address.stopped:
            return self._from_stopped(uow, texted, act)
        return act() if is_report else self._ordinary(uow, texted, act)

    def _keep_consent(self, uow: UnitOfWork, texted: Texted) -> None:
        """Whoever texts first agrees to be answered."""
        address = texted.address
        if texted.word is not Keyword.STOP and not uow.addresses.record_of(address.id):
            uow.addresses.record(address.id, Consent.GIVEN, "texted_first", texted.body, texted.heard.now)

    # -- stop and start --------------------------------------------------------

    def _is_stop(self, uow: UnitOfWork, texted: Texted) -> bool:
        """Whether texts end. What may be a plea does not end them in a talk with symptoms."""
        if texted.word is not Keyword.STOP:
            return False
        if texted.by_provider is not None:
            return True  # it ended them already
        is_report = texted.heard.verdict.is_report
        if is_report and is_plain_request(texted.body):
            return False
        return not is_plea_possible(texted.body) or not (is_report or self._has_symptoms(uow, texted.heard))

    def _stop(self, uow: UnitOfWork, texted: Texted, act: Callable[[], Triaged]) -> Triaged:
        """At once, whatever else is open; staff who have something to say are told to phone."""
        heard, address = texted.heard, texted.address
        uow.addresses.record(address.id, Consent.STOPPED, _how(texted), texted.body, heard.now)
        replies = act().replies if heard.verdict.is_report else ()
        told = self._tell_staff(uow, texted)
        if texted.may_be_answered and not address.stopped:
            reference = told.reference if told else None
            replies = (*replies, wording.stopped_reply(self._clinic, reference, heard.conversation.language))
        return Triaged(replies, None, False, told)

    def _tell_staff(self, uow: UnitOfWork, texted: Texted) -> Escalation | None:
        """Texts have stopped while something is open, or has been: somebody phones. None: there is nothing."""
        heard, conversation = texted.heard, texted.heard.conversation
        current = uow.escalations.open_for(conversation.id)
        if current is None and not self._has_symptoms(uow, heard):
            return None
        tier, categories = self._asked(uow, heard)
        if is_plea_possible(texted.body):
            tier = Tier.URGENT.worst(tier)
        tier = tier.worst(current.tier) if current else tier
        report = Report(f"stopped:{heard.message.id}", tier, "texts_stopped", categories, PHONE_THEM)
        return self._desk.open_in(uow, conversation, report)

    def _asked(self, uow: UnitOfWork, heard: Heard) -> tuple[Tier, tuple[str, ...]]:
        """What the unanswered safety question is about: nobody can answer it by text any more."""
        question = uow.safety_questions.open_for(heard.conversation.id)
        if question is None:
            return Tier.SAME_DAY, ()
        uow.safety_questions.close(question.id, "reported", heard.now)
        return Tier.URGENT.worst(question.tier), (question.category,)

    def _start(self, uow: UnitOfWork, texted: Texted) -> Triaged:
        heard, address = texted.heard, texted.address
        how = "keyword" if texted.by_provider is None else "provider_keyword"
        uow.addresses.record(address.id, Consent.GIVEN, how, texted.body, heard.now)
        started = wording.started_reply if address.stopped else wording.help_reply
        said = (started(self._clinic, heard.conversation.language),) if texted.may_be_answered else ()
        return Triaged(said, None, False, uow.escalations.open_for(heard.conversation.id))

    # -- pleas -----------------------------------------------------------------

    def _has_symptoms(self, uow: UnitOfWork, heard: Heard) -> bool:
        """Whether the talk is, or was within a day, about something that a person should look at."""
        conversation_id = heard.conversation.id
        current = uow.escalations.open_for(conversation_id)
        if current is not None and current.tier.wakes_staff:
            return True
        if uow.safety_questions.open_for(conversation_id) is not None:
            return True
        turns = uow.messages.patient_turns(conversation_id, _MOST_TURNS)[:-1]  # the last is this message
        recent = [turn for turn in turns if heard.now - turn.at <= _SYMPTOMS_FOR]
        topic = uow.messages.last_topic(conversation_id) or ""
        return any(turn.reported or turn.asked_back for turn in recent) or bool(
            recent and topic.startswith("symptoms/")
        )

    def _is_plea(self, uow: UnitOfWork, texted: Texted) -> bool:
        """Whether a bare word ("help", "end") is taken as it sounds, until shown otherwise."""
        heard = texted.heard
        if texted.word is Keyword.STOP:
            return True  # it was not taken for a stop
        if texted.word is not Keyword.HELP or not is_plea_possible(texted.body):
            return False
        return heard.verdict.is_report or self._has_symptoms(uow, heard)

    def _plea(self, uow: UnitOfWork, texted: Texted, act: Callable[[], Triaged]) -> Triaged:
        triaged = act() if texted.heard.verdict.is_report else self._report_plea(uow, texted)
        if texted.address.stopped:
            self._say_phone(uow, triaged.escalation, texted.heard)
        if texted.word is not Keyword.STOP:
            return triaged
        how_to_stop = wording.how_to_stop_reply(self._clinic, texted.heard.conversation.language)
        return replace(triaged, replies=(*triaged.replies, how_to_stop), rest=None)

    def _report_plea(self, uow: UnitOfWork, texted: Texted) -> Triaged:
        heard, conversation = texted.heard, texted.heard.conversation
        tier, categories = self._asked(uow, heard)
        report = Report(heard.message.id, Tier.URGENT.worst(tier), "plea", categories or _DISTRESS)
        escalation = self._desk.open_in(uow, conversation, report)
        reply = wording.safety_reply(
            self._clinic, escalation.tier, escalation.categories, escalation.reference, conversation.language
        )
        return Triaged((reply,), None, False, escalation)

    # -- numbers that have stopped ---------------------------------------------

    def _from_stopped(self, uow: UnitOfWork, texted: Texted, act: Callable[[], Triaged]) -> Triaged:
        """Nothing may be answered: whatever it is, a person sees it and phones."""
        heard, conversation = texted.heard, texted.heard.conversation
        if heard.verdict.is_report or conversation.mode is Mode.STAFF:
            triaged = act()
            self._say_phone(uow, triaged.escalation, heard)
            return replace(triaged, rest=None)
        doubt = heard.verdict.doubt
        tier, categories = Tier.ROUTINE, tuple[str, ...]()
        if doubt is not None and doubt.ask_back:  # nobody can be asked back
            tier, categories = Tier.URGENT.worst(doubt.tier), (doubt.category,)
        report = Report(heard.message.id, tier, "texts_stopped", categories, PHONE_THEM)
        return Triaged((), None, False, self._desk.open_in(uow, conversation, report))

    def _say_phone(self, uow: UnitOfWork, escalation: Escalation | None, heard: Heard) -> None:
        if escalation is not None:
            uow.escalations.record(escalation.id, "assistant", "texts_stopped", PHONE_THEM, heard.now)

    # -- everything else -------------------------------------------------------

    def _ordinary(self, uow: UnitOfWork, texted: Texted, act: Callable[[], Triaged]) -> Triaged:
        if texted.heard.conversation.mode is not Mode.STAFF and texted.pictures and not texted.body.strip():
            return Triaged((), None, False, uow.escalations.open_for(texted.heard.conversation.id))
        count = self._recent(uow, texted.heard)
        if count > _MANY_TEXTS and self._is_idle(uow, texted.heard):
            return self._too_many(uow, texted.heard, is_first=count == _MANY_TEXTS + 1)
        own = self._own_answer(uow, texted)
        if own is None:
            return act()
        said = (own,) if texted.may_be_answered else ()
        return Triaged(said, None, False, uow.escalations.open_for(texted.heard.conversation.id))

    def _is_idle(self, uow: UnitOfWork, heard: Heard) -> bool:
        """Whether nothing about safety is being asked, and no person speaks."""
        if heard.conversation.mode is Mode.STAFF or not heard.verdict.is_ordinary:
            return False
        return uow.safety_questions.open_for(heard.conversation.id) is None

    def _recent(self, uow: UnitOfWork, heard: Heard) -> int:
        turns = uow.messages.patient_turns(heard.conversation.id, _MOST_TURNS)
        return sum(heard.now - turn.at <= _MANY_WITHIN for turn in turns)

    def _too_many(self, uow: UnitOfWork, heard: Heard, is_first: bool) -> Triaged:
        """No more answers for a while: two machines would go on for ever. A person looks; reports are read as ever."""
        report = Report(heard.message.id, Tier.SAME_DAY, "many_texts")
        escalation = self._desk.open_in(uow, heard.conversation, report)
        said = (wording.help_reply(self._clinic, heard.conversation.language),) if is_first else ()
        return Triaged(said, None, False, escalation)

    def _own_answer(self, uow: UnitOfWork, texted: Texted) -> Reply | None:
        """What is answered without asking the dialogue."""
        conversation = texted.heard.conversation
        if texted.word is Keyword.HELP:
            return wording.help_reply(self._clinic, conversation.language)
        if conversation.mode is Mode.STAFF:
            return None
        if texted.word is Keyword.MORE:
            return self._more(uow, texted.heard)
        is_talk = texted.ours and bool(texted.body.strip())
        return None if is_talk else wording.help_reply(self._clinic, conversation.language)

    def _more(self, uow: UnitOfWork, heard: Heard) -> Reply | None:
        """The rest of the last answer. It is an answer itself, so that the next MORE goes on after it."""
        said = uow.messages.last_replies(heard.conversation.id)
        rest = sms_bodies(said, heard.conversation.language).rest
        return Reply(rest, ReplyKind.ANSWER, topic="texting/more") if rest else None


def _how(texted: Texted) -> str:
    """How texts were stopped, for the record of consent."""
    if texted.by_provider is not None:
        return "provider_keyword"
    return "plain_request" if is_plain_request(texted.body) else "keyword"
