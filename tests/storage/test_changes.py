"""The log of changes: what is in it, when, and that reading waits for nobody."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.clock import utc_now
from bot.domain.conversation import Mode
from bot.domain.errors import StorageUnavailable
from bot.domain.messages import Reply, ReplyKind
from bot.services.live_ports import Change, Side
from bot.storage import tables
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.storage import SEALER, Database
from tests.storage.test_repositories import an_escalation

REPLY = Reply("Yes, Ana.", ReplyKind.SMALLTALK)
Deed = Callable[[SqlUnitOfWork, str], object]


def _logged(database: Database) -> list[str]:
    return [row.conversation_id for row in database.rows(tables.changes)]


@pytest.fixture
def anas(database: Database) -> str:
    """A conversation with a message and an escalation, of whose beginning the log knows nothing any more."""
    with database() as uow:
        anas = uow.conversations.add("web", START)
        uow.messages.add_inbound(anas.id, "m-1", "hello", {}, START)
        uow.escalations.add(an_escalation(anas.id, id="e-1"))
        uow.commit()
    with database.engine.begin() as connection:
        connection.execute(tables.changes.delete())
    return anas.id


def _answer(uow: SqlUnitOfWork, conversation_id: str, *replies: Reply) -> None:
    message = uow.messages.find(conversation_id, "m-1")
    assert message is not None
    uow.messages.add_replies(message, replies, START)


DEEDS: dict[str, Deed] = {
    "a message": lambda uow, anas: uow.messages.add_inbound(anas, "m-2", "hello", {}, START),
    "a reply": lambda uow, anas: _answer(uow, anas, REPLY),
    "no reply": lambda uow, anas: _answer(uow, anas),
    "a notice": lambda uow, anas: uow.messages.add_notice(anas, "key", "notice", REPLY, START),
    "the mode": lambda uow, anas: uow.conversations.set_mode(anas, Mode.STAFF, START),
    "a changed escalation": lambda uow, anas: uow.escalations.update(an_escalation(anas, id="e-1")),
    "a line of the history": lambda uow, anas: uow.escalations.record("e-1", "noor", "acknowledged", {}, START),
    "typing": lambda uow, anas: uow.typing.set(anas, Side.STAFF, START),
    "forgetting": lambda uow, anas: uow.forgetting.forget(anas, START),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_what_others_follow_is_logged_with_it(database: Database, anas: str, deed: Deed) -> None:
    with database() as uow:
        deed(uow, anas)
        uow.commit()
    assert _logged(database) == [anas]


def test_however_much_a_transaction_changes_each_conversation_is_logged_once(database: Database, anas: str) -> None:
    with database() as uow:
        bens = uow.conversations.add("web", START).id
        for deed in list(DEEDS.values())[:-1]:
            deed(uow, anas)
        uow.conversations.set_mode(bens, Mode.STAFF, START)
        uow.commit()
    assert sorted(_logged(database)) == sorted([anas, bens])


def test_what_is_taken_back_is_not_logged(database: Database, anas: str) -> None:
    with database() as uow:
        uow.conversations.set_mode(anas, Mode.STAFF, START)
    assert _logged(database) == []


def test_what_changes_nothing_that_is_followed_is_not_logged(database: Database) -> None:
    with database() as uow:
        uow.heartbeats.beat("pager", START)
        uow.commit()
    assert _logged(database) == []


def test_whoever_waits_for_changes_is_told_after_the_commit_and_of_nothing_else(database: Database, anas: str) -> None:
    told: list[list[str]] = []
    for change in (True, False):
        with SqlUnitOfWork(database.engine, SEALER, on_change=lambda: told.append(_logged(database))) as uow:
            if change:
                uow.conversations.set_mode(anas, Mode.STAFF, START)
            uow.commit()
    assert told == [[anas]]


def _log(database: Database, *ids: int) -> None:
    with database.engine.begin() as connection:
        rows = [{"id": each, "conversation_id": f"c-{each}", "at": START} for each in ids]
        connection.execute(tables.changes.insert(), rows)


def test_new_changes_are_read_oldest_first_and_with_them_what_was_missing(database: Database) -> None:
    _log(database, 2, 5, 6, 9)
    with database() as uow:
        found = uow.changes.after(5, (2, 3), 10)
        assert found == (Change(2, "c-2"), Change(6, "c-6"), Change(9, "c-9"))
        assert uow.changes.after(0, (), 2) == (Change(2, "c-2"), Change(5, "c-5"))
        assert uow.changes.newest() == 9


def test_a_log_without_changes_has_no_newest(database: Database) -> None:
    with database() as uow:
        assert (uow.changes.newest(), uow.changes.after(0, (), 10)) == (0, ())


def test_old_changes_are_deleted_and_their_ids_are_not_given_again(database: Database) -> None:
    _log(database, 1, 2, 3)
    with database() as uow:
        assert uow.changes.prune(START) == 0
        assert uow.changes.prune(START + timedelta(seconds=1)) == 2
        assert uow.changes.newest() == 3


def test_a_change_is_logged_with_the_time_of_its_commit(database: Database, anas: str) -> None:
    before = utc_now()
    with database() as uow:
        uow.conversations.set_mode(anas, Mode.STAFF, START)
        uow.commit()
    (row,) = database.rows(tables.changes)
    assert before <= row.at <= utc_now()


# -- reading -------------------------------------------------------------------


def test_a_reader_waits_for_no_writer(database: Database, anas: str) -> None:
    with database() as writer:
        writer.conversations.set_mode(anas, Mode.STAFF, START)
        with ThreadPoolExecutor() as pool:
            mode = pool.submit(lambda: _mode(database, anas)).result(timeout=4)
    assert mode is Mode.BOT


def _mode(database: Database, conversation_id: str) -> Mode:
    with database.reader() as uow:
        found = uow.conversations.get(conversation_id)
        assert found is not None
        return found.mode


def test_a_writer_waits_for_no_reader(database: Database, anas: str) -> None:
    with database.reader() as reader:
        reader.conversations.get(anas)
        with database() as writer:
            writer.conversations.set_mode(anas, Mode.STAFF, START)
            writer.commit()
    assert _mode(database, anas) is Mode.STAFF


def test_a_reader_cannot_write(database: Database, anas: str) -> None:
    with pytest.raises(StorageUnavailable), database.reader() as uow:
        uow.conversations.set_mode(anas, Mode.STAFF, START)


def test_a_reader_has_nothing_to_commit(database: Database) -> None:
    with database.reader() as uow, pytest.raises(RuntimeError):
        uow.commit()


def test_whoever_writes_after_a_reader_can(database: Database, anas: str) -> None:
    _mode(database, anas)
    with database.engine.begin() as connection:
        connection.execute(sa.update(tables.conversations).values(mode="staff"))
    assert _mode(database, anas) is Mode.STAFF
