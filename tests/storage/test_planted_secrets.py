"""A thousand things that only a patient knows go through all that is stored; none of them can be read in the files."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.escalation import Outcome
from bot.domain.messages import Button, Reply, ReplyKind
from bot.services.telephone_ports import Consent, Purpose
from bot.storage import tables
from bot.storage.spool import FileSpool
from bot.storage.talks import Talks
from tests.harness.cast import EMERGENCY
from tests.harness.clock import START
from tests.harness.house import House, build_house
from tests.harness.servers import Postgres
from tests.harness.storage import SEALER

CLINIC = "+15555550190"
_WORD = re.compile(rb"zq[0-9a-f]{10}")
_NUMBER = re.compile(rb"\+1[2-9]\d{2}55501\d{2}")


class Secrets:
    """Words and numbers that are like nothing else."""

    def __init__(self) -> None:
        self._random = random.Random(1)  # noqa: S311 - the same each time
        self._numbers = iter(f"+1{area}55501{line:02}" for area in range(202, 990) for line in range(100))
        self.planted: set[str] = set()

    def word(self) -> str:
        return self._plant(f"zq{self._random.getrandbits(40):010x}")

    def number(self) -> str:
        return self._plant(next(self._numbers))

    def _plant(self, secret: str) -> str:
        self.planted.add(secret)
        return secret


class Life:
    """What happens in a clinic, with a secret wherever there is room for one."""

    def __init__(self, house: House, talks: Talks, secrets: Secrets) -> None:
        self.house = house
        self.talks = talks
        self.word = secrets.word
        self.number = secrets.number

    async def round(self) -> None:
        """A patient's questions and report, what staff say, their texts, their call, a spooled report: 20 secrets."""
        house, word = self.house, self.word
        answer = Reply(word(), ReplyKind.ANSWER, "faq/driving", word(), (Button(word(), word()),))
        house.dialogue.replies = (answer,)
        asked = await house.hears(f"my sister {word()} wants to know something")
        reported = await house.hears(f"{EMERGENCY} {word()}", asked.conversation_id)
        reference = reported.escalation.reference
        house.handling.take_over(reference, "noor")
        house.handling.say(reference, "noor", f"I am here, {word()}")
        house.handling.resolve(reference, "noor", Outcome.HANDLED, f"spoke with {word()}")
        self._telephone(asked.conversation_id)
        FileSpool(house.spool_folder, SEALER).append({"text": word()})
        self.talks.put(asked.conversation_id, word(), START)

    def _telephone(self, conversation_id: str) -> None:
        word = self.word
        with self.house.database() as uow:
            uow.conversations.set_callback_number(conversation_id, self.number(), START)
            address = uow.addresses.add(self.number(), CLINIC, conversation_id, START)
            uow.addresses.record(address.id, Consent.STOPPED, "plain_request", f"stop it {word()}", START)
            uow.texts.add(address, address.id, [word(), word()], Purpose.ANSWER, START)
            call = uow.calls.add(f"CA{address.id}", conversation_id, address.id, START)
            uow.calls.set_state(call.id, {"heard": [word()], "menu": {"asked": word()}}, START)
            uow.webhooks.keep(f"SM{address.id}", f"<Response>{word()}</Response>", START)
            escalation = uow.escalations.latest_for(conversation_id)
            uow.escalations.record(escalation.id, "noor", "noted", {"evidence": word()}, START)
            uow.conversations.add("slack", START, sender_key=f"slack:{word()}")
            uow.commit()


def _found(contents: Iterable[bytes]) -> set[str]:
    """All that has the form of a secret."""
    return {match.decode() for content in contents for form in (_WORD, _NUMBER) for match in form.findall(content)}


def _contents(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def _opened(house: House, talks: Talks) -> Iterator[bytes]:
    """What those who have the keys can read."""
    for table in tables.metadata.sorted_tables:
        yield str(house.database.rows(table)).encode()
    yield from (talks.get(sender).encode() for sender in talks.senders())
    records: list[object] = []
    FileSpool(house.spool_folder, SEALER).drain(records.append)
    yield str(records).encode()


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    """Its database is on each backend."""
    return build_house(engine, tmp_path)


async def test_no_secret_is_readable_in_the_files_of_the_database(
    house: House, backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    secrets, talks = Secrets(), Talks(house.database.engine, SEALER)
    talks.prepare()
    life = Life(house, talks, secrets)
    with house.database.engine.connect():  # so that SQLite leaves its write-ahead log
        while len(secrets.planted) < 1000:
            await life.round()
        folders = [tmp_path]
        if backend == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            folders.append(server.flushed())
        else:
            assert (tmp_path / "assistant.db-wal").stat().st_size > 0
        assert _found(content for folder in folders for content in _contents(folder)) & secrets.planted == set()
    # It was all there: only what is looked up by a keyed hash alone cannot be read with the keys either.
    hashed = {row.sender_key for row in house.database.rows(tables.conversations)}
    unread = secrets.planted - _found(_opened(house, talks))
    assert {SEALER.lookup(f"slack:{secret}") for secret in unread} < hashed


def test_a_secret_that_slips_in_is_found(
    house: House, backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    secret = Secrets().word()
    with house.database.engine.begin() as connection:
        connection.execute(
            sa.insert(tables.conversations).values(
                id="c", channel=secret, mode="bot", created_at=START, updated_at=START
            )
        )
    folder = tmp_path if backend == "sqlite" else request.getfixturevalue("postgres").flushed()
    assert secret in _found(_contents(folder))
