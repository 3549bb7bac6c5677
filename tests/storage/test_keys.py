"""Keys that are not those of the database are refused; rotation puts everything under the first one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.conversation import new_id
from bot.domain.errors import CannotOpen, ConfigurationError, StorageUnavailable, WrongKeys
from bot.domain.escalation import Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.staff import Role, Staff
from bot.services.account_ports import Account, Session, Stage
from bot.services.telephone_ports import Consent, Purpose
from bot.storage import migrate, tables
from bot.storage.guard import GuardedUnitsOfWork
from bot.storage.keys import sealed_columns, sealed_tables
from bot.storage.rotation import Rotation, StillSealed
from bot.storage.sealing import Sealer
from bot.storage.spool import FileSpool
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.settings import SECRET
from tests.storage.earlier import REPLY, back_to, fill_as_0003
from tests.storage.test_repositories import an_escalation

OLD, NEW = "A" * 43 + "=", "B" * 42 + "E="
NOOR = Staff("n", "noor", "Noor", Role.NURSE, "noor")
ANA, CLINIC = "+15555550101", "+15555550190"


def _sealer(*keys: str, secret: str = SECRET) -> Sealer:
    return Sealer(lambda: keys, secret.encode())


def _check(engine: Engine, sealer: Sealer) -> None:
    GuardedUnitsOfWork(engine, sealer)()


# -- the keys of a database ------------------------------------------------------


def test_the_first_keys_are_those_of_the_database_and_stay_so(engine: Engine) -> None:
    for keys in ((OLD,), (OLD,), (NEW, OLD), (OLD, NEW)):
        _check(engine, _sealer(*keys))


def test_a_database_without_its_keys_is_refused_with_what_to_do(engine: Engine) -> None:
    _check(engine, _sealer(OLD))
    with pytest.raises(WrongKeys, match="put it back") as caught:
        _check(engine, _sealer(NEW))
    assert isinstance(caught.value, ConfigurationError)
    assert isinstance(caught.value, StorageUnavailable)


def test_a_process_without_the_key_that_another_one_seals_with_is_refused(engine: Engine) -> None:
    _check(engine, _sealer(OLD))
    _check(engine, _sealer(NEW, OLD))
    with pytest.raises(WrongKeys, match="DATA_KEYS"):
        _check(engine, _sealer(OLD))


def test_another_secret_key_is_refused_because_stopped_numbers_would_not_be_known(engine: Engine) -> None:
    _check(engine, _sealer(OLD))
    with pytest.raises(WrongKeys, match="SECRET_KEY is not the one") as caught:
        _check(engine, _sealer(NEW, secret="another secret"))
    assert len(caught.value.problems) == 2


def test_no_transaction_begins_with_wrong_keys_until_they_are_right(engine: Engine) -> None:
    _check(engine, _sealer(OLD))
    keys = [NEW]
    guarded = GuardedUnitsOfWork(engine, Sealer(lambda: tuple(keys), SECRET.encode()))
    for _ in range(2):
        with pytest.raises(WrongKeys):
            guarded()
    keys.append(OLD)
    with guarded() as uow:
        assert uow.conversations.get("nobodys") is None


def test_processes_that_start_at_the_same_moment_all_start(engine: Engine) -> None:
    start = Barrier(4)

    def process(_: int) -> None:
        start.wait()
        _check(engine, _sealer(OLD))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(process, range(4)))
    with engine.connect() as connection:
        assert len(connection.execute(sa.select(tables.key_checks)).all()) == 2


# -- rotation --------------------------------------------------------------------


class Filled:
    """A database in which every sealed column holds something under the former key, and what it holds."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.said: list[str] = []
        _check(engine, _sealer(OLD))
        with SqlUnitOfWork(engine, _sealer(OLD)) as uow:
            self.talk = uow.conversations.add("sms", START, sender_key="slack:ana").id
            uow.conversations.set_callback_number(self.talk, ANA, START)
            message = uow.messages.add_inbound(self.talk, "m-1", "my chest hurts", {"evidence": "chest"}, START)
            uow.messages.add_replies(message, [Reply("Call 911.", ReplyKind.SAFETY, "safety/cardiac")], START)
            escalation = an_escalation(self.talk)
            uow.escalations.add(escalation)
            uow.escalations.record(escalation.id, "screen", "opened", {"evidence": "chest"}, START)
            uow.borderlines.add(message.id, Tier.URGENT, "cardiac", 0.4, START)
            address = uow.addresses.add(ANA, CLINIC, self.talk, START)
            uow.addresses.record(address.id, Consent.STOPPED, "keyword", "STOP", START)
            uow.texts.add(address, "a", ["Call 911."], Purpose.SAFETY, START)
            uow.calls.add("CA1", self.talk, address.id, START)
            uow.webhooks.keep("SM1", "<Response/>", START)
            uow.accounts.add(Account(NOOR, START, totp_secret="JBSWY3DP"))
            uow.sessions.add(Session("s", NOOR.id, "csrf", Stage.ENROL, START, START, START, "a browser"), "hash")
            uow.sessions.offer("s", "JBSWY3DQ")
            uow.audit.append("noor", "talk_read", self.talk, {"why": "asked"}, START)
            uow.commit()
        self.before = self.read(_sealer(OLD))
        FileSpool(folder, _sealer(OLD)).append({"text": "my chest hurts"})

    def rotate(self, sealer: Sealer) -> None:
        Rotation(
            lambda: SqlUnitOfWork(self.engine, sealer), FileSpool(self.folder, sealer), self.said.append, lambda _: None
        ).run()

    def read(self, sealer: Sealer) -> list[object]:
        with SqlUnitOfWork(self.engine, sealer) as uow:
            conversation = uow.conversations.get(self.talk)
            return [
                conversation,
                uow.conversations.by_sender("slack:ana"),
                uow.messages.find(self.talk, "m-1"),
                uow.messages.talk(self.talk, 0, 9),
                uow.messages.patient_turns(self.talk, 9),
                uow.escalations.history(uow.escalations.open_for(self.talk).id),
                uow.borderlines.listing(include_decided=True)[0].text,
                uow.addresses.find(ANA, CLINIC),
                uow.addresses.record_of(uow.addresses.find(ANA, CLINIC).id),
                uow.texts.of_key("a"),
                uow.calls.get("CA1"),
                uow.webhooks.answer("SM1"),
                uow.accounts.get(NOOR.id),
                uow.sessions.by_token("hash"),
                uow.audit.entries(0, 9),
            ]


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Filled:
    return Filled(engine, tmp_path / "spool")


