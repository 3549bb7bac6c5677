"""Starts `python -m bot serve` and talks to it as a patient would."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bot.settings import ROOT, SETTINGS
from tests.e2e.processes import descendants, free_ports, listener

READY_SECONDS = 200
REPLY_SECONDS = 40


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)
    return found


def environment(**settings: str) -> dict[str, str]:
    """The environment without settings of whoever runs the tests, and with these."""
    names = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")}
    return {**{name: value for name, value in os.environ.items() if name not in names}, **settings}


def run_bot(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT, env=environment(**settings), capture_output=True, text=True, timeout=REPLY_SECONDS, check=False,
    )  # fmt: skip


def request(
    port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Status and JSON."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=REPLY_SECONDS)) as connection:
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


@dataclass(frozen=True)
class Answer:
    """What came back for one message."""

    body: dict[str, Any]

    @property
    def kinds(self) -> list[str]:
        """Of the replies, in order."""
        return [reply["kind"] for reply in self.body["replies"]]

    @property
    def topics(self) -> list[str]:
        """Of the replies, in order."""
        return [reply["topic"] for reply in self.body["replies"]]

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "\n".join(reply["text"] for reply in self.body["replies"])

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Document and section, of all replies."""
        return [(s["document"], s["section"]) for reply in self.body["replies"] for s in reply["sources"]]

    @property
    def buttons(self) -> list[str]:
        """What the buttons send."""
        return [button["text"] for button in self.body["replies"][-1]["buttons"]]

    @property
    def tier(self) -> str | None:
        """Of the open escalation."""
        return (self.body["escalation"] or {}).get("tier")

    @property
    def reference(self) -> str:
        """Of the open escalation."""
        return str(self.body["escalation"]["reference"])


class Talk:
    """One patient's conversation."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.conversation_id: str | None = None

    def say(self, text: str, message_id: str | None = None) -> Answer:
        """Send a message; anything but a 200 fails the test."""
        body = {"text": text, "message_id": message_id or str(uuid.uuid4()), "conversation_id": self.conversation_id}
        status, answer = request(self._port, "POST", "/api/chat/messages", body)
        assert status == 200, answer
        self.conversation_id = answer["conversation_id"]
        return Answer(answer)


class Server:
    """Everything that `make run` starts, on free ports, with its data in a folder of its own."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self._settings = settings
        self.port, self.rasa_port, self.actions_port = free_ports(3)
        self._log = data_dir / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> Self:
        """Start it, and do not wait."""
        command = [sys.executable, "-m", "bot", "serve", "--data-dir", str(self.data_dir)]
        ports = ["--port", self.port, "--rasa-port", self.rasa_port, "--actions-port", self.actions_port]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, *map(str, ports)], cwd=ROOT, env=environment(**self._settings), stdout=log, stderr=log
            )
        return self

    def wait_for(self, line: str) -> Self:
        """Until it says `line`; at once a failure if it ends instead."""

        def said() -> bool:
            assert self.process.poll() is None, self.output
            return line in self.output

        until(said, READY_SECONDS, f"the server says {line!r}")
        return self

    def start(self) -> Self:
        """Start it and wait until questions are answered."""
        return self.launch().wait_for("ready after")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The supervisor."""
        assert self._process is not None
        return self._process

    @property
    def output(self) -> str:
        """What it has said so far."""
        return self._log.read_text(encoding="utf-8")

    @property
    def children(self) -> set[int]:
        """The processes that it keeps."""
        return descendants(self.process.pid)

    def talk(self) -> Talk:
        """A new patient."""
        return Talk(self.port)

    def escalations(self) -> list[str]:
        """The lines that `python -m bot escalations` lists."""
        listed = run_bot("escalations", DATA_DIR=str(self.data_dir))
        assert listed.returncode == 0, listed.stderr
        return listed.stdout.splitlines()

    def ready(self) -> tuple[int, dict[str, bool]]:
        """Status of /readyz, and whether each part works."""
        status, body = request(self.port, "GET", "/readyz")
        return status, {name: check["ok"] for name, check in body["checks"].items()}

    def is_ready(self) -> bool:
        """Whether it answers that every part works; a gateway that is down does not."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ready()[0] == 200
        return False

    def kill(self, port: int) -> None:
        """Kill the process behind a port, without warning, and wait until it is gone."""
        pid = until(lambda: listener(port), 10, f"somebody listens on {port}")
        os.kill(pid, signal.SIGKILL)
        until(lambda: listener(port) != pid, 10, f"{pid} is gone")

    def wait_until_ready(self) -> None:
        """Until every part works again."""
        until(self.is_ready, READY_SECONDS, "ready again")

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(REPLY_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
