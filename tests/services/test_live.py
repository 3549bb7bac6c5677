"""Whoever follows a conversation hears that it has changed: always, soon, and of no other."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import pytest

from bot.domain.conversation import Mode
from bot.services import live
from bot.services.live import EVERYTHING, Changes, Nudges, Watch
from bot.storage import tables
from tests.harness.clock import START
from tests.harness.servers import Postgres
from tests.harness.storage import Database

# Longer than any test takes: a change that never comes must still end.
PATIENCE_SECONDS = 20
ANAS, BENS = "ana", "ben"


class Turns:
    """A pause that lasts until the test says so; knows when a look is over."""

    def __init__(self) -> None:
        self._go = asyncio.Event()
        self._looked = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self._looked.set()
        await self._go.wait()
        self._go.clear()

    async def look(self) -> None:
        """One look, from its beginning to its end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._looked.wait()
            self._looked.clear()
            self._go.set()
            await self._looked.wait()


@contextlib.asynccontextmanager
async def running(changes: Changes) -> AsyncIterator[None]:
    """At work."""
    task = asyncio.create_task(changes.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Follower:
    """One gateway's log, read when the test says so."""

    def __init__(self, database: Database) -> None:
        self.turns = Turns()
        self.changes = Changes(database.reader, self.turns)

    async def heard(self, *watches: Watch) -> list[frozenset[str]]:
        """What each has heard after the next look."""
        await self.turns.look()
        return [await watch.next(0) for watch in watches]


@pytest.fixture
async def follower(database: Database) -> AsyncIterator[Follower]:
    """One that has begun."""
    follower = Follower(database)
    async with running(follower.changes):
        await follower.turns.look()
        yield follower


def log(database: Database, *changes: tuple[int | None, str]) -> None:
    """Changes of conversations, with the ids that the database gives, or in an order of their own."""
    with database.engine.begin() as connection:
        for change_id, conversation in changes:
            values = {"conversation_id": conversation, "at": START} | ({"id": change_id} if change_id else {})
            connection.execute(tables.changes.insert().values(**values))


async def test_a_change_is_heard_by_those_whom_it_concerns(database: Database, follower: Follower) -> None:
    with (
        follower.changes.watch(ANAS) as anas,
        follower.changes.watch(ANAS) as again,
        follower.changes.watch(BENS) as bens,
        follower.changes.watch(None) as everybodys,
    ):
        log(database, (None, ANAS))
        own, nothing = frozenset({ANAS}), frozenset()
        assert await follower.heard(anas, again, bens, everybodys) == [own, own, nothing, own]


async def test_a_change_is_heard_once(database: Database, follower: Follower) -> None:
    with follower.changes.watch(None) as watch:
        log(database, (None, ANAS), (None, BENS), (None, ANAS))
        assert await follower.heard(watch) == [{ANAS, BENS}]
        assert await follower.heard(watch) == [frozenset()]


async def test_what_a_repository_writes_is_heard(database: Database, follower: Follower) -> None:
    with database() as uow:
        anas = uow.conversations.add("web", START).id
        uow.commit()
    with follower.changes.watch(anas) as watch:
        assert await follower.heard(watch) == [frozenset()]
        with database() as uow:
            uow.conversations.set_mode(anas, Mode.STAFF, START)
            uow.commit()
        assert await follower.heard(watch) == [{anas}]


async def test_whoever_waits_is_woken(database: Database, follower: Follower) -> None:
    with follower.changes.watch(ANAS) as watch:
        waiting = asyncio.create_task(watch.next(PATIENCE_SECONDS))
        log(database, (None, ANAS))
        await follower.turns.look()
        assert await waiting == {ANAS}


async def test_whoever_watches_no_more_is_forgotten(follower: Follower) -> None:
    with follower.changes.watch(ANAS), follower.changes.watch(None):
        assert len(follower.changes._watches) == 2
    assert follower.changes._watches == {}


async def test_everybody_can_be_woken(follower: Follower) -> None:
    with follower.changes.watch(ANAS) as anas, follower.changes.watch(None) as everybodys:
        follower.changes.wake()
        assert [await watch.next(0) for watch in (anas, everybodys)] == [{EVERYTHING}] * 2


async def test_at_the_beginning_anything_may_have_changed(database: Database) -> None:
    follower = Follower(database)
    with follower.changes.watch(ANAS) as watch:
        async with running(follower.changes):
            assert await follower.heard(watch) == [{EVERYTHING}]


async def test_many_changes_at_once_are_all_heard(
    database: Database, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_AT_A_TIME", 3)
    with follower.changes.watch(None) as watch:
        conversations = {f"c-{number}" for number in range(10)}
        log(database, *((None, each) for each in conversations))
        assert await follower.heard(watch) == [conversations]


# -- ids that are committed out of order ---------------------------------------


async def test_a_lower_id_that_is_committed_later_is_heard(database: Database, follower: Follower) -> None:
    with follower.changes.watch(None) as watch:
        log(database, (5, ANAS))
        assert await follower.heard(watch) == [{ANAS}]
        log(database, (3, BENS))
        assert await follower.heard(watch) == [{BENS}]
        assert await follower.heard(watch) == [frozenset()]


async def test_on_postgresql_a_transaction_that_is_overtaken_is_heard(postgres: Postgres) -> None:
    with postgres.database() as engine:
        database = Database(engine)
        follower = Follower(database)
        async with running(follower.changes):
            await follower.turns.look()
            with follower.changes.watch(None) as watch, database() as slow, database() as fast:
                slow.changes.note(ANAS)
                slow.changes.write(START)  # has its id, and is not committed
                fast.changes.note(BENS)
                fast.commit()
                assert await follower.heard(watch) == [{BENS}]
                slow.commit()
                assert await follower.heard(watch) == [{ANAS}]


async def test_an_id_that_was_missing_at_the_beginning_is_heard(database: Database) -> None:
    log(database, (1, ANAS), (4, ANAS))
    follower = Follower(database)
    async with running(follower.changes):
        await follower.turns.look()
        with follower.changes.watch(None) as watch:
            log(database, (2, BENS))
            assert await follower.heard(watch) == [{BENS}]


async def test_an_id_that_never_comes_is_not_looked_for_for_ever(
    database: Database, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_MISSING_FOR_SECONDS", -1.0)  # over at once
    log(database, (5, ANAS))
    await follower.turns.look()
    assert sorted(follower.changes._position._missing) == [1, 2, 3, 4]
    log(database, (6, ANAS))
    await follower.turns.look()
    assert follower.changes._position._missing == {}


async def test_of_a_great_leap_only_the_last_ids_are_looked_for(database: Database, follower: Follower) -> None:
    log(database, (1, ANAS), (1_000_000, ANAS))
    await follower.turns.look()
    missing = follower.changes._position._missing
    assert (len(missing), max(missing)) == (1000, 999_999)


# -- faults --------------------------------------------------------------------


async def test_after_a_database_that_was_away_anything_may_have_changed(
    database: Database, follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    with follower.changes.watch(ANAS) as watch:
        database.goes_down()
        log(database, (None, ANAS))
        assert [await follower.heard(watch) for _ in range(3)] == [[frozenset()]] * 3
        database.comes_back()
        assert await follower.heard(watch) == [{EVERYTHING}]
        log(database, (None, ANAS))
        assert await follower.heard(watch) == [{ANAS}]
    assert caplog.text.count("changes_unreadable") == 1


async def test_a_database_that_was_replaced_by_an_older_one_is_followed(database: Database, follower: Follower) -> None:
    log(database, (50, ANAS))
    await follower.turns.look()
    database.goes_down()
    await follower.turns.look()
    with database.engine.begin() as connection:
        connection.execute(tables.changes.delete())
    database.comes_back()
    await follower.turns.look()
    with follower.changes.watch(None) as watch:
        log(database, (7, BENS))
        assert await follower.heard(watch) == [{BENS}]


async def test_a_mistake_in_reading_does_not_end_the_reading(
    database: Database, follower: Follower, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with follower.changes.watch(ANAS) as watch:
        with monkeypatch.context() as broken:
            broken.setattr("bot.storage.changes.SqlChanges.after", lambda *_: 1 / 0)
            await follower.turns.look()
        assert "changes_failed" in caplog.text
        assert await follower.heard(watch) == [{EVERYTHING}]


# -- several gateways ----------------------------------------------------------


async def test_two_gateways_on_one_database_both_hear(database: Database, follower: Follower) -> None:
    other = Follower(Database(database.engine))
    async with running(other.changes):
        await other.turns.look()
        with follower.changes.watch(ANAS) as here, other.changes.watch(ANAS) as there:
            log(database, (None, ANAS))
            assert [await follower.heard(here), await other.heard(there)] == [[{ANAS}], [{ANAS}]]


# -- not waiting for the next look ---------------------------------------------


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next look by itself is later than any test ends."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 2 * PATIENCE_SECONDS)


@pytest.mark.usefixtures("patient")
async def test_what_this_process_commits_is_seen_at_once(database: Database) -> None:
    nudges = Nudges()
    changes = Changes(database.reader, nudges)
    async with running(changes), asyncio.timeout(PATIENCE_SECONDS):
        with changes.watch(None) as watch:
            assert await watch.next(PATIENCE_SECONDS) == {EVERYTHING}
            log(database, (None, ANAS))
            threading.Thread(target=nudges.nudge).start()
            assert await watch.next(PATIENCE_SECONDS) == {ANAS}


async def test_a_nudge_before_anybody_listens_or_after_is_no_error(database: Database) -> None:
    nudges = Nudges()
    nudges.nudge()
    await nudges(0)
    await asyncio.to_thread(nudges.nudge)


async def test_a_pause_without_a_nudge_ends_by_itself() -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await Nudges()(0)
