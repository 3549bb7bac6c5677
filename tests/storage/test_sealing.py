"""What is sealed opens with its key, says so, and cannot be forgotten."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import CannotOpen, StorageUnavailable
from bot.kept_keys import new_data_key
from bot.storage import tables
from bot.storage.sealing import Sealer, is_sealed
from tests.harness.clock import START
from tests.harness.settings import SECRET
from tests.harness.storage import SEALER, Database


def _sealer(*keys: str) -> Sealer:
    return Sealer(lambda: keys, SECRET.encode())


@given(st.text(st.characters(), max_size=40))
def test_any_text_comes_back(text: str) -> None:
    assert SEALER.open(SEALER.seal(text)) == text


@pytest.mark.parametrize("text", ["", "a\x00b", "half \ud83d of a pair", "sealed:", "\U0001f62d"])
def test_odd_text_comes_back(text: str) -> None:
    assert SEALER.open(SEALER.seal(text)) == text


@pytest.mark.parametrize("value", [{"text": "my chest hurts", "sources": [1, None]}, [], {}, "sealed", None])
def test_any_json_comes_back(value: object) -> None:
    assert SEALER.open_json(SEALER.seal_json(value)) == value


def test_sealed_text_shows_nothing_of_what_it_says_and_is_never_the_same_twice() -> None:
    first, second = SEALER.seal("my chest hurts"), SEALER.seal("my chest hurts")
    assert first != second
    assert "chest" not in first


def test_what_was_stored_before_is_what_it_is() -> None:
    assert SEALER.open("my chest hurts") == "my chest hurts"
    assert SEALER.open("sealed: my chest hurts") == "sealed: my chest hurts"
    assert SEALER.open_json({"text": "hi"}) == {"text": "hi"}
    assert not is_sealed({"text": "hi"})


def test_former_keys_still_open_and_the_first_one_seals() -> None:
    old, new = new_data_key(), new_data_key()
    both = _sealer(new, old)
    assert both.open(_sealer(old).seal("hi")) == "hi"
    assert _sealer(new).open(both.seal("hi")) == "hi"


@pytest.mark.parametrize(
    "damage", [lambda sealed: sealed[:-4], lambda sealed: sealed[:-6] + "AAAA==", lambda sealed: sealed + "ä"]
)
def test_what_no_key_opens_is_a_clear_error(damage: object) -> None:
    for sealer, sealed in ((SEALER, damage(SEALER.seal("hi"))), (_sealer(new_data_key()), SEALER.seal("hi"))):
        with pytest.raises(CannotOpen, match="put that key back") as caught:
            sealer.open(sealed)
        assert isinstance(caught.value, StorageUnavailable)


def test_a_key_that_is_added_while_everything_runs_counts_at_once() -> None:
    keys = [new_data_key()]
    running = Sealer(lambda: tuple(keys), SECRET.encode())
    before = running.seal("hi")
    keys.insert(0, new_data_key())
    assert [running.open(before), _sealer(keys[0]).open(running.seal("hi"))] == ["hi", "hi"]


def test_a_number_is_found_by_the_same_hash_whatever_the_data_key() -> None:
    number = "+15555550101"
    assert SEALER.lookup(number) == _sealer(new_data_key()).lookup(number) != SEALER.lookup("+15555550102")


@pytest.mark.parametrize(
    "statement",
    [
        tables.webhooks.insert().values(id="SM1", answer="my chest hurts", at=START),
        tables.calls.insert().values(id="CA1", conversation_id="c", state={"heard": "my chest hurts"}),
    ],
)
def test_what_is_not_sealed_does_not_reach_the_database(database: Database, statement: sa.sql.Executable) -> None:
    with (
        database.engine.connect() as connection,
        pytest.raises(sa.exc.StatementError, match="must be sealed") as caught,
    ):
        connection.execute(statement)
    assert "chest" not in str(caught.value)
