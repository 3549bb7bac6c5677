"""From a report to a person and back, over the wire: page, link, stream, command line, and a pager that is killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.processes import alive
from tests.e2e.server import REPLY_SECONDS, Server, run_bot, until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

REPORT = "Cleo collapsed and does not answer"
WORDS = "I am calling you now."
REPORTS_BESIDE = 5


class Live:
    """A patient's open stream."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.messages: list[dict[str, Any]] = []
        self.escalation: dict[str, Any] | None = None

    def hears(self, topic: str) -> dict[str, Any]:
        """Read until a message about something comes; a stream that is quiet for too long fails the test."""
        while True:
            name, data = self._event()
            if name == "escalation":
                self.escalation = data
            if name != "message":
                continue
            self.messages.append(data)
            if (data["reply"] or {}).get("topic") == topic:
                return data

    def _event(self) -> tuple[str, Any]:
        fields: dict[str, str] = {}
        while "event" not in fields:
            for line in iter(lambda: self._line(), ""):
                name, _, value = line.partition(": ")
                fields[name] = value
        return fields["event"], json.loads(fields["data"])

    def _line(self) -> str:
        line = self._response.readline()
        assert line, "the stream has ended"
        return line.decode().rstrip("\n")


@dataclass(frozen=True)
class Case:
    """A report of one patient."""

    server: Server
    token: str
    reference: str

    @contextlib.contextmanager
    def stream(self) -> Iterator[Live]:
        """Follow the talk from its beginning."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=REPLY_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", "/api/chat/events", headers={"Authorization": f"Bearer {self.token}"})
            response = connection.getresponse()
            assert response.status == 200
            yield Live(response)

    def pages(self) -> list[str]:
        """What the log has of it."""
        return [line for line in self.server.output.splitlines() if f"report {self.reference}" in line]

    def link(self) -> str:
        """The path of the link in its first page, once that has left."""
        page = until(self.pages, REPLY_SECONDS, "a page is sent")[0]
        found = re.search(rf"http://127\.0\.0\.1:{self.server.port}(/staff/pages/\S+)", page)
        assert found is not None, page
        return found[1]

    def press(self) -> tuple[int, str]:
        """Press the button behind the link."""
        path = self.link()
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=REPLY_SECONDS)
        ) as connection:
            connection.request("POST", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def staff(self, command: str, *arguments: str, by: str = "noor") -> subprocess.CompletedProcess[str]:
        """A staff command."""
        return run_bot(command, self.reference, "--by", by, *arguments, DATA_DIR=str(self.server.data_dir))


@pytest.fixture(scope="module")
def ward(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own: its pager is killed. Drills are the test's."""
    ward = Server(tmp_path_factory.mktemp("ward"), CANARY_HOURS="0")
    try:
        yield ward.start()
    finally:
        ward.stop()


@pytest.fixture
def case(ward: Server) -> Case:
    """Somebody is in danger."""
    return report(ward)


def report(ward: Server) -> Case:
    """A new patient's report."""
    talk = ward.talk()
    reference = talk.say(REPORT).reference
    assert talk.conversation_id is not None
    return Case(ward, talk.conversation_id, reference)


def pager_of(ward: Server) -> int | None:
    """The process that sends pages."""
    for pid in alive(ward.children):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:4] == [b"-m", b"bot", b"pager"]:
                return pid
    return None


def test_a_patient_hears_of_who_saw_it_and_of_what_they_write(case: Case) -> None:
    with case.stream() as live:
        status, _ = case.press()
        seen = live.hears("notice/seen")["text"]
        assert status == 200
        assert re.match(rf"(Noor|Lee) \(nurse\) saw your report {case.reference} at \d\d:\d\d", seen)
        owner = {"Noor": "noor", "Lee": "lee"}[seen.split()[0]]
        assert case.staff("say", WORDS, by=owner).returncode == 0
        said = live.hears("staff/message")
        assert (said["from"], said["text"], said["name"]) == ("staff", WORDS, owner.title())
        assert case.staff("resolve", "--outcome", "handled", by=owner).returncode == 0
        live.hears("notice/closed")
    assert [m["reply"]["topic"] for m in live.messages if m["from"] != "patient"] == [
        "safety/report", "safety/callback", "notice/seen", "notice/joined", "staff/message",
        "notice/closed",
    ]  # fmt: skip


def test_an_acknowledgement_on_the_command_line_reaches_the_patient_and_the_link(case: Case) -> None:
    with case.stream() as live:
        assert case.staff("acknowledge", by="kim").returncode == 0
        assert live.hears("notice/seen")["text"].startswith("Kim (medical director) saw your report")
    status, page = case.press()
    assert (status, f"{case.reference} is already with Kim." in page) == (409, True)


def test_no_page_and_no_log_holds_the_patients_words(case: Case) -> None:
    case.link()
    assert "Cleo" not in case.server.output


def test_a_pager_that_is_killed_is_started_again_and_no_page_is_lost_or_sent_twice(ward: Server) -> None:
    killed = until(lambda: pager_of(ward), 10, "a pager")
    before = report(ward)
    os.kill(killed, signal.SIGKILL)
    cases = [before, *(report(ward) for _ in range(REPORTS_BESIDE))]
    for each in cases:
        until(each.pages, REPLY_SECONDS, f"{each.reference} is paged")
    assert until(lambda: pager_of(ward), 10, "a pager again") != killed
    ward.wait_until_ready()
    # The report that came as the pager was killed may have been accepted and not recorded: at least once.
    assert [len(each.pages()) for each in cases[1:]] == [1] * REPORTS_BESIDE


def test_a_drill_finds_every_link_good_and_is_listed_nowhere(ward: Server) -> None:
    before = ward.escalations()
    drill = run_bot("canary", DATA_DIR=str(ward.data_dir), PORT=str(ward.port))
    assert drill.returncode == 0, drill.stderr
    assert [line.split()[0] for line in drill.stdout.splitlines() if "web:" in line] == ["ok"] * 5
    assert ward.escalations() == before
