"""The only place that asks what time it is, so that tests can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def _not_moved() -> timedelta:
    return timedelta(0)


class _Shift:
    """How far the time of this process is from the real one."""

    read: Callable[[], timedelta] = staticmethod(_not_moved)


def utc_now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC) + _Shift.read()


def move(shift: Callable[[], timedelta]) -> None:
    """From now on the time of this process is that much later: for a demonstration, never for a clinic."""
    _Shift.read = staticmethod(shift)
