"""The load generator, as locust runs it: patients who write and text, one part of the plan after the other.

Patients keep their pace while answers are late, so that a slow system is not
spared. Whoever writes comes from an address of their own, and any gateway may
get any message of a talk, as behind a proxy.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import gevent
from locust import FastHttpUser, LoadTestShape, User, constant_throughput, events, task
from locust.env import Environment

from bot.twilio.paths import SMS
from bot.twilio.signature import HEADER, sign
from tools.load import figures, sayings
from tools.load.plan import PLAN_VARIABLE, Part, Plan, Run, Sample

PLAN = Plan.read(Path(os.environ[PLAN_VARIABLE]))
# Each patient writes that often a second.
_PACE = 0.2
_TIMEOUT_SECONDS = 30.0
_STATUS_CALLBACK = re.compile(r'statusCallback="([^"]+)"')
_PAUSE_SECONDS = 5.0
# Users a second that come and go between two parts.
_ALL_AT_ONCE = 1000.0

_began = time.monotonic()
_samples: list[Sample] = []
# Kind and beginning of what has no answer yet.
_underway: dict[int, tuple[str, float]] = {}
_numbers = itertools.count(1)


def _seconds() -> float:
    """Of the run."""
    return time.monotonic() - _began


def _so_far() -> list[Sample]:
    """What is over, and what is not with the time that it has taken already: the slowest must not be left out."""
    now = _seconds()
    return [*_samples, *(Sample(at, kind, now - at) for kind, at in _underway.values())]


class _Person(FastHttpUser):
    """Somebody with an address of their own, who is served by any of the gateways."""

    abstract = True
    host = PLAN.urls[0]
    connection_timeout = network_timeout = _TIMEOUT_SECONDS

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.number = next(_numbers)
        self.random = Random(PLAN.seed * 1_000_003 + self.number)
        self.address = f"198.18.{self.number // 250 % 250}.{self.number % 250 + 1}"

    def on_start(self) -> None:
        """People do not all begin at the same moment."""
        time.sleep(self.random.uniform(0, 1 / _PACE))

    @contextlib.contextmanager
    def request(self, kind: str, method: str, path: str, **options: Any) -> Iterator[Any]:
        """One request to any gateway, noted with what was wrong with it; the body raises ValueError to say so."""
        at, problem, number = _seconds(), "", next(_numbers)
        _underway[number] = kind, at
        headers = {"X-Forwarded-For": self.address, **options.pop("headers", {})}
        url = f"{self.random.choice(PLAN.urls)}{path}"
        try:
            with self.client.request(
                method, url, name=kind, headers=headers, catch_response=True, **options
            ) as response:
                try:
                    if not 200 <= response.status_code < 300:
                        raise ValueError(f"status {response.status_code}")
                    yield response
                    response.success()
                except ValueError as error:
                    problem = str(error)
                    response.failure(problem)
        finally:  # also for whoever is sent home without an answer when there are fewer patients: so long they have waited
            del _underway[number]
            _samples.append(Sample(at, kind, _seconds() - at, problem))


class Visitor(_Person):
    """A patient in the chat window."""

    weight = 85
    wait_time = constant_throughput(_PACE)

    talk: str | None = None
    position = 0

    @task(50)
    def asks(self) -> None:
        """Something that the documents answer, in a new talk."""
        self.talk, self.position = None, 0
        self._say("question", sayings.question(self.random))

    @task(30)
    def asks_on(self) -> None:
        """In the talk that there is."""
        self._say("follow-up" if self.talk else "question", self.random.choice(sayings.FOLLOW_UPS))

    @task(3)
    def reports(self) -> None:
        """Something severe; the first thing said must be the safety text."""
        self.talk, self.position = None, 0
        self._say("report", self.random.choice(sayings.REPORTS), first="safety")

    @task(10)
    def catches_up(self) -> None:
        """What was said meanwhile, as a window that was away asks."""
        if self.talk is None:
            self.asks()
            return
        path = f"/api/chat/messages?after={self.position}"
        with self.request("catch-up", "GET", path, headers={"Authorization": f"Bearer {self.talk}"}) as response:
            self.position = max((m["position"] for m in response.json()["messages"]), default=self.position)

    def _say(self, kind: str, text: str, first: str | None = None) -> None:
        body = {"text": text, "message_id": str(uuid.uuid4())}
        if self.talk is not None:
            body["conversation_id"] = self.talk
        with self.request(kind, "POST", "/api/chat/messages", json=body) as response:
            answer = response.json()
            self.talk = answer["conversation_id"]
            kinds = [reply["kind"] for reply in answer["replies"]]
            topics = [reply["topic"] for reply in answer["replies"]]
            if "system/degraded" in topics:
                raise ValueError("degraded")
            # Somebody whose report is open hears that first, whatever they ask.
            if not kinds or (first is not None and kinds[0] != first):
                raise ValueError("the wrong reply")


class Texter(_Person):
    """A patient who texts, through the provider's signed webhooks."""

    weight = 15
    wait_time = constant_throughput(_PACE)

    @task(20)
    def asks(self) -> None:
        """Something that the documents answer."""
        self._text(sayings.question(self.random))

    @task(1)
    def reports(self) -> None:
        """Something severe."""
        self._text(self.random.choice(sayings.REPORTS))

    def _text(self, body: str) -> None:
        assert PLAN.texts is not None
        sid = f"SM{uuid.uuid4().hex}"
        form = {
            "MessageSid": sid, "AccountSid": "AC" + "0" * 32, "Body": body, "NumMedia": "0",
            "From": f"+1555010{self.number % 10_000:04}", "To": PLAN.texts.clinic_number,
        }  # fmt: skip
        with self.request("text", "POST", SMS, data=form, headers=self._signed(SMS, form)) as response:
            # None: what takes longer than a webhook may is sent by itself later.
            callbacks = _STATUS_CALLBACK.findall(response.text)
        for number, callback in enumerate(callbacks):
            self._receipt(callback, f"{sid}{number}")

    def _receipt(self, callback: str, sid: str) -> None:
        """The carrier has delivered what the webhook answered."""
        assert PLAN.texts is not None
        path = callback.removeprefix(PLAN.texts.public_url)
        form = {"MessageSid": sid, "MessageStatus": "delivered", "AccountSid": "AC" + "0" * 32}
        with self.request("receipt", "POST", path, data=form, headers=self._signed(path, form)):
            pass

    def _signed(self, path: str, form: dict[str, str]) -> dict[str, str]:
        assert PLAN.texts is not None
        return {HEADER: sign(f"{PLAN.texts.public_url}{path}", form, PLAN.texts.token)}