def _sealed_values(engine: Engine) -> dict[str, list[object]]:
    """All that sealed columns hold, as it is there."""
    found = {}
    with engine.connect() as connection:
        for table in sealed_tables():
            for column in sealed_columns(table):
                values = connection.execute(sa.select(column).where(column.is_not(None))).scalars().all()
                found[f"{table.name}.{column.name}"] = [value for value in values if value is not None]
    return found


def test_after_a_rotation_the_former_key_is_not_needed(filled: Filled) -> None:
    assert all(_sealed_values(filled.engine).values()), "a sealed column is empty: fill it in `Filled`"
    filled.rotate(_sealer(NEW, OLD))
    assert filled.said[-1] == "under former keys: 0"
    assert filled.read(_sealer(NEW)) == filled.before
    _check(filled.engine, _sealer(NEW))
    taken = []
    FileSpool(filled.folder, _sealer(NEW)).drain(taken.append)
    assert taken == [{"text": "my chest hurts"}]


def test_after_a_rotation_the_former_key_opens_nothing(filled: Filled) -> None:
    filled.rotate(_sealer(NEW, OLD))
    for values in _sealed_values(filled.engine).values():
        for value in values:
            with pytest.raises(CannotOpen):
                _sealer(OLD).open(value)
    with pytest.raises(WrongKeys):
        _check(filled.engine, _sealer(OLD))


def test_a_second_rotation_finds_nothing_to_do(filled: Filled) -> None:
    filled.rotate(_sealer(NEW, OLD))
    before = _sealed_values(filled.engine)
    filled.said.clear()
    filled.rotate(_sealer(NEW, OLD))
    assert (filled.said, _sealed_values(filled.engine)) == (["under former keys: 0"], before)


