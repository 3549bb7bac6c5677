"""A caller's words in the intake: what is screened alone, and what nobody is there to answer any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Reply
from bot.safety.answer import answer_of
from bot.services.escalations import EscalationDesk, Report
from bot.services.exchange import Exchange, Heard
from bot.services.outgoing import has_agreed, purpose_of, queue
from bot.services.ports import Conversation, StoredMessage, UnitOfWork
from bot.services.telephone_ports import Address, Purpose
from bot.services.triage import Triaged

# In the state of a call: the turn whose answer is texted when it is there.
TEXT_LATER = "text_later"


class SpokenExchange(Exchange):
    """Words on a line that is open.

    `screen_only`: the dialogue is not asked. `unclear`: heard so badly that
    only a report, a doubt and a yes count: a "no" may have been anything.
    `call_id` and `turn`: where they were said, for an answer that comes too late to be spoken.
    """

    def __init__(self, screen_only: bool = False, unclear: bool = False, call_id: str = "", turn: int = 0) -> None:
        self._screen_only = screen_only
        self._unclear = unclear
        self._call_id = call_id
        self._turn = turn

    def triage(self, uow: UnitOfWork, heard: Heard, act: Callable[[], Triaged]) -> Triaged:
        """Screened like every message; what is left of it is not always for the dialogue."""
        if self._unclear and not self._counts(uow, heard):
            return Triaged((), None, False, uow.escalations.open_for(heard.conversation.id))
        triaged = act()
        return replace(triaged, rest=None) if self._screen_only else triaged

    def say(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        message: StoredMessage,
        replies: tuple[Reply, ...],
        now: datetime,
    ) -> tuple[Reply, ...]:
        """Store what is said; whoever asked for a text rather than wait gets it there."""
        said = uow.messages.add_replies(message, replies, now)
        call = uow.calls.get(self._call_id)
        if call is not None and call.state.get(TEXT_LATER) == self._turn:
            text(uow, conversation, said, now)
        return said

    def _counts(self, uow: UnitOfWork, heard: Heard) -> bool:
        if heard.verdict.tier is not None:
            return True
        if uow.safety_questions.open_for(heard.conversation.id) is not None:
            return answer_of(heard.message.text) is True
        return heard.verdict.doubt is not None and heard.verdict.doubt.ask_back


class LeftExchange(Exchange):
    """Words that were left: a transcript, or what another phone tree was told. Nobody hears an answer.

    What is about safety is texted where texts were agreed to. `fields`: what the
    staff need to find the recording.
    """

    def __init__(self, desk: EscalationDesk, fields: dict[str, object] | None = None) -> None:
        self._desk = desk
        self._fields = fields or {}

    def triage(self, uow: UnitOfWork, heard: Heard, act: Callable[[], Triaged]) -> Triaged:
        """Where one would ask back, a person has to look: nobody answers."""
        doubt = heard.verdict.doubt
        if heard.verdict.tier is None and doubt is not None and doubt.ask_back:
            report = Report(
                heard.message.id,
                Tier.URGENT.worst(doubt.tier),
                "cannot_be_asked",
                (doubt.category,),
                {"chance": doubt.chance, **self._fields},
            )
            return Triaged((), None, False, self._desk.open_in(uow, heard.conversation, report))
        if heard.verdict.tier is None and uow.safety_questions.open_for(heard.conversation.id) is not None:
            # Not taken for an answer: it stays unanswered, and the staff look at it.
            return Triaged((), None, False, uow.escalations.open_for(heard.conversation.id))
        return replace(act(), rest=None)

    def say(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        message: StoredMessage,
        replies: tuple[Reply, ...],
        now: datetime,
    ) -> tuple[Reply, ...]:
        """Store what is said, and text it."""
        said = uow.messages.add_replies(message, replies, now)
        text(uow, conversation, said, now)
        return said


def text(uow: UnitOfWork, conversation: Conversation, said: tuple[Reply, ...], now: datetime) -> None:
    """What is said, where texts were agreed to."""
    address = uow.addresses.of(conversation.id)
    if address is not None and not address.stopped and has_agreed(uow, address):
        for reply in said:
            promise(uow, address, reply, conversation.language, now)


def promise(uow: UnitOfWork, address: Address, reply: Reply, language: Language, now: datetime) -> None:
    """Text what a caller was told would come: where it does not arrive, the staff call."""
    purpose = purpose_of(reply)
    queue(uow, address, reply, language, now, Purpose.PROMISED if purpose is Purpose.ANSWER else purpose)
