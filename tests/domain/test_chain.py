"""Lines that hold each other: whatever is changed, taken out or put in shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.chain import START, Chain

KEY = b"a key for chains"
LINE = {"actor": "noor", "detail": {"b": 1, "a": [1, 2]}, "at": datetime(2026, 3, 2, 14, tzinfo=UTC)}


def test_the_same_line_after_the_same_line_has_the_same_hash() -> None:
    again = {"at": LINE["at"], "detail": {"a": [1, 2], "b": 1}, "actor": "noor"}
    assert Chain(KEY, "audit").hash(START, LINE) == Chain(KEY, "audit").hash(START, again)


def test_a_moment_is_the_same_in_every_zone() -> None:
    chicago = datetime(2026, 3, 2, 8, tzinfo=timezone(timedelta(hours=-6)))
    assert Chain(KEY, "audit").holds(START, {**LINE, "at": chicago}, Chain(KEY, "audit").hash(START, LINE))


@pytest.mark.parametrize(
    ("key", "label", "previous", "line"),
    [
        (b"another key", "audit", START, LINE),
        (KEY, "history", START, LINE),
        (KEY, "audit", "1" * 64, LINE),
        (KEY, "audit", START, {**LINE, "actor": "lee"}),
        (KEY, "audit", START, {**LINE, "detail": {"b": 1, "a": [2, 1]}}),
        (KEY, "audit", START, {**LINE, "at": datetime(2026, 3, 2, 14, 0, 0, 1, tzinfo=UTC)}),
    ],
    ids=["key", "kind", "line before", "actor", "detail", "microsecond"],
)
def test_anything_else_has_another_hash(key: bytes, label: str, previous: str, line: dict[str, object]) -> None:
    assert not Chain(key, label).holds(previous, line, Chain(KEY, "audit").hash(START, LINE))


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(TypeError, match="a set cannot be part"):
        Chain(KEY, "audit").hash(START, {"detail": {1, 2}})