def test_what_an_earlier_version_stored_plain_is_sealed(engine: Engine, tmp_path: Path) -> None:
    back_to(engine, "0003")
    fill_as_0003(engine)
    migrate.upgrade(engine)
    sealer = _sealer(NEW)
    Rotation(lambda: SqlUnitOfWork(engine, sealer), FileSpool(tmp_path, sealer), print, lambda _: None).run()
    assert all(sealer.is_current(value) for values in _sealed_values(engine).values() for value in values)
    with SqlUnitOfWork(engine, sealer) as uow:
        assert uow.conversations.by_sender("slack:ana").callback_number == "+15555550101"
        assert uow.messages.find("ana", "m-1").text == "my chest hurts"
        assert uow.messages.replies_to("m1") == (REPLY,)
        assert uow.escalations.history("ana")[0].detail["evidence"] == {"cardiac": "chest"}
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.conversations.c.sender_key)).scalar() == sealer.lookup("slack:ana")


def test_a_rotation_that_was_broken_off_goes_on(filled: Filled) -> None:
    def break_off(_: object) -> None:
        raise KeyboardInterrupt

    sealer = _sealer(NEW, OLD)
    with pytest.raises(KeyboardInterrupt):
        Rotation(lambda: SqlUnitOfWork(filled.engine, sealer), FileSpool(filled.folder, sealer), break_off).run()
    _check(filled.engine, _sealer(OLD))
    assert filled.read(_sealer(NEW, OLD)) == filled.before
    filled.rotate(_sealer(NEW, OLD))
    assert filled.read(_sealer(NEW)) == filled.before


def test_without_the_former_key_a_rotation_stops_and_loses_nothing(filled: Filled) -> None:
    with pytest.raises(CannotOpen):
        filled.rotate(_sealer(NEW))
    assert filled.read(_sealer(OLD)) == filled.before
    _check(filled.engine, _sealer(OLD))


def _writes(filled: Filled, sealer: Sealer) -> Callable[[float], None]:
    """Somebody writes between two steps of a rotation."""

    def write(_: float) -> None:
        with SqlUnitOfWork(filled.engine, sealer) as uow:
            uow.messages.add_inbound(filled.talk, new_id(), "my chest hurts", {}, START)
            uow.commit()

    return write


def test_the_assistant_may_be_at_work_meanwhile(filled: Filled) -> None:
    sealer = _sealer(NEW, OLD)
    write = _writes(filled, sealer)
    Rotation(lambda: SqlUnitOfWork(filled.engine, sealer), FileSpool(filled.folder, sealer), print, write).run()
    with SqlUnitOfWork(filled.engine, _sealer(NEW)) as uow:
        texts = {turn.text for turn in uow.messages.patient_turns(filled.talk, 99)}
    assert texts == {"my chest hurts"}


def test_while_somebody_seals_with_a_former_key_the_rotation_does_not_end(filled: Filled) -> None:
    sealer = _sealer(NEW, OLD)
    write = _writes(filled, _sealer(OLD))
    with pytest.raises(StillSealed, match="some process seals with one"):
        Rotation(lambda: SqlUnitOfWork(filled.engine, sealer), FileSpool(filled.folder, sealer), print, write).run()
    with pytest.raises(WrongKeys):
        _check(filled.engine, _sealer(NEW))


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_row_that_somebody_is_changing_is_sealed_when_they_are_done(filled: Filled) -> None:
    sealer = _sealer(NEW, OLD)
    with SqlUnitOfWork(filled.engine, sealer) as holding:
        holding.conversations.lock(filled.talk)

        def let_go(seconds: float) -> None:
            if seconds == 1.0:  # the pause between two goes over everything
                holding.commit()

        Rotation(
            lambda: SqlUnitOfWork(filled.engine, sealer), FileSpool(filled.folder, sealer), filled.said.append, let_go
        ).run()
    assert [line for line in filled.said if line.startswith("under")] == [
        "under former keys: 1",
        "under former keys: 0",
    ]
    assert filled.read(_sealer(NEW)) == filled.before


def test_numbers_that_have_stopped_are_still_known_under_another_secret_key(filled: Filled) -> None:
    other = _sealer(OLD, secret="another secret")
    filled.rotate(other)
    _check(filled.engine, other)
    with SqlUnitOfWork(filled.engine, other) as uow:
        assert uow.addresses.find(ANA, CLINIC).stopped
