"""Stored times are aware, and the same moment when they come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.storage import tables
from bot.storage.tables import UtcDateTime

CHICAGO = timezone(timedelta(hours=-6))
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=CHICAGO)


def _store(engine: Engine, at: datetime) -> datetime:
    row = {"id": "c", "channel": "web", "mode": "bot", "created_at": at, "updated_at": at}
    with engine.begin() as connection:
        connection.execute(tables.conversations.insert().values(**row))
        return connection.execute(sa.select(tables.conversations.c.created_at)).scalar_one()


def test_a_time_comes_back_as_the_same_moment_in_utc(engine: Engine) -> None:
    back = _store(engine, MOMENT)
    assert back == MOMENT
    assert back.tzinfo is UTC


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="must be aware"):
        UtcDateTime().process_bind_param(MOMENT.replace(tzinfo=None), None)


def test_a_naive_time_does_not_reach_the_database(engine: Engine) -> None:
    with pytest.raises(sa.exc.StatementError, match="must be aware"):
        _store(engine, MOMENT.replace(tzinfo=None))


def test_no_time_stays_no_time() -> None:
    kind = UtcDateTime()
    assert kind.process_bind_param(None, None) is None
    assert kind.process_result_value(None, None) is None
