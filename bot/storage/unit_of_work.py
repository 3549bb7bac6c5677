"""One transaction over the repositories."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.domain.clock import utc_now
from bot.domain.errors import Conflict, StorageUnavailable
from bot.storage.accounts import SqlAccounts, SqlAttempts, SqlPageLinks, SqlSessions
from bot.storage.audit import SqlAudit
from bot.storage.changes import SqlChanges
from bot.storage.engine import read_only, turn
from bot.storage.incidents import SqlIncidents
from bot.storage.keys import SqlKeys
from bot.storage.live import SqlFeedback, SqlForgetting, SqlTyping
from bot.storage.outbox import SqlHeartbeats, SqlPages, SqlTimers
from bot.storage.overview import SqlOverview
from bot.storage.questions import SqlQuestions
from bot.storage.queue import SqlQueue
from bot.storage.repositories import SqlConversations, SqlEscalations, SqlMessages
from bot.storage.retention import SqlRetention
from bot.storage.reviews import SqlBorderlines, SqlSafetyQuestions
from bot.storage.sealing import Sealer
from bot.storage.telephone import SqlAddresses, SqlCalls, SqlWebhooks
from bot.storage.texts import SqlTexts

# PostgreSQL's codes for a serialization failure and a deadlock.
_LOST_RACES = ("40001", "40P01")


class SqlUnitOfWork:
    """A transaction on an engine; what patients say is sealed. SQLAlchemy's errors leave it as StorageUnavailable.

    One that `only_reads` waits for no writer and cannot be committed. `on_change`
    is called after a commit that changed what others follow.
    """

    conversations: SqlConversations
    messages: SqlMessages
    escalations: SqlEscalations
    pages: SqlPages
    timers: SqlTimers
    heartbeats: SqlHeartbeats
    safety_questions: SqlSafetyQuestions
    borderlines: SqlBorderlines
    addresses: SqlAddresses
    texts: SqlTexts
    calls: SqlCalls
    webhooks: SqlWebhooks
    keys: SqlKeys
    changes: SqlChanges
    typing: SqlTyping
    feedback: SqlFeedback
    forgetting: SqlForgetting
    accounts: SqlAccounts
    sessions: SqlSessions
    attempts: SqlAttempts
    page_links: SqlPageLinks
    audit: SqlAudit
    queue: SqlQueue
    questions: SqlQuestions
    incidents: SqlIncidents
    overview: SqlOverview
    retention: SqlRetention

    def __init__(
        self,
        engine: Engine,
        sealer: Sealer,
        *,
        only_reads: bool = False,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._engine = engine
        self._sealer = sealer
        self._only_reads = only_reads
        self._on_change = on_change
        self._connection: Connection | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as held:
            if not self._only_reads:
                held.enter_context(turn(self._engine))
            try:
                connection = held.enter_context(self._engine.connect())  # its end rolls back what was not committed
                if self._only_reads:
                    connection = read_only(connection)
                connection.begin()
            except SQLAlchemyError as error:
                raise _translated(error) from error
            self._held = held.pop_all()
        self._connection = connection
        self.changes = SqlChanges(connection)
        self.conversations = SqlConversations(connection, self._sealer, self.changes)
        self.messages = SqlMessages(connection, self._sealer, self.changes)
        self.escalations = SqlEscalations(connection, self._sealer, self.changes)
        self.pages = SqlPages(connection)
        self.timers = SqlTimers(connection)
        self.heartbeats = SqlHeartbeats(connection)
        self.safety_questions = SqlSafetyQuestions(connection)
        self.borderlines = SqlBorderlines(connection, self._sealer)
        self.addresses = SqlAddresses(connection, self._sealer)
        self.texts = SqlTexts(connection, self._sealer)
        self.calls = SqlCalls(connection, self._sealer)
        self.webhooks = SqlWebhooks(connection, self._sealer)
        self.keys = SqlKeys(connection, self._sealer)
        self.typing = SqlTyping(connection, self.changes)
        self.feedback = SqlFeedback(connection, self._sealer)
        self.forgetting = SqlForgetting(connection, self._sealer, self.changes)
        self.accounts = SqlAccounts(connection, self._sealer)
        self.sessions = SqlSessions(connection, self._sealer)
        self.attempts = SqlAttempts(connection)
        self.page_links = SqlPageLinks(connection)
        self.audit = SqlAudit(connection, self._sealer)
        self.queue = SqlQueue(connection, self._sealer)
        self.questions = SqlQuestions(connection, self._sealer)
        self.incidents = SqlIncidents(connection, self._sealer)
        self.overview = SqlOverview(connection)
        self.retention = SqlRetention(connection)
        return self

    def commit(self) -> None:
        """Make it durable, or raise StorageUnavailable."""
        if self._connection is None:
            raise RuntimeError("commit outside of the block")
        if self._only_reads:
            raise RuntimeError("commit of a transaction that only reads")
        try:
            self.audit.write()
            changed = self.changes.write(utc_now())
            self._connection.commit()  # type: ignore[attr-defined]  # 2.0 style; the stubs know 1.4
        except SQLAlchemyError as error:
            raise _translated(error) from error
        if changed and self._on_change is not None:
            self._on_change()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection = None
        self._held.close()
        if isinstance(error, SQLAlchemyError):
            raise _translated(error) from error


def _translated(error: SQLAlchemyError) -> StorageUnavailable:
    kind = Conflict if isinstance(error, IntegrityError) or _is_lost_race(error) else StorageUnavailable
    return kind(_reason(error))


def _is_lost_race(error: SQLAlchemyError) -> bool:
    """Whether the engine ended one of two transactions that waited for each other."""
    return getattr(getattr(error, "orig", None), "pgcode", None) in _LOST_RACES


def _reason(error: SQLAlchemyError) -> str:
    """What went wrong without the statement's values: they are patient data."""
    original = getattr(error, "orig", None)
    return f"{type(error).__name__}: {original if original is not None else 'no detail'}"
