"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


class FakeClock:
    """Calls like `bot.domain.clock.utc_now`."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        """Later by the arguments of a timedelta; returns the new time."""
        self.now += timedelta(**by)
        return self.now
