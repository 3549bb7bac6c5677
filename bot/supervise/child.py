"""One server process that is started again, with a growing pause, when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
# Alive this long, and the next death starts with a short pause again.
_STEADY_SECONDS = 60.0
_GRACE_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. Output goes to `log_file`, or to ours where there is none."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log_file: Path | None = None


class Child:
    """Keeps one program running until it is stopped."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Start it, and start it again whenever it ends."""
        pause = _FIRST_PAUSE
        while True:
            started = time.monotonic()
            code = await self._run_once()
            if self._stop.is_set():
                return
            pause = _FIRST_PAUSE if time.monotonic() - started > _STEADY_SECONDS else pause
            log.warning("child_died name=%s exit=%s restart_seconds=%.0f", self._program.name, code, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
                return
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _run_once(self) -> int:
        log_file = self._program.log_file
        with open_log(log_file) if log_file else contextlib.nullcontext() as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._program.argv,
                env={**os.environ, **self._program.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Its own group: Ctrl-C comes to us, and we stop children in order.
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        if self._stop.is_set():  # while it was starting, so `stop` did not see it
            self._signal(signal.SIGKILL)
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, then insist."""
        self._stop.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        self._signal(signal.SIGKILL)  # and whatever it left behind in its group
        await process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def open_log(path: Path) -> IO[bytes]:
    """A log that grows at its end, made with its folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Private: Rasa writes what patients say into its log when it fails.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _die_with_parent() -> None:
    """If we are killed outright, the kernel ends the child: nothing is left running."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
