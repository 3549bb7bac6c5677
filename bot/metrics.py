"""What Prometheus reads: counts of this process, and how things stand in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from bot.domain.escalation import Status, Tier
from bot.domain.messages import ReplyKind
from bot.services.measures import Figures, Outbox

_SCREEN_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_QUANTILES = (0.5, 0.95, 1.0)
_OPEN = tuple(status for status in Status if status is not Status.RESOLVED)


class Metrics:
    """Counters, histograms and gauges, with labels of a few known values: no patient, number or word is in one.

    What is read from the database is the same in each gateway, what is counted is each gateway's own.
    """

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self._messages = Counter(
            "assistant_messages", "Messages that were taken in, repeats too.", ["channel"], registry=registry
        )
        self._replies = Counter("assistant_replies", "Replies, by what they are.", ["kind"], registry=registry)
        self._screen = Histogram(
            "assistant_screen_seconds", "Reading one text for reports.", buckets=_SCREEN_SECONDS, registry=registry
        )
        self._dialogue = Histogram(
            "assistant_dialogue_seconds", "Asking Rasa, with or without an answer.", buckets=_SECONDS, registry=registry
        )
        self._dialogue_errors = Counter(
            "assistant_dialogue_errors", "Questions that Rasa did not answer.", ["reason"], registry=registry
        )
        self._requests = Histogram(
            "assistant_request_seconds", "HTTP requests, streams left out.", ["route", "method", "status"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._refusals = Counter(
            "assistant_refusals",
            "Requests that were refused, by the code of the error: signature_wrong is a webhook that is not the provider's.",
            ["code"],
            registry=registry,
        )
        self._streams = Gauge("assistant_open_streams", "Talks that are followed live.", registry=registry)
        self._state = _State(registry)
        for kind in ReplyKind:  # a rate of what has not happened yet is 0, and not nothing
            self._replies.labels(kind)

    # -- counted as it happens -------------------------------------------------

    def answered(self, channel: str, kinds: Iterable[ReplyKind]) -> None:
        """A message was taken in, and this was said to it."""
        self._messages.labels(channel).inc()
        for kind in kinds:
            self._replies.labels(kind).inc()

    def screened(self, seconds: float) -> None:
        """The screen has read a text."""
        self._screen.observe(seconds)

    def asked(self, seconds: float, problem: str | None) -> None:
        """The dialogue has answered, or why not."""
        self._dialogue.observe(seconds)
        if problem is not None:
            self._dialogue_errors.labels(problem).inc()

    def served(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request is over."""
        self._requests.labels(route, method, str(status)).observe(seconds)

    def refused(self, code: str) -> None:
        """A request was refused."""
        self._refusals.labels(code).inc()

    def streams(self, change: int) -> None:
        """A stream was opened (1) or is over (-1)."""
        self._streams.inc(change)

    # -- read when somebody asks -----------------------------------------------

    def stand(self, figures: Figures | None, now: datetime) -> None:
        """How things stand in the database; None while it does not answer, and what it said last is dropped."""
        self._state.set(figures, now)

    def parts(self, replicas: Mapping[str, bool], screen_is_complete: bool, spooled: int) -> None:
        """What works: Rasa servers by address, the learned reader, and how many reports wait on this disk."""
        self._state.set_parts(replicas, screen_is_complete, spooled)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class _State:
    """The gauges that are set when they are read."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
            return Gauge(f"assistant_{name}", text, labels, registry=registry)

        self._rasa = gauge("rasa_up", "Whether a Rasa server answers.", ["replica"])
        self._screen = gauge("screen_complete", "0 while the rules read without the learned reader.")
        self._spooled = gauge("spooled_reports", "Reports on this gateway's disk that the database has not taken.")
        self._database = gauge("database_up", "Whether the database has answered this scrape.")
        self._escalations = gauge("open_escalations", "Escalations that are not closed.", ["tier", "status"])
        self._waiting = gauge(
            "unacknowledged_seconds", "Since the oldest report was opened that nobody has acknowledged.", ["tier"]
        )
        self._due = gauge("outbox_due", "What should have left by now.", ["outbox"])
        self._oldest = gauge("outbox_oldest_due_seconds", "Since when the oldest of it is due.", ["outbox"])
        self._delays = gauge(
            "page_delay_last_hour_seconds",
            "From storing a page to its leaving, of those of the last hour.",
            ["quantile"],
        )
        self._pages = gauge("pages_sent_last_hour", "Pages that have left in the last hour.")
        self._pager = gauge("pager_age_seconds", "Since a pager's last sign of life; +Inf if there never was one.")
        self._drill = gauge("drill_age_seconds", "Since a drill went the whole way; +Inf if none ever did.")
        self._of_database = (
            self._escalations, self._waiting, self._due, self._oldest, self._delays,
        )  # fmt: skip

    def set_parts(self, replicas: Mapping[str, bool], screen_is_complete: bool, spooled: int) -> None:
        for name, up in replicas.items():
            self._rasa.labels(name).set(up)
        self._screen.set(screen_is_complete)
        self._spooled.set(spooled)

    def set(self, figures: Figures | None, now: datetime) -> None:
        self._database.set(figures is not None)
        if figures is None:
            for each in self._of_database:
                each.clear()
            self._pages.set(float("nan"))
            self._pager.set(float("nan"))
            self._drill.set(float("nan"))
            return
        self._set_escalations(figures, now)
        for name, outbox in (("pages", figures.pages), ("texts", figures.texts)):
            self._set_outbox(name, outbox, now)
        self._set_pages(figures.page_delays)
        self._pager.set(_since(figures.pager_seen, now))
        self._drill.set(_since(figures.drilled, now))

    def _set_escalations(self, figures: Figures, now: datetime) -> None:
        for tier in Tier:
            for status in _OPEN:
                self._escalations.labels(tier, status).set(figures.escalations.get((tier, status), 0))
            self._waiting.labels(tier).set(_age(figures.waiting_since.get(tier), now))

    def _set_outbox(self, name: str, outbox: Outbox, now: datetime) -> None:
        self._due.labels(name).set(outbox.due)
        self._oldest.labels(name).set(_age(outbox.oldest, now))

    def _set_pages(self, delays: Sequence[timedelta]) -> None:
        self._pages.set(len(delays))
        ordered = sorted(delay.total_seconds() for delay in delays)
        for quantile in _QUANTILES:
            place = max(0, round(quantile * len(ordered)) - 1)
            self._delays.labels(f"{quantile:g}").set(ordered[place] if ordered else 0)


def _since(moment: datetime | None, now: datetime) -> float:
    """A time in the future is as far off: the clock was set back since."""
    return float("inf") if moment is None else abs((now - moment).total_seconds())


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
