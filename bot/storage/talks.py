"""Where Rasa's memory of talks is kept: one sealed row each, which may be lost at any time.

It is no part of the migrations, nor of a backup: the record of what was said
is the gateway's. On SQLite it has a file of its own, so that questions do not
stand in the way of reports.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import IntegrityError

from bot.storage.sealing import Sealer
from bot.storage.tables import UtcDateTime

_metadata = sa.MetaData()
_talks = sa.Table(
    "rasa_talks",
    _metadata,
    sa.Column("sender", sa.String(255), primary_key=True),
    sa.Column("memory", sa.Text, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False, index=True),
)


def talks_engine(database_url: str) -> Engine:
    """An engine for talks beside the database of a URL: in it, or for SQLite in a file next to it."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, future=True, pool_pre_ping=True)
    engine = sa.create_engine(url.set(database=f"{url.database}.talks"), future=True)
    sa.event.listen(engine, "connect", _configure_sqlite)
    return engine


def _configure_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # a power cut may cost the last turns of a talk, and no report
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


class Talks:
    """Memories by sender. Raises SQLAlchemy's errors: Rasa goes on without a memory then, and says so."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def prepare(self) -> None:
        """Make the table if it is not there; several may do so at once."""
        try:
            _metadata.create_all(self._engine)
        except sa.exc.DBAPIError:
            if not sa.inspect(self._engine).has_table(_talks.name):
                raise

    def get(self, sender: str) -> str | None:
        """What was kept; None for a talk that is not known."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_talks.c.memory).where(_talks.c.sender == sender)).first()
        return self._sealer.open(row.memory) if row else None

    def put(self, sender: str, memory: str, now: datetime) -> None:
        """Keep it in place of what was there."""
        values = {"memory": self._sealer.seal(memory), "updated_at": now}
        try:
            self._put(sender, values)
        except IntegrityError:  # somebody else made the row meanwhile
            self._put(sender, values)

    def _put(self, sender: str, values: dict[str, object]) -> None:
        with self._engine.begin() as connection:
            changed = connection.execute(_talks.update().where(_talks.c.sender == sender).values(**values))
            if changed.rowcount == 0:
                connection.execute(_talks.insert().values(sender=sender, **values))

    def senders(self) -> tuple[str, ...]:
        """Whose talks are kept."""
        with self._engine.connect() as connection:
            return tuple(row.sender for row in connection.execute(sa.select(_talks.c.sender)))

    def reseal(self) -> int:
        """Seal with the first key what is under a former one; returns how many. Raises CannotOpen."""
        t = _talks.c
        done = 0
        for sender in self.senders():
            with self._engine.begin() as connection:
                memory = connection.execute(sa.select(t.memory).where(t.sender == sender)).scalar()
                if memory is None or self._sealer.is_current(memory):
                    continue
                # Rasa may have written a newer one meanwhile.
                same = _talks.update().where(t.sender == sender, t.memory == memory)
                done += connection.execute(same.values(memory=self._sealer.seal(self._sealer.open(memory)))).rowcount
        return done

    def forget(self, *senders: str) -> int:
        """Delete the memories of some talks; returns how many there were."""
        with self._engine.begin() as connection:
            return int(connection.execute(_talks.delete().where(_talks.c.sender.in_(senders))).rowcount)

    def forget_before(self, moment: datetime, limit: int) -> int:
        """Delete memories that nothing was added to since; at most `limit` at once. Returns how many."""
        old = sa.select(_talks.c.sender).where(_talks.c.updated_at < moment).limit(limit)
        with self._engine.begin() as connection:
            return int(connection.execute(_talks.delete().where(_talks.c.sender.in_(old))).rowcount)
