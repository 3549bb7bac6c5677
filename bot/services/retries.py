"""Somebody else wrote first: the same work again, on what is there now."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from bot.domain.errors import Conflict

T = TypeVar("T")

_TRIES = 3


def again_on_conflict(work: Callable[[], T]) -> T:
    """Do a whole transaction, a few times if need be. Raises Conflict when it never gets through."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(Conflict):
            return work()
    return work()
