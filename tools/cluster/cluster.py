"""A cluster that runs: its processes by name, ready or not, kept up, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bot.settings import Settings, load_settings
from bot.supervise.training import model_path, screen_model_path
from tools.cluster.processes import Command, Process
from tools.cluster.servers import Servers, servers
from tools.cluster.topology import Place, Ports, Size, commands

_SERVERS_SECONDS = 60
_READY_SECONDS = 240
_ANSWER_SECONDS = 30
# What an orchestrator takes to notice, and to start again.
_RESTART_SECONDS = 1.0
_LOOK_SECONDS = 0.1
_QUESTION = "How long does one ketamine session last?"


class CannotRun(Exception):
    """The cluster did not start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a cluster is made of. `environment` is for every process; `folder` is kept, without one all data goes at the end."""

    size: Size = field(default_factory=Size)
    first_port: int | None = None
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    restarts: bool = True


class Cluster:
    """The processes by name (`gateway-1`, `rasa-2`, `postgres` …), and what is asked of all of them."""

    def __init__(self, place: Place, base: Servers, processes: list[Process]) -> None:
        self.place = place
        self.servers = base
        self.processes = {each.name: each for each in (base.postgres, base.redis, *processes)}
        self._own = list(processes)
        self._over = threading.Event()

    @property
    def urls(self) -> tuple[str, ...]:
        """Of the gateways."""
        return self.place.ports.gateway_urls

    def start(self) -> None:
        """Databases, schema, then everything at once. Raises CannotRun."""
        for each in (self.servers.postgres, self.servers.redis):
            each.start()
        _until(self.servers.database_answers, _SERVERS_SECONDS, "PostgreSQL does not answer", self.servers.postgres)
        _until(self.servers.redis_answers, _SERVERS_SECONDS, "Redis does not answer", self.servers.redis)
        _migrate(self.place.command("migrate", "migrate"))
        for each in self._own:
            each.start()

    def wait_until_ready(self, seconds: float = _READY_SECONDS) -> None:
        """Until every gateway says that every part works, and answers a question. Raises CannotRun."""
        for number, url in enumerate(self.urls, 1):
            gateway = self.processes[f"gateway-{number}"]
            _until(partial(_is_ready, url), seconds, f"{url}/readyz names a part that does not work", gateway)
            _until(partial(answers, url), seconds, f"{url} answers no question", gateway)

    def keep_up(self) -> None:
        """Start again what dies, as an orchestrator does, until the cluster is stopped."""
        threading.Thread(target=self._keep_up, name="keep-up", daemon=True).start()

    def stop(self) -> None:
        """All but the databases, in no order; nothing is left."""
        self._over.set()
        stopping = [threading.Thread(target=each.stop) for each in self._own]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()

    def memory(self) -> dict[str, int]:
        """Resident bytes by process."""
        return {name: each.memory_bytes() for name, each in self.processes.items()}

    def _keep_up(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            for each in self.processes.values():
                if each.wanted and not each.is_running and not self._over.wait(_RESTART_SECONDS) and each.wanted:
                    each.start()


@contextlib.contextmanager
def cluster(options: Options) -> Iterator[Cluster]:
    """A cluster that is started and answers; stopped at the end. Raises CannotRun."""
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cluster-")))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = load_settings({**models(), **options.environment, "DATA_DIR": str(folder / "data" / "tool")})
        _check_models(settings)
        base = stack.enter_context(servers(folder / "logs"))
        ports = Ports.free(options.size, options.first_port)
        place = Place(folder, settings, base.database_url, base.redis_url, ports, extra=options.environment)
        running = Cluster(place, base, [Process(each) for each in commands(place, options.size)])
        stack.callback(running.stop)
        running.start()
        if options.restarts:
            running.keep_up()
        running.wait_until_ready()
        yield running


def answers(url: str) -> bool:
    """Whether a gateway answers a question from the documents."""
    with contextlib.suppress(OSError, ValueError):
        body = {"text": _QUESTION, "message_id": str(uuid.uuid4())}
        answer = _json(f"{url}/api/chat/messages", body)
        return any(reply["kind"] == "answer" for reply in answer["replies"])
    return False


def models() -> dict[str, str]:
    """Where the models are, and for which clinic: of the settings of whoever started this only these two count."""
    return {name: os.environ[name] for name in ("MODELS_DIR", "CLINIC_FILE") if name in os.environ}


def _check_models(settings: Settings) -> None:
    for path in (model_path(settings.models_dir, settings.clinic), screen_model_path(settings)):
        if not path.exists():
            raise CannotRun(f"there is no {path.name} in {settings.models_dir}: run `make train`, or set MODELS_DIR")


def _migrate(command: Command) -> None:
    run = subprocess.run(
        command.argv, cwd=command.folder, env=dict(command.environment), capture_output=True, check=False
    )
    if run.returncode != 0:
        raise CannotRun(f"the schema cannot be made: {run.stderr.decode(errors='replace')[-2000:]}")


def _is_ready(url: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return bool(_json(f"{url}/readyz")["ready"])
    return False


def _json(url: str, body: Any = None) -> Any:
    """What an address answers. Raises OSError for anything but a 2xx, ValueError for what is no JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - http to ourselves
    with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:  # noqa: S310
        return json.loads(response.read())


def _until(condition: Callable[[], bool], seconds: float, problem: str, process: Process) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline or not process.starts:
            raise CannotRun(f"{problem} after {seconds:g} s; its log ends:\n{process.output()[-2000:]}")
        time.sleep(_LOOK_SECONDS)
