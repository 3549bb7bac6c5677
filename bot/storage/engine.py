"""Engines: SQLite made durable and honest about locks, PostgreSQL as it is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.domain.errors import StorageUnavailable

_BUSY_TIMEOUT_SECONDS = 5
# SQLite has one writer at a time, and those who wait for a file's lock ask again after a nap: under load some wait for
# seconds. Within a process they stand in a queue instead.
_turns: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


def create_engine(url: str) -> Engine:
    """An engine for `url`; nothing is opened yet."""
    if make_url(url).get_backend_name() == "sqlite":
        return _create_sqlite_engine(url)
    # Errors do not repeat what was to be stored.
    return sa.create_engine(url, future=True, pool_pre_ping=True, hide_parameters=True)


def _create_sqlite_engine(url: str) -> Engine:
    # NullPool: connections are used from several threads, and opening a file
    # costs less than a stale connection after the file was replaced.
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,
        poolclass=NullPool,
        connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _configure_sqlite)
    sa.event.listen(engine, "begin", _begin)
    _turns[engine] = threading.Lock()
    return engine


@contextlib.contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """This process's turn to write, where only one can. Raises StorageUnavailable when it does not come."""
    lock = _turns.get(engine)
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=_BUSY_TIMEOUT_SECONDS):
        raise StorageUnavailable("no turn to write in time")
    try:
        yield
    finally:
        lock.release()


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a committed report survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what was deleted, or sealed since, is not left in the file
    cursor.close()


def read_only(connection: Connection) -> Connection:
    """The connection for transactions that only read: they wait for no writer, and none for them."""
    changed: Connection = connection.execution_options(read_only=True, postgresql_readonly=True)
    return changed


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("read_only"):
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
        return
    # A transaction that starts by reading and then writes would fail at once
    # when another writer came first; taking the lock at BEGIN waits instead.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def settle(engine: Engine) -> None:
    """Let nothing stay behind of what was replaced: SQLite's log goes into its file. For PostgreSQL that is VACUUM's work."""
    if engine in _turns:
        with turn(engine), engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def ping(engine: Engine) -> bool:
    """Whether the database answers and holds our tables."""
    try:
        with engine.connect() as connection:
            read_only(connection).execute(sa.text("SELECT 1 FROM conversations LIMIT 1"))
    except SQLAlchemyError:
        return False
    return True
