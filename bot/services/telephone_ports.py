"""What texting and calling need from the outside, as protocols; `bot.app` plugs them in."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Address:
    """A patient's number beside the clinic's number that it talks to, both E.164, and the talk that they have.

    `stopped`: no text may leave to it. `greeted`: it was told who we are.
    """

    id: str
    number: str = field(repr=False)
    clinic_number: str
    conversation_id: str
    stopped: bool
    greeted: bool


class Consent(enum.StrEnum):
    """What a patient agreed to or took back."""

    GIVEN = "given"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One line of the append-only record.

    `how`: texted_first, keyword, plain_request, provider_keyword (the provider answered it itself), pressed_key,
    phone_tree, provider_refused, staff.
    """

    at: datetime
    consent: Consent
    how: str
    words: str = field(repr=False)


class Purpose(enum.StrEnum):
    """Why a text is sent. Only CONFIRMATION may go to a number that has stopped, and only the one that confirms it."""

    ANSWER = "answer"
    PROMISED = "promised"  # to a caller, in place of a call back: one that does not arrive is called back
    SAFETY = "safety"
    NOTICE = "notice"
    STAFF = "staff"
    CONFIRMATION = "confirmation"


class TextState(enum.StrEnum):
    """How far a text has got."""

    PENDING = "pending"  # waits for its turn
    IN_ANSWER = (
        "in_answer"  # went out in the answer to a webhook; a receipt or a look at the provider's list confirms it
    )
    SENT = "sent"  # the provider has accepted it
    DELIVERED = "delivered"  # the carrier says that it arrived
    FAILED = "failed"  # it did not, and will not
    REFUSED = "refused"  # not sent: the number has stopped, or the provider does not take it


@dataclass(frozen=True, slots=True)
class Text:
    """A text to a patient. `attempts` counts the tries, with the one that it is leased for.

    `unsure`: an earlier try may have been accepted, also when its sender died on it. `stopped` is as of when it was read.
    """

    id: str
    address_id: str
    conversation_id: str
    number: str = field(repr=False)
    clinic_number: str
    body: str = field(repr=False)
    purpose: Purpose
    state: TextState
    attempts: int
    unsure: bool
    stopped: bool
    provider_id: str | None
    created_at: datetime


class Addresses(Protocol):
    """Patients' numbers. Looked up by a keyed hash, stored encrypted."""

    def find(self, number: str, clinic_number: str) -> Address | None: ...
    def get(self, address_id: str) -> Address | None: ...
    def of(self, conversation_id: str) -> Address | None: ...  # where it was joined last; stopped only if all are
    def add(self, number: str, clinic_number: str, conversation_id: str, now: datetime) -> Address: ...
    def join(self, address_id: str, conversation_id: str, now: datetime) -> None: ...
    def set_greeted(self, address_id: str) -> None: ...
    def record(self, address_id: str, consent: Consent, how: str, words: str, now: datetime) -> None: ...
    def record_of(self, address_id: str) -> tuple[ConsentEntry, ...]: ...


class Texts(Protocol):
    """The outbox of texts to patients: one at a time for each patient, in order.

    Errors that are stored are constant words, never a number.
    """

    def add(
        self,
        address: Address,
        key: str,
        bodies: Sequence[str],
        purpose: Purpose,
        now: datetime,
        state: TextState = TextState.PENDING,
    ) -> tuple[str, ...]: ...  # ids; empty when `key` is known
    def of_key(self, key: str) -> tuple[Text, ...]: ...
    def get(self, text_id: str) -> Text | None: ...
    def lease_due(
        self, now: datetime, lease_until: datetime, limit: int, full: Collection[str] = ()
    ) -> tuple[Text, ...]: ...  # `full`: numbers of the clinic's that may send nothing now
    def waiting(self, address_id: str) -> bool: ...  # whether anything is pending for it
    def sent_since(self, clinic_number: str, since: datetime) -> int: ...  # for the number's pace
    def mark_sent(self, text_id: str, provider_id: str | None, now: datetime) -> None: ...
    def mark_later(self, text: Text, error: str, retry_at: datetime, unsure: bool) -> bool: ...
    def mark_ended(self, text_id: str, state: TextState, error: str, now: datetime) -> bool: ...
    def by_provider_id(self, provider_id: str) -> Text | None: ...
    def unconfirmed(self, before: datetime, limit: int) -> tuple[Text, ...]: ...  # IN_ANSWER without a receipt


@dataclass(frozen=True, slots=True)
class Call:
    """A call as far as it has got. `state` is the phone tree's own, as JSON."""

    id: str  # the provider's
    conversation_id: str
    address_id: str | None  # None: the number is withheld
    state: Mapping[str, Any]
    ended: bool


class Calls(Protocol):
    """Calls that are on, and those that were."""

    def get(self, call_id: str) -> Call | None: ...
    def add(self, call_id: str, conversation_id: str, address_id: str | None, now: datetime) -> Call: ...
    def set_state(self, call_id: str, state: Mapping[str, Any], now: datetime) -> None: ...
    def end(self, call_id: str, now: datetime) -> bool: ...


class Webhooks(Protocol):
    """Webhook deliveries that were acted on, by the provider's id: the same again gets the same answer, for 48 hours."""

    def answer(self, delivery: str) -> str | None: ...
    def keep(self, delivery: str, answer: str, now: datetime) -> None: ...
    def forget(self, before: datetime, limit: int) -> int: ...


class TextRefused(Exception):
    """The provider will never take this text. `stopped`: because the patient opted out (21610)."""

    def __init__(self, reason: str, stopped: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.stopped = stopped


class TextUnsure(OSError):
    """No answer came: the text may have been accepted all the same."""


class Telephony(Protocol):
    """The provider, for services. Another provider is one module with these methods.

    Raises TextRefused for good, TextUnsure when it may have been accepted,
    another OSError when it was not and may be later.
    """

    def send_text(self, sender: str, to: str, body: str, status_path: str) -> str: ...  # the provider's id
    def was_sent(
        self, sender: str, to: str, body: str, since: datetime, but: Collection[str] = ()
    ) -> str | None: ...  # its id if it is in the list; `but` are known to be other texts
    def place_call(self, sender: str, to: str, path: str) -> str: ...  # `path` of ours says what is spoken
    def takes_texts(self, number: str) -> bool | None: ...  # False: a landline; None: not known
