"""How many talks may be followed at once, and by whom."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from aiohttp import web

from bot.channels.errors import ApiProblem

_RETRY_SECONDS = 15


class Places:
    """Counts streams. Used on the event loop alone."""

    def __init__(self, total: int, per_address: int) -> None:
        self._total = total
        self._per_address = per_address
        self._taken: Counter[str] = Counter()
        self._open = 0

    @contextlib.contextmanager
    def taken(self, address: str) -> Iterator[None]:
        """A place as long as the stream lasts. Raises ApiProblem where none is free."""
        if self._taken[address] >= self._per_address:
            raise _full(429, "too_many_streams", "This address follows as many talks as it may.")
        if self._open >= self._total:
            raise _full(503, "streams_full", "As many talks are followed as can be.")
        self._taken[address] += 1
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]


def _full(status: int, code: str, why: str) -> ApiProblem:
    message = f"{why} Read the messages with GET /api/chat/messages, and try again as Retry-After says."
    return ApiProblem(status, code, message, {"Retry-After": str(_RETRY_SECONDS)})


PLACES = web.AppKey("places", Places)
