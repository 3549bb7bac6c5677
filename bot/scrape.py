"""One reading of the metrics: what this process counted, and a look at the database and the other parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.replicas import Replicas
from bot.domain.clock import utc_now
from bot.metrics import Metrics
from bot.services.measures import Figures
from bot.storage.figures import read_figures
from bot.storage.spool import waiting

# Prometheus gives up after ten.
_DATABASE_SECONDS = 2.0


class Scrape:
    """Call it for the text that Prometheus reads; `close` it in the end."""

    def __init__(
        self, metrics: Metrics, engine: Engine, replicas: Replicas, screen_is_complete: Callable[[], bool], spool: Path
    ) -> None:
        self._metrics = metrics
        self._engine = engine
        self._replicas = replicas
        self._screen_is_complete = screen_is_complete
        self._spool = spool
        # One look at a time: a database that hangs holds up one thread, and nobody who reads.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._look: Future[Figures] | None = None

    async def __call__(self) -> bytes:
        """All metrics."""
        figures, replicas = await asyncio.gather(self._figures(), self._replicas.states())
        self._metrics.stand(figures, utc_now())
        self._metrics.parts(replicas, self._screen_is_complete(), waiting(self._spool))
        return self._metrics.text()

    def close(self) -> None:
        """Let go of the thread, whatever it waits for."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _figures(self) -> Figures | None:
        if self._look is None or self._look.done():
            self._look = self._thread.submit(read_figures, self._engine, utc_now())
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                return await asyncio.shield(asyncio.wrap_future(self._look))
        except (SQLAlchemyError, TimeoutError):
            return None
