"""The processes of a run: started, killed without warning, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

from bot.settings import ROOT
from bot.supervise.child import Program, open_log

# Time that somebody who restarts things needs, at most.
_LONGEST_DOWN_SECONDS = 1.5


class Part:
    """One process, in a group of its own."""

    def __init__(self, program: Program, environment: Mapping[str, str]) -> None:
        self.name = program.name
        self._program = program
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process. Raises ValueError while it is down."""
        if self._process is None:
            raise ValueError(f"{self.name} is down")
        return self._process.pid

    def start(self) -> None:
        """Start it; its output goes to the end of its log."""
        if self._program.log_file is None:
            raise ValueError(f"{self.name} has no log file")
        with open_log(self._program.log_file) as log:
            self._process = subprocess.Popen(
                self._program.argv,
                cwd=ROOT,
                env={**self._environment, **self._program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """-9, to it and to whatever it started."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):  # it had ended by itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


@contextmanager
def running(programs: Sequence[Program], environment: Mapping[str, str], logs: Path) -> Iterator[list[Part]]:
    """All of them for a while; none is left behind."""
    parts = [Part(replace(p, log_file=p.log_file or logs / f"{p.name}.log"), environment) for p in programs]
    try:
        for part in parts:
            part.start()
        yield parts
    finally:
        for part in parts:
            part.kill()


class Killer:
    """Kills a part every now and then, and starts it again a moment later."""

    def __init__(self, parts: Sequence[Part], every_seconds: float, random: Random) -> None:
        self._parts = list(parts)
        self._every = every_seconds
        self._random = random
        self.kills: Counter[str] = Counter()

    async def run(self) -> None:
        """Until cancelled; then whatever is down is started."""
        while True:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * self._every)
            part = self._random.choice(self._parts)
            part.kill()
            self.kills[part.name] += 1
            try:
                await asyncio.sleep(self._random.uniform(0, _LONGEST_DOWN_SECONDS))
            finally:
                part.start()
