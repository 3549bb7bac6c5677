from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.storage.sealing import Sealer
from bot.storage.talks import Talks, talks_engine
from tests.harness.settings import DATA_KEY
from tests.harness.storage import SEALER

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW_KEY = "A" * 43 + "="
WORDS = "my chest hurts and my name is Ana"


@pytest.fixture
def talks(engine: Engine) -> Talks:
    """Memories on each backend."""
    talks = Talks(engine, SEALER)
    talks.prepare()
    return talks


def test_what_was_kept_comes_back(talks: Talks) -> None:
    talks.put("ana", WORDS, NOON)
    assert (talks.get("ana"), talks.get("ben")) == (WORDS, None)


def test_what_is_kept_later_takes_its_place(talks: Talks) -> None:
    talks.put("ana", "before", NOON)
    talks.put("ana", "after", NOON)
    assert (talks.get("ana"), talks.senders()) == ("after", ("ana",))


def test_it_is_sealed(talks: Talks, engine: Engine) -> None:
    talks.put("ana", WORDS, NOON)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM rasa_talks")).all()
    assert len(rows) == 1
    assert "chest" not in repr(rows)


def test_it_is_sealed_anew_with_a_new_key(talks: Talks, engine: Engine) -> None:
    talks.put("ana", WORDS, NOON)
    both = Talks(engine, Sealer(lambda: (NEW_KEY, DATA_KEY), b"k" * 32))
    assert [both.reseal(), both.reseal()] == [1, 0]
    assert Talks(engine, Sealer(lambda: (NEW_KEY,), b"k" * 32)).get("ana") == WORDS


def test_preparing_again_does_no_harm(talks: Talks) -> None:
    talks.put("ana", WORDS, NOON)
    talks.prepare()
    assert talks.get("ana") == WORDS


def test_a_talk_can_be_forgotten(talks: Talks) -> None:
    for sender in ("ana", "ben", "eva"):
        talks.put(sender, WORDS, NOON)
    assert talks.forget("ana", "eva", "nobody") == 2
    assert talks.senders() == ("ben",)


def test_old_talks_are_forgotten_some_at_a_time(talks: Talks) -> None:
    for day in range(5):
        talks.put(f"talk-{day}", WORDS, NOON + timedelta(days=day))
    before = NOON + timedelta(days=3)
    assert [talks.forget_before(before, 2) for _ in range(3)] == [2, 1, 0]
    assert set(talks.senders()) == {"talk-3", "talk-4"}


def test_on_sqlite_talks_have_a_file_of_their_own(tmp_path: Path) -> None:
    talks = Talks(talks_engine(f"sqlite:///{tmp_path / 'assistant.db'}"), SEALER)
    talks.prepare()
    talks.put("ana", WORDS, NOON)
    assert talks.get("ana") == WORDS
    assert (tmp_path / "assistant.db.talks").exists()
    assert not (tmp_path / "assistant.db").exists()
