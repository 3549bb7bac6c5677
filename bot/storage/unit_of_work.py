"""One transaction over the repositories."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.domain.errors import Conflict, StorageUnavailable
from bot.storage.repositories import SqlConversations, SqlEscalations, SqlMessages, SqlPages
from bot.storage.reviews import SqlBorderlines, SqlSafetyQuestions


class SqlUnitOfWork:
    """A transaction on an engine; SQLAlchemy's errors leave it as StorageUnavailable."""

    conversations: SqlConversations
    messages: SqlMessages
    escalations: SqlEscalations
    pages: SqlPages
    safety_questions: SqlSafetyQuestions
    borderlines: SqlBorderlines

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        try:
            connection = self._engine.connect()
            connection.begin()
        except SQLAlchemyError as error:
            raise _translated(error) from error
        self._connection = connection
        self.conversations = SqlConversations(connection)
        self.messages = SqlMessages(connection)
        self.escalations = SqlEscalations(connection)
        self.pages = SqlPages(connection)
        self.safety_questions = SqlSafetyQuestions(connection)
        self.borderlines = SqlBorderlines(connection)
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
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # rolls back what was not committed
        if isinstance(error, SQLAlchemyError):
            raise _translated(error) from error


def _translated(error: SQLAlchemyError) -> StorageUnavailable:
    kind = Conflict if isinstance(error, IntegrityError) else StorageUnavailable
    return kind(_reason(error))


def _reason(error: SQLAlchemyError) -> str:
    """What went wrong without the statement's values: they are patient data."""
    original = getattr(error, "orig", None)
    return f"{type(error).__name__}: {original if original is not None else 'no detail'}"
