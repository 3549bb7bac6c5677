"""The servers that tests run on are real ones."""

from __future__ import annotations

import redis

from tests.harness.servers import Postgres


def test_redis_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("key", "value", ex=60)
        assert client.get("key") == b"value"


def test_postgresql_gives_each_test_a_database_of_its_own(postgres: Postgres) -> None:
    with postgres.database() as first, postgres.database() as second:
        with first.begin() as connection:
            connection.exec_driver_sql("DELETE FROM alembic_version")
        with second.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1
