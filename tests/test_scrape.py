"""Metrics are told also while the database hangs."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy.engine import Engine

from bot import scrape
from bot.dialogue.replicas import Replicas
from bot.metrics import Metrics
from bot.scrape import Scrape
from bot.services.measures import Figures
from bot.storage.engine import create_engine
from bot.storage.figures import read_figures
from tests.harness.storage import Database


class SlowDatabase:
    """Looks into the database are counted, and end when they are let."""

    def __init__(self) -> None:
        self.looks = 0
        self.free = threading.Event()

    def read(self, engine: Engine, now: datetime) -> Figures:
        """In place of `read_figures`."""
        self.looks += 1
        self.free.wait()
        return read_figures(engine, now)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDatabase]:
    """A database that hangs; nobody waits for it for longer than a moment."""
    database = SlowDatabase()
    monkeypatch.setattr(scrape, "read_figures", database.read)
    monkeypatch.setattr(scrape, "_DATABASE_SECONDS", 0.01)
    yield database
    database.free.set()


@pytest.fixture
async def reading(database: Database, tmp_path: Path) -> AsyncIterator[Scrape]:
    """Of a gateway whose Rasa is away."""
    async with aiohttp.ClientSession() as session:
        replicas = Replicas(session, ["http://127.0.0.1:9"])
        reading = Scrape(Metrics(), database.engine, replicas, lambda: False, tmp_path)
        yield reading
        reading.close()


async def test_a_database_that_hangs_is_asked_once_and_waited_for_by_nobody(
    reading: Scrape, slow: SlowDatabase
) -> None:
    first, second = await reading(), await reading()
    assert b"assistant_database_up 0.0" in first
    assert b"assistant_database_up 0.0" in second
    assert slow.looks == 1


async def test_when_it_answers_again_so_do_the_gauges(
    reading: Scrape, slow: SlowDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reading()
    slow.free.set()
    monkeypatch.setattr(scrape, "_DATABASE_SECONDS", 10)
    assert b"assistant_database_up 1.0" in await reading()


async def test_what_is_wrong_elsewhere_is_told(reading: Scrape, tmp_path: Path) -> None:
    (tmp_path / "one.json").touch()
    (tmp_path / "two.unreadable").touch()
    (tmp_path / "three.partial").touch()
    text = (await reading()).decode()
    assert 'assistant_rasa_up{replica="http://127.0.0.1:9"} 0.0' in text
    assert "assistant_screen_complete 0.0" in text
    assert "assistant_spooled_reports 2.0" in text


async def test_a_database_without_tables_is_down(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    async with aiohttp.ClientSession() as session:
        reading = Scrape(Metrics(), engine, Replicas(session, ["http://127.0.0.1:9"]), lambda: True, tmp_path)
        assert b"assistant_database_up 0.0" in await reading()
        reading.close()
