"""A database of the run's own, and how it is taken away for a while."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url

# Long enough for a writer of the assistant to end; then the lock is ours.
_LOCK_PATIENCE_SECONDS = 30


class Database(Protocol):
    """Where the assistant keeps everything during a run."""

    url: str

    @property
    def outages(self) -> Mapping[str, Callable[[float], None]]:
        """Ways to take it away, each for so many seconds; they return when it is back."""
        ...


class SqliteDatabase:
    """A file in a folder of its own, so that the folder can be moved with all that belongs to the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "database"
        self._folder.mkdir()
        self._path = self._folder / "assistant.db"
        self.url = f"sqlite:///{self._path}"

    @property
    def outages(self) -> Mapping[str, Callable[[float], None]]:
        """Locked by somebody else; and gone, as if its disk was."""
        return {"locked": self._locked, "moved away": self._moved_away}

    def _locked(self, seconds: float) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=_LOCK_PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)

    def _moved_away(self, seconds: float) -> None:
        elsewhere = self._folder.with_name("elsewhere")
        self._folder.rename(elsewhere)
        try:
            time.sleep(seconds)
        finally:
            elsewhere.rename(self._folder)


class PostgresDatabase:
    """A new database on a server that somebody else runs."""

    def __init__(self, server: Engine, name: str, url: str) -> None:
        self._server = server
        self._name = name
        self.url = url

    @property
    def outages(self) -> Mapping[str, Callable[[float], None]]:
        """The server turns everybody away."""
        return {"refused": self._refused}

    def _refused(self, seconds: float) -> None:
        self._allow("false")
        try:
            with self._server.connect() as connection:
                connection.execute(
                    sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                    {"name": self._name},
                )
            time.sleep(seconds)
        finally:
            self._allow("true")

    def _allow(self, answer: str) -> None:
        with self._server.connect() as connection:
            connection.exec_driver_sql(f'ALTER DATABASE "{self._name}" WITH ALLOW_CONNECTIONS {answer}')


@contextlib.contextmanager
def database(folder: Path, server_url: str | None) -> Iterator[Database]:
    """SQLite in `folder`; or a database made on the PostgreSQL server of `server_url`, and dropped after."""
    if server_url is None or make_url(server_url).get_backend_name() == "sqlite":
        yield SqliteDatabase(folder)
        return
    # Outside of a transaction: a database cannot be made inside of one.
    server = sa.create_engine(server_url, future=True, isolation_level="AUTOCOMMIT")
    name = f"torture_{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    try:
        url = make_url(server_url).set(database=name)
        yield PostgresDatabase(server, name, url.render_as_string(hide_password=False))
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        server.dispose()
