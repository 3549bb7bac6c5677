"""One process of the cluster, which may be killed, held still and started again."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bot.settings import ROOT
from bot.supervise.child import open_log
from tests.e2e.processes import descendants

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 15
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Command:
    """What to run; as another user where that is needed. `end` asks it to end."""

    name: str
    argv: Sequence[str | Path]
    log_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    user: int | None = None
    end: signal.Signals = signal.SIGTERM


class Process:
    """Runs a command in a group of its own. `wanted`: somebody who keeps things up should start it when it is down."""

    def __init__(self, command: Command) -> None:
        self.name = command.name
        self.log_file = command.log_file
        self.wanted = False
        self.starts = 0
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        # A fault and whoever keeps things up may act at once.
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        return self._process.pid if self._process and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether the process is there, also while it is held still."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, unless it runs; its output goes to the end of its log."""
        with self._lock:
            self.wanted = True
            if self.is_running:
                return
            self.starts += 1
            with open_log(self._command.log_file) as log:
                self._process = _SPAWNER.submit(_spawn, self._command, log).result()

    def stop(self) -> None:
        """Ask it to end, then insist. It stays down."""
        with self._lock:
            self.wanted = False
            if self._process is not None and self.is_running:
                self._process.send_signal(self._command.end)
                self.resume()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_GRACE_SECONDS)
            self.kill()

    def kill(self) -> None:
        """-9, to it and to all that it started. Whoever keeps things up may start it again."""
        with self._lock:
            self._signal(signal.SIGKILL)
            if self._process is not None:
                self._process.wait()

    def pause(self) -> None:
        """Hold it still: it is there, and says nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def memory_bytes(self) -> int:
        """Resident, of it and of what it started; what they share counts for each."""
        return sum(map(_resident, self.family()))

    def output(self) -> str:
        """What it has said so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""

    def family(self) -> set[int]:
        """It, and all that it started: PostgreSQL's are in groups of their own."""
        return {self.pid, *descendants(self.pid)} if self.pid else set()

    def _signal(self, number: signal.Signals) -> None:
        """To all of them, those too that were being started meanwhile."""
        told: set[int] = set()
        while new := self.family() - told:
            told |= new
            for pid in new:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


# The kernel ends a child with the thread that started it: this one lasts as long as the tool.
_SPAWNER = ThreadPoolExecutor(1, thread_name_prefix="spawner")


def _spawn(command: Command, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.argv,
        cwd=command.folder,
        env=dict(command.environment),
        user=command.user,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )


def _end_with_parent() -> None:
    """If the tool is killed outright, nothing is left running."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    return 0
