from __future__ import annotations

import logging
from pathlib import Path

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.talks import Talks, talks_engine
from bot.talks.bounded import TURNS
from bot.talks.tracker_store import TalkMemory
from tests.harness.storage import SEALER

ANA = "ana"


def _talks(folder: Path) -> Talks:
    return Talks(talks_engine(f"sqlite:///{folder / 'assistant.db'}"), SEALER)


def _store(folder: Path) -> TalkMemory:
    return TalkMemory(Domain.empty(), talks=_talks(folder))


def _says(tracker: DialogueStateTracker, number: int) -> None:
    for event in (UserUttered(f"question {number}"), BotUttered("an answer"), ActionExecuted("action_listen")):
        tracker.update(event)


def _questions(tracker: DialogueStateTracker | None) -> list[str | None]:
    assert tracker is not None
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def test_a_talk_that_nobody_knows_is_none(tmp_path: Path) -> None:
    assert await _store(tmp_path).retrieve(ANA) is None


async def test_a_talk_goes_on_after_a_restart_and_on_another_server(tmp_path: Path) -> None:
    tracker = await _store(tmp_path).get_or_create_tracker(ANA)
    _says(tracker, 1)
    await _store(tmp_path).save(tracker)
    assert _questions(await _store(tmp_path).retrieve(ANA)) == ["question 1"]
    assert list(await _store(tmp_path).keys()) == [ANA]


async def test_a_long_talk_takes_no_more_room_than_a_short_one(tmp_path: Path) -> None:
    store = _store(tmp_path)
    sizes = []
    for number in range(10, 60):
        tracker = await store.get_or_create_tracker(ANA)
        _says(tracker, number)
        await store.save(tracker)
        sizes.append(len(_talks(tmp_path).get(ANA) or ""))
    assert max(sizes) <= 1.1 * sizes[TURNS]
    assert _questions(await store.retrieve(ANA)) == [f"question {number}" for number in range(60 - TURNS, 60)]


async def test_a_database_that_is_away_is_said_loudly_and_rasa_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = _store(tmp_path / "not-there")
    with pytest.raises(SQLAlchemyError):
        await store.retrieve(ANA)
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    assert await FailSafeTrackerStore(store).retrieve(ANA) is None
