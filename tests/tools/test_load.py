"""What a run of the day becomes, and that the generator plays it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest

from bot.twilio.signature import HEADER, Signatures
from tools.load import figures, plots, sayings
from tools.load.__main__ import _generate
from tools.load.plan import Part, Plan, Run, Sample, Texts

TEN = Part("step 1", 10, 0, 10)
LATER = Part("step 2", 20, 10, 20)


def samples(seconds: float, count: int = 40, start: float = 0.0, problem: str = "") -> list[Sample]:
    """So many, evenly over ten seconds, that take as long each."""
    return [Sample(start + n * 10 / count, "question", seconds, problem) for n in range(count)]


# -- figures -------------------------------------------------------------------


def test_the_beginning_of_a_part_is_not_counted() -> None:
    assert [sample.at for sample in figures.of_part(TEN, samples(0.1, 10))] == [2, 3, 4, 5, 6, 7, 8, 9]


def test_the_rate_is_that_of_what_was_counted() -> None:
    found = figures.figures_of(TEN, samples(0.1))
    assert (found["messages a second, meant"], found["messages a second"]) == (10, 4)
    assert found["seconds to the answer"] == {"p50": 0.1, "p95": 0.1, "p99": 0.1, "longest": 0.1}


def test_what_nobody_waits_for_counts_beside() -> None:
    found = figures.figures_of(TEN, [*samples(0.1), Sample(5, "catch-up", 9.0)])
    assert found["seconds to the answer"]["longest"] == 0.1
    assert found["by kind"]["catch-up"]["p50"] == 9.0


def test_a_flood_is_told_apart_from_the_others() -> None:
    found = figures.figures_of(TEN, [*samples(0.1), Sample(5, "flood", 9.0, "status 429"), Sample(6, "flood", 1.0)])
    assert found["of the flood"] == {"status 429": 1, "answered": 1}
    assert found["problems"] == {}


@pytest.mark.parametrize(
    ("taken", "good"),
    [
        (samples(0.9), True),
        (samples(1.1), False),
        ([*samples(0.1, 99), *samples(2.0, 4)], True),  # fewer than one in twenty is slow
        ([*samples(0.1, 90), *samples(2.0, 10)], False),
        ([*samples(0.1, 90), *samples(0.1, 10, problem="degraded")], False),
        ([], False),
    ],
)
def test_a_part_is_good_while_nearly_all_are_answered_in_time(taken: list[Sample], good: bool) -> None:
    assert figures.is_good(TEN, taken, limit=1.0) is good


def test_the_highest_good_rate_and_the_first_bad_one_are_told() -> None:
    run = Run((TEN, LATER), (*samples(0.1, 100), *samples(3.0, 200, start=10)))
    found = figures.summary(run, 1.0)
    assert (found["highest rate below it"], found["first rate above it"]) == (10, 20)
    assert [part["part"] for part in found["parts"]] == ["step 1", "step 2"]


def test_half_of_the_highest_is_told_apart() -> None:
    half = Part("half", 5, 10, 20)
    found = figures.summary(Run((TEN, half), (*samples(0.2), *samples(0.1, start=10))), 1.0)
    assert found["at half of the highest"]["p95"] == 0.1
    assert (found["highest rate below it"], found["first rate above it"]) == (4, None)


@pytest.mark.parametrize("draw", [plots.by_rate, plots.by_part])
def test_the_plot_is_a_picture(draw: object) -> None:
    found = {"against": "cluster", **figures.summary(Run((TEN, LATER), tuple(samples(0.1))), 1.0)}
    assert ElementTree.fromstring(draw(found)).tag.endswith("svg")  # type: ignore[operator]  # noqa: S314 - our own


# -- plan ----------------------------------------------------------------------


@pytest.mark.parametrize("texts", [None, Texts("+15550100150", "a token", "http://127.0.0.1:8080")])
def test_a_plan_is_read_as_it_was_written(tmp_path: Path, texts: Texts | None) -> None:
    plan = Plan(("http://a", "http://b"), (1.0, 2.0), 3.0, 1.0, "out.json", texts=texts)
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan


def test_questions_are_those_that_buttons_ask() -> None:
    assert len(sayings._questions()) > 60
    assert all(question.endswith("?") for question in sayings._questions())


# -- the generator -------------------------------------------------------------


class FakeGateway(ThreadingHTTPServer):
    """Answers as the gateway does, and remembers what it was asked."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked: Counter[str] = Counter()
        self.addresses: set[str] = set()
        self.badly_signed = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeGateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked[self.path.partition("?")[0]] += 1
        self.server.addresses.add(self.headers["X-Forwarded-For"])
        if self.path.startswith("/webhooks/"):
            self._check(body)
            url = f"{self.server.url}/webhooks/twilio/status/one"
            self._answer(f'<Response><Message statusCallback="{url}">yes</Message></Response>'.encode())
        else:
            kind = "safety" if json.loads(body)["text"] in sayings.REPORTS else "answer"
            reply = {"kind": kind, "topic": "faq/driving"}
            self._answer(json.dumps({"conversation_id": "talk", "replies": [reply]}).encode())

    def do_GET(self) -> None:
        self.server.asked["catch-up"] += 1
        self._answer(json.dumps({"messages": [{"position": 2}]}).encode())

    def _check(self, body: bytes) -> None:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if not Signatures(("a token of theirs",), self.server.url).are_good(self.path, form, self.headers[HEADER]):
            self.server.badly_signed += 1

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    """On a real socket."""
    server = FakeGateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def play(gateway: FakeGateway, tmp_path: Path, **changes: object) -> Run:
    """A short day."""
    texts = Texts("+15550100150", "a token of theirs", gateway.url)
    plan = Plan((gateway.url,), (40.0,), 6.0, 1.0, str(tmp_path / "run.json"), texts=texts, **changes)  # type: ignore[arg-type]
    _generate(plan, tmp_path)
    return Run.read(tmp_path / "run.json")


@pytest.mark.e2e
def test_the_day_is_played_with_all_who_have_a_part_in_it(gateway: FakeGateway, tmp_path: Path) -> None:
    run = play(gateway, tmp_path)
    assert [part.name for part in run.parts] == ["step 1", "pause", "half"]
    assert {sample.kind for sample in run.samples} >= {"question", "follow-up", "text", "receipt"}
    assert {sample.problem for sample in run.samples} == {""}
    assert gateway.badly_signed == 0
    assert gateway.asked["/webhooks/twilio/status/one"] > 0
    assert len(gateway.addresses) > 20


@pytest.mark.e2e
def test_a_flood_comes_from_one_address_in_its_part_alone(gateway: FakeGateway, tmp_path: Path) -> None:
    run = play(gateway, tmp_path, flooders=3)
    alone, beside, after = (figures.of_part(part, run.samples, (figures.FLOOD,)) for part in run.parts)
    assert (alone, after) == ([], [])
    assert len(beside) > 100
