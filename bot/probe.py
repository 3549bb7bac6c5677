"""Whether a process of ours is alive, for whoever starts it again: python -m bot.probe [gateway|rasa|actions|pager].

Exits with 0 or 1. Without a name it asks about the first process of the
container. It is started every few seconds, so it imports nothing of ours.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGER_SIGN = "pager.alive"
_PAGER_SILENT_SECONDS = 60
_ANSWER_SECONDS = 5
_FIRST_PROCESS = Path("/proc/1/cmdline")


@dataclass(frozen=True, slots=True)
class _Server:
    """Where a server says that it is there: names of the settings with their defaults."""

    host: tuple[str, str]
    port: tuple[str, str]
    path: str


_INTERNAL_HOST = ("INTERNAL_HOST", "127.0.0.1")
_SERVERS = {
    "gateway": _Server(("HOST", "127.0.0.1"), ("PORT", "8080"), "/healthz"),
    "rasa": _Server(_INTERNAL_HOST, ("RASA_PORT", "5005"), "/webhooks/rest/"),
    "actions": _Server(_INTERNAL_HOST, ("ACTIONS_PORT", "5055"), "/health"),
}
# What the processes are called when they have become what they run.
_NAMES = {**{name: name for name in (*_SERVERS, "pager")}, "bot.talks.actions_server": "actions"}


def is_alive(name: str, environment: Mapping[str, str]) -> bool:
    """Whether the process of that name answers; for the pager, whether it has done a turn of its work lately."""
    if name == "pager":
        return _is_fresh(Path(environment.get("DATA_DIR") or "var") / PAGER_SIGN)
    return _answers(_SERVERS[name], environment)


def running(command_line: str) -> str | None:
    """Which of our processes a command line, parted by zero bytes, starts."""
    return next((_NAMES[word] for word in command_line.split("\0") if word in _NAMES), None)


def _is_fresh(path: Path) -> bool:
    try:
        return abs(time.time() - path.stat().st_mtime) < _PAGER_SILENT_SECONDS
    except OSError:
        return False


def _answers(server: _Server, environment: Mapping[str, str]) -> bool:
    host, port = (environment.get(name) or default for name, default in (server.host, server.port))
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(reached, int(port), timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", server.path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: Sequence[str]) -> int:
    """0 for alive, 1 for dead, 2 for a name that is none."""
    name = arguments[0] if arguments else running(_FIRST_PROCESS.read_text(encoding="utf-8", errors="replace"))
    if name is None or name not in _NAMES.values():
        print(f"usage: python -m bot.probe [{'|'.join((*_SERVERS, 'pager'))}]", file=sys.stderr)  # noqa: T201
        return 2
    return 0 if is_alive(name, os.environ) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
