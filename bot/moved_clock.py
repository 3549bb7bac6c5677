"""The demonstration's clock: a file holds how many seconds later it is than really."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.domain import clock

# A hundred days: further than any timer of ours, and far from the end of the calendar.
_MOST_SECONDS = 100 * 86_400


class ClockFile:
    """Read anew each time, by every process of the product; what cannot be read changes nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = timedelta(0)

    def shift(self) -> timedelta:
        """How much later it is than really."""
        try:
            seconds = int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return self._last
        self._last = timedelta(seconds=min(max(seconds, 0), _MOST_SECONDS))
        return self._last


def follow(path: Path | None) -> None:
    """Let this process keep the time of a file; none: the real time."""
    if path is not None:
        clock.move(ClockFile(path).shift)
