"""What the use cases need from the outside, as protocols; `bot.app` plugs them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from bot.domain.conversation import Mode
from bot.domain.escalation import Escalation, Tier
from bot.domain.language import Language
from bot.domain.messages import Reply


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as stored."""

    id: str
    channel: str
    mode: Mode
    language: Language = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A patient's message as stored; `answered` when its replies are stored too."""

    id: str
    conversation_id: str
    client_message_id: str
    text: str = field(repr=False)
    answered: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """What a patient wrote earlier; `reported` when it led to an escalation on its own.

    `bare_answer` when it only answered a question of the symptom talk.
    """

    text: str = field(repr=False)
    at: datetime
    reported: bool
    bare_answer: bool = False


@dataclass(frozen=True, slots=True)
class SafetyQuestion:
    """An unanswered "is this happening right now?", and what it is taken for if it is."""

    id: str
    conversation_id: str
    message_id: str
    tier: Tier
    category: str
    chance: float
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Borderline:
    """A message just below the line. `chance` is 0 to 1; `decision` is None until somebody decided."""

    message_id: str
    conversation_id: str
    reference: str
    text: str = field(repr=False)
    channel: str
    language: str
    tier: Tier
    category: str
    chance: float
    created_at: datetime
    decision: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a member of staff says of a borderline message; no tier: not a report."""

    by: str
    tier: Tier | None
    category: str


@dataclass(frozen=True, slots=True)
class Page:
    """One attempt to reach the staff, due at a time."""

    id: str
    escalation_id: str
    reference: str
    tier: Tier
    opened_at: datetime
    attempts: int


class Conversations(Protocol):
    """Stored conversations."""

    def add(
        self, channel: str, now: datetime, conversation_id: str | None = None, sender_key: str | None = None
    ) -> Conversation: ...
    def get(self, conversation_id: str) -> Conversation | None: ...
    def by_sender(self, sender_key: str) -> Conversation | None: ...
    def set_mode(self, conversation_id: str, mode: Mode, now: datetime) -> None: ...
    def set_language(self, conversation_id: str, language: Language, now: datetime) -> None: ...


class Messages(Protocol):
    """Stored messages, the patient's and ours."""

    def add_inbound(
        self, conversation_id: str, client_message_id: str, text: str, screening: Mapping[str, Any], now: datetime
    ) -> StoredMessage: ...
    def find(self, conversation_id: str, client_message_id: str) -> StoredMessage | None: ...
    def first_with(self, channel: str, client_message_id: str, since: datetime) -> StoredMessage | None: ...
    def add_replies(self, inbound: StoredMessage, replies: Sequence[Reply], now: datetime) -> None: ...
    def replies_to(self, message_id: str) -> tuple[Reply, ...]: ...
    def last_topic(self, conversation_id: str) -> str | None: ...
    def patient_turns(self, conversation_id: str, limit: int) -> tuple[Turn, ...]: ...


class Escalations(Protocol):
    """Stored escalations with their history."""

    def open_for(self, conversation_id: str) -> Escalation | None: ...
    def add(self, escalation: Escalation) -> None: ...
    def update(self, escalation: Escalation) -> None: ...
    def attach(self, escalation_id: str, message_id: str) -> bool: ...
    def record(self, escalation_id: str, actor: str, event: str, detail: Mapping[str, Any], now: datetime) -> None: ...
    def listing(self, include_resolved: bool) -> tuple[Escalation, ...]: ...


class Pages(Protocol):
    """The outbox of pages."""

    def add(self, escalation_id: str, step: str, due_at: datetime, now: datetime) -> bool: ...
    def lease_due(self, now: datetime, lease_until: datetime, limit: int) -> tuple[Page, ...]: ...
    def mark_sent(self, page_id: str, now: datetime) -> None: ...
    def mark_failed(self, page_id: str, error: str, retry_at: datetime) -> None: ...


class SafetyQuestions(Protocol):
    """Questions asked back, at most one unanswered a conversation."""

    def ask(
        self, message: StoredMessage, tier: Tier, category: str, chance: float, now: datetime, due_at: datetime
    ) -> None: ...
    def open_for(self, conversation_id: str) -> SafetyQuestion | None: ...
    def due(self, now: datetime, limit: int) -> tuple[SafetyQuestion, ...]: ...
    def close(self, question_id: str, outcome: str, now: datetime) -> bool: ...


class Borderlines(Protocol):
    """Messages just below the line, for review."""

    def add(self, message_id: str, tier: Tier, category: str, chance: float, now: datetime) -> None: ...
    def listing(self, include_decided: bool) -> tuple[Borderline, ...]: ...
    def by_reference(self, reference: str) -> Borderline | None: ...
    def decide(self, message_id: str, decision: Decision, now: datetime) -> bool: ...


class UnitOfWork(Protocol):
    """One transaction: leaving the block without `commit` takes everything back."""

    @property
    def conversations(self) -> Conversations: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def pages(self) -> Pages: ...
    @property
    def safety_questions(self) -> SafetyQuestions: ...
    @property
    def borderlines(self) -> Borderlines: ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


UnitOfWorkFactory = Callable[[], UnitOfWork]


class Dialogue(Protocol):
    """The talking part. Raises DialogueUnavailable when nothing usable comes back."""

    async def ask(self, conversation_id: str, text: str, message_id: str) -> tuple[Reply, ...]: ...
    async def healthy(self) -> bool: ...


class Spool(Protocol):
    """Where a severe report goes when the database does not take it."""

    def append(self, record: Mapping[str, Any]) -> bool: ...
    def drain(self, take: Callable[[Mapping[str, Any]], None]) -> int: ...


class Pager(Protocol):
    """A way to reach staff. Raises OSError when the page did not leave."""

    def send(self, page: Page, text: str) -> None: ...
