"""Transactions: all of it or nothing, and errors that say no patient's words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.errors import Conflict, StorageUnavailable
from bot.storage import tables
from bot.storage.engine import create_engine
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.servers import Postgres
from tests.harness.storage import SEALER, Database
from tests.storage.conftest import Engines

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"])


def test_what_is_committed_stays(database: Database) -> None:
    with database() as uow:
        uow.conversations.add("web", START)
        uow.commit()
    assert database.count(tables.conversations) == 1


def test_what_is_not_committed_is_taken_back(database: Database) -> None:
    with database() as uow:
        uow.conversations.add("web", START)
    assert database.count(tables.conversations) == 0


def test_an_error_in_the_block_takes_everything_back_and_goes_on(database: Database) -> None:
    def fail() -> None:
        with database() as uow:
            uow.conversations.add("web", START)
            raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        fail()
    assert database.count(tables.conversations) == 0


def test_a_commit_outside_of_the_block_is_a_mistake(engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        SqlUnitOfWork(engine, SEALER).commit()


@pytest.mark.parametrize("url", ["sqlite:///{}/nowhere/assistant.db", "postgresql://clinic@/clinic?host={}"])
def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path, url: str) -> None:
    unit = SqlUnitOfWork(create_engine(url.format(tmp_path)), SEALER)
    with pytest.raises(StorageUnavailable), unit:
        pass


def test_a_database_without_tables_is_unavailable(new_engine: Engines) -> None:
    unit = SqlUnitOfWork(new_engine("empty", empty=True), SEALER)
    with pytest.raises(StorageUnavailable, match=r"no such table|does not exist"), unit:
        unit.conversations.add("web", START)


def test_an_error_does_not_repeat_what_the_patient_wrote(database: Database) -> None:
    def write_twice() -> None:
        with database() as uow:
            anas = uow.conversations.add("web", START)
            for _ in range(2):
                uow.messages.add_inbound(anas.id, "m-1", "my chest hurts", {}, START)

    with pytest.raises(Conflict) as caught:
        write_twice()
    assert "chest" not in str(caught.value)


def test_writers_at_the_same_moment_wait_for_each_other(database: Database) -> None:
    def write(_: int) -> None:
        with database() as uow:
            uow.conversations.get("somebody")  # reads first, as every use case does
            uow.conversations.add("web", START)
            uow.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(24)))
    assert database.count(tables.conversations) == 24


@on_sqlite
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)]
)
def test_sqlite_is_made_durable_and_forgets_what_is_deleted(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.execute(sa.text(f"PRAGMA {pragma}")).scalar() == value


@on_sqlite
def test_a_writer_that_waits_in_vain_for_its_turn_is_told_that_the_database_is_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.engine._BUSY_TIMEOUT_SECONDS", 0.01)

    def write() -> None:
        with database():
            pass

    with database(), ThreadPoolExecutor() as pool, pytest.raises(StorageUnavailable, match="no turn to write"):
        pool.submit(write).result()
    write()  # and the turn is free again


def test_a_turn_ends_with_its_block_whatever_happened_in_it(tmp_path: Path) -> None:
    away = create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'assistant.db'}")
    for _ in range(2):
        with pytest.raises(StorageUnavailable, match="unable to open"), SqlUnitOfWork(away, SEALER):
            pass


def test_a_lost_race_is_a_conflict_that_may_be_tried_again(postgres: Postgres) -> None:
    with postgres.database() as engine:
        with SqlUnitOfWork(engine, SEALER) as uow:
            first, second = (uow.conversations.add("web", START).id for _ in range(2))
            uow.commit()
        start = Barrier(2)

        def lock_both(ids: tuple[str, str]) -> str:
            try:
                with SqlUnitOfWork(engine, SEALER) as uow:
                    uow.conversations.lock(ids[0])
                    start.wait()
                    uow.conversations.lock(ids[1])
            except Conflict:
                return "lost"
            return "won"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(lock_both, [(first, second), (second, first)])) == ["lost", "won"]
