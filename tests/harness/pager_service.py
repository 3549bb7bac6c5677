"""A paging provider on a real socket, which takes pages, refuses them, hangs, drops, or answers late."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

# Longer than any test takes; a test that fails must still end.
_PATIENCE_SECONDS = 60


class Manner(Enum):
    """How a request is treated."""

    ANSWER = auto()  # taken when the status is below 300, and answered
    DELAY = auto()  # waits for `release`, then as ANSWER
    ANSWER_LATE = auto()  # taken at once, answered after `release`
    HANG = auto()  # taken, never answered
    TRICKLE = auto()  # taken, and a header that never ends is sent until `release`
    DROP = auto()  # taken, and the connection is closed without an answer


@dataclass(frozen=True)
class Treatment:
    """What the next request meets."""

    manner: Manner = Manner.ANSWER
    status: int = 200
    body: bytes = b"ok"  # the very word that Slack says
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """One request as it came in; `payload` is its JSON or its form."""

    path: str
    headers: dict[str, str]
    payload: Any
    at: float = field(default_factory=time.time)  # seconds since 1970


class PagerService:
    """Speaks what Apprise's json://, PagerDuty, Slack webhooks and Twilio expect."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port = server.server_address[1]
        self.received: list[Received] = []  # every request
        self.accepted: list[Received] = []  # those that were taken on
        self._next: deque[Treatment] = deque()
        self._lock = threading.Lock()
        self._arrival = threading.Semaphore(0)
        self._released = threading.Event()

    def http_url(self, path: str = "/") -> str:
        """Its address for plug-ins with one of their own."""
        return f"http://127.0.0.1:{self.port}{path}"

    def apprise_url(self, path: str = "/", query: str = "", login: str = "") -> str:
        """Its address as json://."""
        return f"json://{login + '@' if login else ''}127.0.0.1:{self.port}{path}{'?' + query if query else ''}"

    def will(self, manner: Manner, times: int = 1) -> None:
        """Treat the next requests so."""
        self._next.extend([Treatment(manner)] * times)

    def will_say(self, body: bytes) -> None:
        """Answer the next request with 200 and a body."""
        self._next.append(Treatment(body=body))

    def will_answer(self, status: int, times: int = 1, **headers: str) -> None:
        """Answer the next requests with a status; from 300 on nothing is taken."""
        self._next.extend([Treatment(status=status, headers=headers)] * times)

    def wait_for_requests(self, count: int = 1) -> None:
        """Return when so many more have come in."""
        for _ in range(count):
            assert self._arrival.acquire(timeout=_PATIENCE_SECONDS), "nobody called"

    def release(self) -> None:
        """Let everything that waits go on."""
        self._released.set()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """One request, in a thread of its own."""
        received = _read(handler)
        with self._lock:
            treatment = self._next.popleft() if self._next else Treatment()
            self.received.append(received)
        self._arrival.release()
        manner = treatment.manner
        if manner is Manner.DELAY:
            self._released.wait(_PATIENCE_SECONDS)
        if treatment.status < 300:
            with self._lock:
                self.accepted.append(received)
        if manner in (Manner.HANG, Manner.ANSWER_LATE):
            self._released.wait(_PATIENCE_SECONDS)
        if manner is Manner.TRICKLE:
            self._trickle(handler)
        elif manner not in (Manner.HANG, Manner.DROP):
            _answer(handler, treatment)
        handler.close_connection = True

    def _trickle(self, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self._released.wait(0.02):
            handler.wfile.write(b".")


def _read(handler: BaseHTTPRequestHandler) -> Received:
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
    is_form = "form" in (handler.headers.get("Content-Type") or "")
    payload = dict(parse_qsl(body)) if is_form else json.loads(body or "null")
    return Received(handler.path, dict(handler.headers), payload)


def _answer(handler: BaseHTTPRequestHandler, treatment: Treatment) -> None:
    handler.send_response(treatment.status)
    for name, value in treatment.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(treatment.body)))
    handler.end_headers()
    handler.wfile.write(treatment.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    service: PagerService

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that gave up is no news."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        self.server.service.handle(self)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def pager_service() -> Iterator[PagerService]:
    """A provider for the length of a test."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.service = PagerService(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.service
    finally:
        server.service.release()
        server.shutdown()
        server.server_close()
        thread.join()