class Flooder(_Person):
    """One client that sends as fast as it is let: many of these, all from one address. Not among the patients."""

    abstract = True

    def on_start(self) -> None:
        """At once."""

    def floods(self, until: float) -> None:
        """The next message as soon as there is an answer, until that second of the run."""
        self.address = "203.0.113.66"
        while _seconds() < until:
            body = {"text": "again and again", "message_id": str(uuid.uuid4())}
            with self.request(figures.FLOOD, "POST", "/api/chat/messages", json=body):
                pass


if PLAN.texts is None:
    Texter.weight = 0

_Tick = tuple[int, float, list[type[User]] | None]


class Parts(LoadTestShape):
    """Faster and faster until it is too fast, then half of what was good; or the same with a flood beside."""

    use_common_options = False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.parts: list[Part] = []
        self._plan = self._flood() if PLAN.flooders else self._steps()
        self._users: _Tick | None = None
        self._until = 0.0

    def tick(self) -> _Tick | None:
        """How many users there are to be now; None at the end."""
        if _seconds() >= self._until:
            _mark(self.parts)
            following = next(self._plan, None)
            if following is None:
                return None
            part, self._users = following
            self.parts.append(part)
            self._until = part.end
        return self._users

    def _steps(self) -> Iterator[tuple[Part, _Tick]]:
        good = 0.0
        for number, rate in enumerate(PLAN.rates, 1):
            yield self._part(f"step {number}", rate, PLAN.seconds)
            if not figures.is_good(self.parts[-1], _so_far(), PLAN.limit):
                break
            good = rate
        # What was too much is served before half of it is tried.
        yield self._part("pause", _PACE, _PAUSE_SECONDS)
        if good:
            yield self._part("half", good / 2, PLAN.seconds)

    def _flood(self) -> Iterator[tuple[Part, _Tick]]:
        (rate,) = PLAN.rates
        yield self._part("alone", rate, PLAN.seconds)
        part, users = self._part("beside a flood", rate, PLAN.seconds)
        assert self.runner is not None
        for _ in range(PLAN.flooders):
            gevent.spawn(Flooder(self.runner.environment).floods, part.end)
        yield part, users
        yield self._part("after it", rate, PLAN.seconds)

    def _part(self, name: str, rate: float, seconds: float) -> tuple[Part, _Tick]:
        start = _seconds()
        users = max(1, round(rate / _PACE))
        kinds: list[type[User]] = [Visitor, Texter] if PLAN.texts else [Visitor]
        return Part(name, rate, start, start + seconds), (users, _ALL_AT_ONCE, kinds)


def _mark(parts: list[Part]) -> None:
    """What is known is written after each part, so that a run that is broken off is not lost."""
    Run(tuple(parts), tuple(_samples)).write(Path(PLAN.out))


@events.quitting.add_listener
def _write(environment: Environment, **_: Any) -> None:
    shape = environment.shape_class
    assert isinstance(shape, Parts)
    _mark(shape.parts)
