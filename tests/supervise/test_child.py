"""A program that is kept running, tried on tiny ones that call the test when they start."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.supervise import child as child_module
from bot.supervise.child import Child, Program

_CALL = "import signal, socket, subprocess, sys, time; "
_CONNECT = "line = socket.create_connection(('127.0.0.1', {port})); "
DIES = _CALL + _CONNECT + "sys.exit(3)"
STAYS = _CALL + _CONNECT + "time.sleep(600)"
IGNORES_TERM = _CALL + "signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _CONNECT + "time.sleep(600)"
LEAVES_ONE_BEHIND = _CALL + "subprocess.Popen([sys.executable, '-c', {inner!r}]); time.sleep(600)"
SPEAKS = _CALL + "print('Ana wrote this', flush=True); " + _CONNECT + "time.sleep(600)"


class Switchboard:
    """Knows when a program started, and when it is gone: its connection is."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[asyncio.Event] = asyncio.Queue()
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A program started; its event is set when it is gone."""
        gone = asyncio.Event()
        self.calls.put_nowait(gone)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        gone.set()
        writer.close()

    async def started(self) -> asyncio.Event:
        """Wait for the next start; returns the event of its end."""
        return await asyncio.wait_for(self.calls.get(), 20)

    def program(self, code: str, log_file: Path | None = None) -> Program:
        """A program that calls this switchboard."""
        inner = STAYS.format(port=self.port)
        return Program("tiny", (sys.executable, "-c", code.format(port=self.port, inner=inner)), log_file=log_file)


@pytest.fixture
async def switchboard() -> AsyncIterator[Switchboard]:
    board = Switchboard()
    server = await asyncio.start_server(board.answer, "127.0.0.1", 0)
    board.port = server.sockets[0].getsockname()[1]
    yield board
    server.close()
    await server.wait_closed()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(child_module, "_LONGEST_PAUSE", 0.04)
    monkeypatch.setattr(child_module, "_GRACE_SECONDS", 0.3)


async def test_a_program_that_dies_is_started_again(switchboard: Switchboard) -> None:
    child = Child(switchboard.program(DIES))
    running = asyncio.create_task(child.run())
    for _ in range(3):
        await switchboard.started()
    await child.stop()
    await asyncio.wait_for(running, 20)
    assert running.exception() is None


async def test_the_pause_before_a_start_grows_to_a_limit(
    switchboard: Switchboard, caplog: pytest.LogCaptureFixture
) -> None:
    child = Child(switchboard.program(DIES))
    running = asyncio.create_task(child.run())
    for _ in range(6):
        await switchboard.started()
    await child.stop()
    await asyncio.wait_for(running, 20)
    deaths = [record.args for record in caplog.records if record.msg.startswith("child_died")]
    assert deaths[:5] == [("tiny", 3, pause) for pause in (0.01, 0.02, 0.04, 0.04, 0.04)]


@pytest.mark.parametrize(
    "code", [STAYS, IGNORES_TERM, LEAVES_ONE_BEHIND], ids=["at-once", "ignores-the-request", "with-a-child"]
)
async def test_a_stopped_program_is_gone_with_all_it_started(switchboard: Switchboard, code: str) -> None:
    child = Child(switchboard.program(code))
    running = asyncio.create_task(child.run())
    gone = await switchboard.started()
    await asyncio.wait_for(child.stop(), 20)
    await asyncio.wait_for(running, 20)
    assert await asyncio.wait_for(gone.wait(), 20)
    assert switchboard.calls.empty()


async def test_stopping_twice_is_no_mistake(switchboard: Switchboard) -> None:
    child = Child(switchboard.program(STAYS))
    running = asyncio.create_task(child.run())
    await switchboard.started()
    await asyncio.gather(child.stop(), child.stop())
    await asyncio.wait_for(running, 20)
    await child.stop()
    assert running.done()


async def test_a_program_that_is_stopped_while_it_starts_does_not_stay(switchboard: Switchboard) -> None:
    child = Child(switchboard.program(STAYS))
    running = asyncio.create_task(child.run())
    await asyncio.sleep(0)  # it is being started now
    await child.stop()
    done, _ = await asyncio.wait({running}, timeout=5)
    await child.stop()
    await running
    assert done


async def test_a_program_that_does_not_exist_is_said() -> None:
    with pytest.raises(FileNotFoundError):
        await Child(Program("tiny", ("/nowhere/program",))).run()


async def test_what_a_program_says_goes_to_a_private_file(switchboard: Switchboard, tmp_path: Path) -> None:
    log_file = tmp_path / "logs" / "tiny.log"
    child = Child(switchboard.program(SPEAKS, log_file))
    running = asyncio.create_task(child.run())
    await switchboard.started()
    await child.stop()
    await asyncio.wait_for(running, 20)
    assert log_file.read_text(encoding="utf-8") == "Ana wrote this\n"
    assert log_file.stat().st_mode & 0o077 == 0
