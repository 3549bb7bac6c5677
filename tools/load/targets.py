"""What the day is played against: an address that is given, one process of each, or the cluster."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.settings import free_ports
from tools.cluster.cluster import CannotRun, Options, cluster, models
from tools.cluster.processes import Command, Process
from tools.cluster.topology import without_ours

_READY = "assistant: ready after"
_READY_SECONDS = 300
_LOOK_SECONDS = 0.2

# What it takes in memory, by process; nothing where that is not ours to know.
Memory = Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the gateways are, and the address that the telephone provider signs."""

    name: str
    urls: tuple[str, ...]
    memory: Memory = dict

    @property
    def public_url(self) -> str:
        """The first gateway's."""
        return self.urls[0]


@contextlib.contextmanager
def one_of_each(folder: Path, environment: Mapping[str, str]) -> Iterator[Target]:
    """What `make run` starts, on SQLite. Raises CannotRun."""
    port, rasa_port, actions_port = free_ports(3)
    own = {"PORT": str(port), "RASA_PORT": str(rasa_port), "ACTIONS_PORT": str(actions_port), "CANARY_HOURS": "0"}
    data = folder / "run"
    command = Command(
        "serve",
        (sys.executable, "-m", "bot", "serve"),
        folder / "run.log",
        {**without_ours(), **models(), **own, **environment, "DATA_DIR": str(data)},
    )
    process = Process(command)
    process.start()
    try:
        _until_ready(process)
        yield Target("run", (f"http://127.0.0.1:{port}",), lambda: {"all processes": process.memory_bytes()})
    finally:
        process.stop()


def _until_ready(process: Process) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while _READY not in process.output():
        if time.monotonic() > deadline or not process.is_running:
            raise CannotRun(f"`bot serve` is not ready; it said:\n{process.output()[-2000:]}")
        time.sleep(_LOOK_SECONDS)


@contextlib.contextmanager
def two_of_each(folder: Path, environment: Mapping[str, str]) -> Iterator[Target]:
    """What `make cluster` starts."""
    with cluster(Options(folder=folder / "cluster", environment=environment)) as running:
        yield Target("cluster", running.urls, running.memory)
