"""The pager as `make run` keeps it: a process of its own, there before anything is trained, back when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app import House, build_house
from bot.domain.escalation import Tier
from bot.services.escalations import Report
from bot.settings import Settings, load_settings
from bot.storage import tables
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from bot.supervise import child as child_module
from bot.supervise import serve
from bot.supervise.child import Child, Program
from tests.harness.settings import environment, free_ports
from tests.harness.storage import Database

# Longer than starting Python takes on a busy machine.
PATIENCE_SECONDS = 60


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Also the environment of what is started."""
    (tmp_path / "var").mkdir()
    names = ("PORT", "RASA_PORT", "ACTIONS_PORT")
    ports = {name: str(port) for name, port in zip(names, free_ports(3), strict=True)}
    variables = environment(tmp_path, **ports)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings(variables)


@pytest.fixture
def database(settings: Settings) -> Database:
    """What the pager works on."""
    engine = create_engine(settings.database_url)
    upgrade(engine)
    return Database(engine)


@pytest.fixture
def house(settings: Settings, database: Database) -> House:
    """The same database, as the gateway has it."""
    return build_house(settings, database.engine)


@pytest.fixture
async def pager(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Child]:
    """A pager that is kept running."""
    monkeypatch.setattr(child_module, "_FIRST_PAUSE", 0.01)
    child = Child(serve.pager_program())
    running = asyncio.create_task(child.run())
    yield child
    await child.stop()
    await running


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - another process's work
            await asyncio.sleep(0.05)


def _report(house: House, who: str) -> str:
    report = Report(f"message-of-{who}", Tier.EMERGENCY, "screen", ("cardiac",))
    return house.desk.open_for_sender(who, "rest", report).reference


async def test_a_pager_that_is_killed_is_started_again_and_loses_no_page(
    pager: Child, house: House, database: Database
) -> None:
    first = _report(house, "ana")
    await _until(lambda: house.desk.sent_page(first) is not None)
    assert pager._process is not None
    killed = pager._process.pid
    os.kill(killed, signal.SIGKILL)
    second = _report(house, "ben")
    await _until(lambda: house.desk.sent_page(second) is not None)
    assert pager._process.pid != killed
    assert [(page.state, page.attempts) for page in database.rows(tables.pages)] == [("sent", 1), ("sent", 1)]


async def test_gateway_and_pager_are_there_before_anything_is_trained(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[str] = []

    def launch(program: Program, *_: object) -> None:
        launched.append(program.name)

    async def train(*_: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(serve, "_launch", launch)
    monkeypatch.setattr(serve, "train_screen", train)
    monkeypatch.setenv("SCREEN_MODEL", "")
    async with asyncio.TaskGroup() as tasks:
        with pytest.raises(InterruptedError):
            await serve._start(settings, [], tasks)
    assert launched == ["gateway", "pager"]


async def test_a_drill_that_is_under_way_ends_with_the_server(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    start = asyncio.create_subprocess_exec

    async def remembered(*arguments: str, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*arguments, **options)
        started.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remembered)
    drills = asyncio.create_task(serve._drills(settings))
    drill = await asyncio.wait_for(started.get(), PATIENCE_SECONDS)
    drills.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drills
    assert drill.returncode == -signal.SIGKILL


async def test_a_machine_that_cannot_start_a_drill_says_so_and_serves_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: str, **__: object) -> None:
        raise OSError("Cannot allocate memory")

    said: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(serve, "say", said.put_nowait)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    drills = asyncio.create_task(serve._drills(settings))
    assert "Cannot allocate memory" in await asyncio.wait_for(said.get(), PATIENCE_SECONDS)
    assert not drills.done()
    drills.cancel()


async def test_a_drill_that_fails_is_said_loudly(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(serve, "say", said.put_nowait)
    drills = asyncio.create_task(serve._drills(settings))  # there is no gateway
    line = await asyncio.wait_for(said.get(), PATIENCE_SECONDS)
    drills.cancel()
    assert line.startswith("THE DRILL FAILED")
    assert "BROKEN" in line
