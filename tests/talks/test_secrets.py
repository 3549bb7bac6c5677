"""Rasa and the action server answer our own processes alone, and say nothing of what patients write."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from bot.domain.own_keys import SECRET_HEADER, shared_secret
from bot.settings import ROOT
from tests.harness.settings import free_ports
from tests.talks.servers import KEY

OURS = {SECRET_HEADER: shared_secret(KEY)}
STRANGERS = pytest.mark.parametrize(
    "headers",
    [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "é".encode()}, {SECRET_HEADER: shared_secret(KEY[::-1])}],
    ids=["none", "empty", "not-ascii", "of-another-key"],
)
SECRET_WORDS = "my chest hurts and my name is Ana"
_SECONDS = 60


@dataclass(frozen=True)
class Server:
    url: str
    output: Path


def _alive(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(url, timeout=5).ok
    return False


@contextlib.contextmanager
def _running(what: str, health: str, folder: Path) -> Iterator[Server]:
    (port,) = free_ports(1)
    url, output = f"http://127.0.0.1:{port}", folder / "output"
    with output.open("wb") as file:
        argv = (sys.executable, "-m", "tests.talks.servers", what, str(port))
        process = subprocess.Popen(argv, stdout=file, stderr=file, cwd=ROOT)
        try:
            deadline = time.monotonic() + _SECONDS
            while not _alive(url + health):
                assert process.poll() is None, output.read_text(encoding="utf-8")
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield Server(url, output)
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _running("rasa", "/webhooks/rest/", tmp_path_factory.mktemp("rasa")) as server:
        yield server


@pytest.fixture(scope="module")
def actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _running("actions", "/health", tmp_path_factory.mktemp("actions")) as server:
        yield server


def _says_hi(rasa: Server, headers: dict[str, str]) -> requests.Response:
    body = {"sender": "ana", "message": "hi"}
    return requests.post(f"{rasa.url}/webhooks/rest/webhook", json=body, headers=headers, timeout=30)


def test_rasa_answers_the_gateway(rasa: Server) -> None:
    response = _says_hi(rasa, OURS)
    assert (response.status_code, "heard hi" in response.text) == (200, True)


@STRANGERS
def test_rasa_refuses_everybody_else(rasa: Server, headers: dict[str, str]) -> None:
    response = _says_hi(rasa, headers)
    assert (response.status_code, "heard" in response.text) == (401, False)


@STRANGERS
def test_the_action_server_refuses_everybody_but_rasa(actions: Server, headers: dict[str, str]) -> None:
    called = requests.post(f"{actions.url}/webhook", json={"next_action": "x"}, headers=headers, timeout=30)
    listed = requests.get(f"{actions.url}/actions", headers=headers, timeout=30)
    assert (called.status_code, listed.status_code) == (401, 401)


def test_an_action_that_fails_tells_nobody_what_the_patient_wrote(actions: Server) -> None:
    call = {
        "next_action": "action_broken",
        "sender_id": "ana",
        "tracker": {"sender_id": "ana", "latest_message": {"text": SECRET_WORDS}, "slots": {}, "events": []},
        "domain": {},
    }
    response = requests.post(f"{actions.url}/webhook", json=call, headers=OURS, timeout=30)
    logged = actions.output.read_text(encoding="utf-8")
    assert (response.status_code, SECRET_WORDS in response.text, SECRET_WORDS in logged) == (500, False, False)
    assert "action_failed error=KeyError" in logged
