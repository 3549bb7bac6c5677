"""One transaction over the repositories."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.domain.errors import Conflict, StorageUnavailable
from bot.storage.engine import turn
from bot.storage.keys import SqlKeys
from bot.storage.outbox import SqlHeartbeats, SqlPages, SqlTimers
from bot.storage.repositories import SqlConversations, SqlEscalations, SqlMessages
from bot.storage.reviews import SqlBorderlines, SqlSafetyQuestions
from bot.storage.sealing import Sealer
from bot.storage.telephone import SqlAddresses, SqlCalls, SqlWebhooks
from bot.storage.texts import SqlTexts

# PostgreSQL's codes for a serialization failure and a deadlock.
_LOST_RACES = ("40001", "40P01")


class SqlUnitOfWork:
    """A transaction on an engine; what patients say is sealed. SQLAlchemy's errors leave it as StorageUnavailable."""

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

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer
        self._connection: Connection | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as held:
            held.enter_context(turn(self._engine))
            try:
                connection = held.enter_context(self._engine.connect())  # its end rolls back what was not committed
                connection.begin()
            except SQLAlchemyError as error:
                raise _translated(error) from error
            self._held = held.pop_all()
        self._connection = connection
        self.conversations = SqlConversations(connection, self._sealer)
        self.messages = SqlMessages(connection, self._sealer)
        self.escalations = SqlEscalations(connection, self._sealer)
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
        return self

    def commit(self) -> None:
        """Make it durable, or raise StorageUnavailable."""
        if self._connection is None:
            raise RuntimeError("commit outside of the block")
        try:
            self._connection.commit()  # type: ignore[attr-defined]  # 2.0 style; the stubs know 1.4
        except SQLAlchemyError as error:
            raise _translated(error) from error

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
