"""How figures become gauges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.domain.escalation import Status, Tier
from bot.metrics import Metrics
from bot.services.measures import Figures, Outbox
from tests.harness.clock import START

NOTHING_DUE = Outbox(0, None)


def figures(delays: Sequence[int] = ()) -> Figures:
    """A quiet day."""
    return Figures(
        {(Tier.URGENT, Status.OPEN): 2}, {Tier.URGENT: START}, NOTHING_DUE, Outbox(3, START),
        [timedelta(seconds=delay) for delay in delays], START, None,
    )  # fmt: skip


def _read(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"assistant_{name}", labels)


@pytest.mark.parametrize(
    ("delays", "median", "most"),
    [((), 0, 0), ((4,), 4, 4), ((3, 1, 2), 2, 3), (range(1, 101), 50, 95)],
)
def test_delays_of_pages_are_told_by_quantile(delays: Sequence[int], median: float, most: float) -> None:
    metrics = Metrics()
    metrics.stand(figures(delays), START)
    assert _read(metrics, "page_delay_last_hour_seconds", quantile="0.5") == median
    assert _read(metrics, "page_delay_last_hour_seconds", quantile="0.95") == most
    assert _read(metrics, "pages_sent_last_hour") == len(delays)


def test_ages_are_counted_to_the_time_of_the_look() -> None:
    metrics = Metrics()
    metrics.stand(figures(), START + timedelta(minutes=2))
    assert _read(metrics, "unacknowledged_seconds", tier="urgent") == 120
    assert _read(metrics, "unacknowledged_seconds", tier="emergency") == 0
    assert _read(metrics, "outbox_oldest_due_seconds", outbox="texts") == 120
    assert _read(metrics, "pager_age_seconds") == 120
    assert _read(metrics, "drill_age_seconds") == float("inf")


def test_what_the_database_said_before_it_went_is_not_told_any_more() -> None:
    metrics = Metrics()
    metrics.stand(figures(), START)
    metrics.stand(None, START)
    assert _read(metrics, "database_up") == 0
    assert _read(metrics, "open_escalations", tier="urgent", status="open") is None
    assert _read(metrics, "outbox_due", outbox="texts") is None
    assert _read(metrics, "pager_age_seconds") != _read(metrics, "pager_age_seconds")  # not a number


def test_what_it_does_not_know_is_no_gauge_of_another_process() -> None:
    one, other = Metrics(), Metrics()
    one.streams(1)
    assert (_read(one, "open_streams"), _read(other, "open_streams")) == (1, 0)
