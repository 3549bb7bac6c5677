"""A share of something counted, with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
# 95 % of a normal distribution lie within so many standard deviations.
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `total`, with the 95 % interval of Wilson."""

    good: int
    total: int

    @property
    def value(self) -> float:
        """The share itself; NaN of nothing."""
        return self.good / self.total if self.total else float("nan")

    def interval(self) -> tuple[float, float]:
        """Lower and upper end; of nothing, everything is possible."""
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.value
        middle = p + _Z * _Z / (2 * n)
        spread = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        return (middle - spread) / (1 + _Z * _Z / n), (middle + spread) / (1 + _Z * _Z / n)

    def to_dict(self) -> dict[str, Any]:
        """For a JSON file, which has no NaN."""
        value = self.value if self.total else None
        return {"good": self.good, "total": self.total, "value": value, "interval": self.interval()}

    def __str__(self) -> str:
        if not self.total:
            return "none"
        low, high = self.interval()
        return f"{self.value:.1%} of {self.total} ({low:.1%} to {high:.1%})"


def share(items: Iterable[T], good: Callable[[T], bool]) -> Share:
    """How many of the items are good."""
    kept = list(items)
    return Share(sum(map(good, kept)), len(kept))
