"""What the use cases need from the outside, as protocols; `bot.app` plugs them in."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from bot.domain.conversation import Mode
from bot.domain.escalation import Escalation, Status, Tier
from bot.domain.language import Language
from bot.domain.messages import Reply
from bot.domain.on_call import Contact
from bot.domain.paging_policy import Position
from bot.services.account_ports import Accounts, Attempts, Audit, PageLinks, Sessions
from bot.services.live_ports import ChangeLog, Feedback, Forgetting, Typing
from bot.services.queue_ports import Questions, Queue
from bot.services.report_ports import Incidents, Overview, RetainedData
from bot.services.telephone_ports import Addresses, Calls, Texts, Webhooks


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as stored."""

    id: str
    channel: str
    mode: Mode
    language: Language = Language.ENGLISH
    callback_number: str | None = field(default=None, repr=False)


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

    `bare_answer` when it only answered a question of the symptom talk,
    `asked_back` when it left open whether it is happening right now.
    """

    text: str = field(repr=False)
    at: datetime
    reported: bool
    bare_answer: bool = False
    asked_back: bool = False


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
class PagePlan:
    """A page to be stored. `step` names it within its escalation: the same step twice is one page."""

    escalation_id: str
    step: str
    person: str
    contact: int


@dataclass(frozen=True, slots=True)
class Page:
    """One way to reach one person, due at a time. `attempts` counts this one."""

    id: str
    escalation_id: str
    step: str
    person: str
    contact: int
    reference: str
    tier: Tier
    opened_at: datetime
    language: str
    canary: bool
    attempts: int


class TimerKind(enum.StrEnum):
    """What is due next for an escalation."""

    LADDER = "ladder"  # the next step
    ANSWER = "answer"  # nobody has acknowledged: the patient is told to call
    TAKE_OVER = "take_over"  # acknowledged, and nobody has taken it over
    FIRST_MESSAGE = "first_message"  # taken over, and not a word to the patient
    CLOSE = "close"  # answered, and not closed


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that is due; `position` matters for the ladder."""

    escalation_id: str
    kind: TimerKind
    position: Position
    due_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of an escalation's append-only history."""

    at: datetime
    actor: str
    event: str
    detail: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TalkEntry:
    """One message of a conversation, whoever wrote it. `reply` is ours as the API has it.

    `message_id` (the sender's own) and `answered` are of the patient's messages,
    `in_reply_to` (a `message_id`) and `helpful` of ours.
    """

    position: int
    author: str
    text: str = field(repr=False)
    at: datetime
    reply: Mapping[str, Any] | None = field(default=None, repr=False)
    message_id: str | None = None
    answered: bool | None = None
    in_reply_to: str | None = None
    helpful: bool | None = None


class Conversations(Protocol):
    """Stored conversations."""

    def add(
        self, channel: str, now: datetime, conversation_id: str | None = None, sender_key: str | None = None
    ) -> Conversation: ...
    def get(self, conversation_id: str) -> Conversation | None: ...
    def lock(self, conversation_id: str) -> None: ...
    def by_sender(self, sender_key: str) -> Conversation | None: ...
    def set_mode(self, conversation_id: str, mode: Mode, now: datetime) -> None: ...
    def set_callback_number(self, conversation_id: str, number: str, now: datetime) -> None: ...
    def set_language(self, conversation_id: str, language: Language, now: datetime) -> None: ...


class Messages(Protocol):
    """Stored messages, the patient's and ours."""

    def add_inbound(
        self, conversation_id: str, client_message_id: str, text: str, screening: Mapping[str, Any], now: datetime
    ) -> StoredMessage: ...
    def find(self, conversation_id: str, client_message_id: str) -> StoredMessage | None: ...
    def first_with(self, channel: str, client_message_id: str, since: datetime) -> StoredMessage | None: ...
    def add_replies(self, inbound: StoredMessage, replies: Sequence[Reply], now: datetime) -> tuple[Reply, ...]: ...
    def replies_to(self, message_id: str) -> tuple[Reply, ...]: ...
    def last_replies(self, conversation_id: str) -> tuple[Reply, ...]: ...
    def unanswered(self, channel: str, before: datetime, limit: int) -> tuple[StoredMessage, ...]: ...
    def add_notice(self, conversation_id: str, key: str, author: str, reply: Reply, now: datetime) -> Reply | None: ...
    def talk(self, conversation_id: str, after: int, limit: int) -> tuple[TalkEntry, ...]: ...
    def told_at(self, conversation_id: str, key: str) -> datetime | None: ...
    def last_topic(self, conversation_id: str) -> str | None: ...
    def patient_turns(self, conversation_id: str, limit: int) -> tuple[Turn, ...]: ...


