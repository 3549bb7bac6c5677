"""One text in, texts out: what is said goes into the outbox in the transaction that stores it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.conversation import Mode
from bot.domain.errors import StorageUnavailable
from bot.domain.keywords import Keyword, keyword
from bot.domain.language import Language
from bot.domain.messages import Inbound, Reply, ReplyKind, Sender
from bot.domain.rendering import button_text
from bot.services.exchange import Exchange, Heard
from bot.services.outgoing import OutgoingText, purpose_of, queue, text_key
from bot.services.ports import Conversation, StoredMessage, UnitOfWork
from bot.services.telephone_ports import Address, Consent, Purpose, TextState
from bot.services.texted import Texted, TextTriage
from bot.services.triage import Triaged

# The number of somebody who called is no consent to texts.
_SPOKEN = "phone"
# These say who we are themselves, or answer somebody who wants to hear nothing more.
_NO_GREETING = frozenset({"texting/help", "texting/stopped", "texting/stopped_with_report"})
# Opt-outs that the provider does not know of: it still carries a text.
_OURS = frozenset({"keyword", "plain_request", "pressed_key", "phone_tree", "staff"})


@dataclass(frozen=True, slots=True)
class TextIn:
    """A patient's text as the provider hands it over; `message_id` is the provider's.

    `pictures`: how many files came with it. `by_provider`: the keyword that the
    provider has answered on its own. `ours`: it was sent to a number that is set.
    """

    sender: Sender
    message_id: str
    body: str = field(repr=False)
    pictures: int = 0
    by_provider: Keyword | None = None
    ours: bool = True


class Waiting:
    """Whether the provider still waits for the answer to its webhook; the event loop and a worker share it."""

    def __init__(self, waits: bool) -> None:
        self._waits = waits
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._settled.set()

    def claim(self) -> bool:
        """Whether what is stored now goes out in the answer. True: `settle` says when it is stored."""
        with self._lock:
            if self._waits:
                self._settled.clear()
            return self._waits

    def settle(self) -> None:
        """What was claimed is stored."""
        self._settled.set()

    def end(self) -> None:
        """The answer leaves now: what is stored from here on does not go with it."""
        with self._lock:
            self._waits = False

    @property
    def is_settled(self) -> bool:
        """Whether everything that was claimed is stored."""
        return self._settled.is_set()


class TextExchange(Exchange):
    """A text and what is said to it. `late`: it was answered before, when it could not be stored."""

    def __init__(self, triage: TextTriage, clinic: Clinic, text: TextIn, late: bool = False) -> None:
        self._triage = triage
        self._clinic = clinic
        self._text = text
        self._late = late
        # Whether something was said in this transaction, and in one that is through.
        self._is_speaking = False
        self._has_spoken = False
        self._placing: tuple[OutgoingText, ...] = ()
        self.waiting = Waiting(not late)
        # What goes out in the answer, in order; all of it is stored.
        self.given: tuple[OutgoingText, ...] = ()
        # The database did not take it: what is said is not in the outbox.
        self.is_unstored = False

    def meaning(self, uow: UnitOfWork, conversation: Conversation, text: str) -> str:
        """A number or a word that stands for a button of the last answer is that button's text."""
        if conversation.mode is Mode.STAFF:
            return text
        buttons = [reply.buttons for reply in uow.messages.last_replies(conversation.id) if reply.buttons]
        return (button_text(buttons[-1], text) if buttons else None) or text

    def triage(self, uow: UnitOfWork, heard: Heard, act: Callable[[], Triaged]) -> Triaged:
        """Keywords, after the screen."""
        text = self._text
        texted = Texted(
            heard, self._address(uow), text.body, text.pictures, text.by_provider, late=self._late, ours=text.ours
        )
        return self._triage.follow(uow, texted, act)

    def say(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        message: StoredMessage,
        replies: tuple[Reply, ...],
        now: datetime,
    ) -> tuple[Reply, ...]:
        """Store what is said, and queue it: in the answer to the webhook if that is in time."""
        address = self._address(uow)
        replies = self._introduced(uow, address, replies, conversation.language)
        self._is_speaking = True
        said = uow.messages.add_replies(message, replies, now)
        self._placing = tuple(
            text for reply in said for text in self._place(uow, address, reply, conversation.language, now)
        )
        return said

    def again(self, uow: UnitOfWork, message: StoredMessage) -> None:
        """What was given in the answer and has not arrived at the provider, as far as we know, is given again."""
        keys = [
            text_key(message.conversation_id, reply.position)
            for reply in uow.messages.replies_to(message.id)
            if reply.position is not None
        ]
        texts = [text for key in keys for text in uow.texts.of_key(key) if text.state is TextState.IN_ANSWER]
        if self.waiting.claim():
            self.given = tuple(OutgoingText(text.id, text.body) for text in texts)
            self.waiting.settle()

    def committed(self) -> None:
        """What was placed in the answer may leave."""
        self.given += self._placing
        self._placing = ()
        self._has_spoken = self._has_spoken or self._is_speaking
        self.waiting.settle()

    def unstored(self, text: str) -> Reply | None:
        """That texts end or begin is kept on disk: it must not be forgotten."""
        self.waiting.end()
        self.is_unstored = True
        word = self._text.by_provider or keyword(text)
        if word is Keyword.STOP:
            return wording.stopped_reply(self._clinic)
        return wording.started_reply(self._clinic) if word is Keyword.START else None

    def _address(self, uow: UnitOfWork) -> Address:
        address = uow.addresses.find(self._text.sender.number, self._text.sender.clinic_number)
        if address is None:  # the transaction has just looked it up, or made it
            raise StorageUnavailable("the address is gone")
        return address

    def _introduced(
        self, uow: UnitOfWork, address: Address, replies: tuple[Reply, ...], language: Language
    ) -> tuple[Reply, ...]:
        """Who this is, and that pictures are not seen: before the answer, and behind what is said about safety."""
        first = next((at for at, reply in enumerate(replies) if reply.kind is not ReplyKind.SAFETY), len(replies))
        greeting = self._greeting(uow, address, replies, language)
        return (*replies[:first], *greeting, *self._note(language), *replies[first:])

    def _greeting(
        self, uow: UnitOfWork, address: Address, replies: tuple[Reply, ...], language: Language
    ) -> tuple[Reply, ...]:
        if address.greeted or address.stopped or not (replies or self._note(language)):
            return ()
        uow.addresses.set_greeted(address.id)
        if any(reply.topic in _NO_GREETING for reply in replies):
            return ()
        return (wording.greeting_reply(self._clinic, language),)

    def _note(self, language: Language) -> tuple[Reply, ...]:
        """Nobody looks at pictures: whoever sent them must know, and the staff see it, too."""
        if not self._text.pictures or self._has_spoken:
            return ()
        return (wording.no_pictures_reply(self._clinic, language),)

    def _place(
        self, uow: UnitOfWork, address: Address, reply: Reply, language: Language, now: datetime
    ) -> Sequence[OutgoingText]:
        """The texts of a reply that leave in the answer."""
        purpose = purpose_of(reply)
        state = self._state(uow, address, purpose)
        texts = queue(uow, address, reply, language, now, purpose, state)
        return texts if state is TextState.IN_ANSWER else ()

    def _state(self, uow: UnitOfWork, address: Address, purpose: Purpose) -> TextState:
        if address.stopped and purpose is not Purpose.CONFIRMATION:
            reaches = purpose is Purpose.SAFETY and self._is_ours(uow, address)
            return TextState.IN_ANSWER if reaches and self.waiting.claim() else TextState.REFUSED
        # Nothing goes before what waits; but about safety nothing waits for an answer to something else.
        may_leave = purpose is Purpose.SAFETY or not uow.texts.waiting(address.id)
        return TextState.IN_ANSWER if may_leave and self.waiting.claim() else TextState.PENDING

    def _is_ours(self, uow: UnitOfWork, address: Address) -> bool:
        """Whether the provider knows nothing of the stop, and so carries an answer."""
        since_agreed = itertools.takewhile(
            lambda entry: entry.consent is Consent.STOPPED, reversed(uow.addresses.record_of(address.id))
        )
        return all(entry.how in _OURS for entry in since_agreed)


def late_exchange(triage: TextTriage, clinic: Clinic, inbound: Inbound) -> Exchange:
    """For what is answered when no webhook waits any more: a text's answer goes into the outbox."""
    if inbound.sender is None or inbound.channel == _SPOKEN:
        return Exchange()
    return TextExchange(triage, clinic, TextIn(inbound.sender, inbound.message_id, inbound.text), late=True)