class Escalations(Protocol):
    """Stored escalations with their history."""

    def open_for(self, conversation_id: str) -> Escalation | None: ...
    def latest_for(self, conversation_id: str) -> Escalation | None: ...
    def get(self, escalation_id: str) -> Escalation | None: ...
    def hold(self, escalation_id: str) -> Escalation | None: ...
    def by_reference(self, reference: str) -> Escalation | None: ...
    def add(self, escalation: Escalation) -> None: ...
    def update(self, escalation: Escalation, seen: Status | None = None) -> bool: ...
    def history(self, escalation_id: str) -> tuple[HistoryEntry, ...]: ...
    def last(self, escalation_id: str, events: Collection[str]) -> datetime | None: ...
    def attach(self, escalation_id: str, message_id: str) -> bool: ...
    def record(self, escalation_id: str, actor: str, event: str, detail: Mapping[str, Any], now: datetime) -> None: ...
    def listing(self, include_resolved: bool, canaries: bool = False) -> tuple[Escalation, ...]: ...


class Pages(Protocol):
    """The outbox of pages."""

    def add(self, plan: PagePlan, due_at: datetime, now: datetime) -> bool: ...
    def get(self, page_id: str) -> Page | None: ...
    def lease_due(self, now: datetime, lease_until: datetime, limit: int) -> tuple[Page, ...]: ...
    def mark_sent(self, page_id: str, now: datetime) -> None: ...
    def mark_failed(self, page: Page, error: str, retry_at: datetime) -> bool: ...
    def mark_refused(self, page: Page, error: str) -> bool: ...
    def mark_unanswered(self, page_id: str, reason: str) -> bool: ...
    def sent(self, escalation_id: str) -> str | None: ...
    def cancel(self, escalation_id: str) -> int: ...
    def states(self, escalation_id: str, prefix: str) -> frozenset[str]: ...


class Timers(Protocol):
    """What is due next, one timer a kind and escalation."""

    def set(self, timer: Timer, now: datetime) -> None: ...
    def get(self, escalation_id: str, kind: TimerKind) -> Timer | None: ...
    def clear(self, escalation_id: str, *kinds: TimerKind) -> None: ...
    def due(self, now: datetime, limit: int) -> tuple[Timer, ...]: ...
    def take(self, timer: Timer) -> bool: ...


class Heartbeats(Protocol):
    """When each background process was last at work."""

    def beat(self, name: str, now: datetime) -> None: ...
    def last(self, name: str) -> datetime | None: ...


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
    def timers(self) -> Timers: ...
    @property
    def heartbeats(self) -> Heartbeats: ...
    @property
    def safety_questions(self) -> SafetyQuestions: ...
    @property
    def borderlines(self) -> Borderlines: ...
    @property
    def changes(self) -> ChangeLog: ...
    @property
    def typing(self) -> Typing: ...
    @property
    def feedback(self) -> Feedback: ...
    @property
    def forgetting(self) -> Forgetting: ...
    @property
    def addresses(self) -> Addresses: ...
    @property
    def texts(self) -> Texts: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def page_links(self) -> PageLinks: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def questions(self) -> Questions: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def overview(self) -> Overview: ...
    @property
    def retention(self) -> RetainedData: ...

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
    """A way to reach staff.

    `token` names the page, as in its link, for ways that are asked back about
    it; empty where no page is stored. Raises PageRefused when it will never be
    taken, OSError when it may be later.
    """

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None: ...
