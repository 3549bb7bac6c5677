"""Tells whoever follows conversations that something of them has changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bot.domain.errors import StorageUnavailable
from bot.services.live_ports import Change
from bot.services.ports import UnitOfWork, UnitOfWorkFactory

log = logging.getLogger(__name__)

# In place of a conversation's id: any of them may have changed.
EVERYTHING = "*"
LOOK_SECONDS = 0.2
# Between two looks, however often something is committed.
_SHORTEST_PAUSE_SECONDS = 0.01
# An id that was passed over belongs to a transaction that is not committed yet, or never will be.
_MISSING_FOR_SECONDS = 300.0
# So many ids back are looked for, and so many changes are read at a time.
_AT_A_TIME = 1000

Pause = Callable[[float], Awaitable[object]]


class Watch:
    """What has changed since it was asked last."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._woken = asyncio.Event()

    def tell(self, what: str) -> None:
        """Something has changed."""
        self._changed.add(what)
        self._woken.set()

    async def next(self, timeout_seconds: float) -> frozenset[str]:
        """The conversations that have changed, as soon as one has; nothing when none has in time.

        EVERYTHING among them: it is not known which.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._woken.wait()
        changed = frozenset(self._changed)
        self._changed.clear()
        self._woken.clear()
        return changed


class Nudges:
    """A pause that ends early when this process has committed something; the port for other ways to be told."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """There is something to see. From any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._nudged.set)

    async def __call__(self, seconds: float) -> None:
        """Wait so long, or until there is something to see."""
        self._loop = asyncio.get_running_loop()
        await asyncio.sleep(_SHORTEST_PAUSE_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudged.wait()
        self._nudged.clear()


class Changes:
    """Reads the log of changes for the whole process, and wakes those whom a change concerns.

    However many watch, the database is asked once. Whoever watches first, and
    reads the conversation after that, misses nothing.
    """

    def __init__(self, readers: UnitOfWorkFactory, pause: Pause = asyncio.sleep) -> None:
        self._position = _Position(readers)
        self._pause = pause
        self._watches: dict[str | None, set[Watch]] = {}
        self._is_away = False
        # One thread of its own: talks that are read slowly do not keep the others from hearing.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="changes")

    @contextlib.contextmanager
    def watch(self, conversation_id: str | None) -> Iterator[Watch]:
        """Watch one conversation, or all of them."""
        watch = Watch()
        self._watches.setdefault(conversation_id, set()).add(watch)
        try:
            yield watch
        finally:
            others = self._watches[conversation_id]
            others.remove(watch)
            if not others:
                del self._watches[conversation_id]

    def wake(self) -> None:
        """Wake everybody: what they know may be old."""
        for watches in self._watches.values():
            for watch in watches:
                watch.tell(EVERYTHING)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._look()
                await self._pause(LOOK_SECONDS)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _look(self) -> None:
        try:
            changes = await asyncio.get_running_loop().run_in_executor(self._thread, self._position.advance)
        except StorageUnavailable as error:
            self._away(type(error).__name__)
        except Exception:  # a worker's loop: whoever watches hears of the next change
            log.exception("changes_failed")
            self._away("failed")
        else:
            if self._is_away:
                log.info("changes_readable_again")
            self._is_away = False
            self._tell(changes)

    def _away(self, reason: str) -> None:
        if not self._is_away:
            log.warning("changes_unreadable reason=%s", reason)
        self._is_away = True
        self._position.lose()

    def _tell(self, changes: tuple[Change, ...] | None) -> None:
        if changes is None:
            self.wake()
            return
        for conversation_id in dict.fromkeys(change.conversation_id for change in changes):
            for watch in (*self._watches.get(conversation_id, ()), *self._watches.get(None, ())):
                watch.tell(conversation_id)


class _Position:
    """How far the log was read, and which ids before that are not there yet."""

    def __init__(self, readers: UnitOfWorkFactory) -> None:
        self._readers = readers
        self._newest: int | None = None
        # PostgreSQL gives ids before the commit: a lower one may come later. Until when each is looked for.
        self._missing: dict[int, float] = {}

    def lose(self) -> None:
        """Begin anew, at what is newest then: the database may have been replaced."""
        self._newest = None
        self._missing.clear()

    def advance(self) -> tuple[Change, ...] | None:
        """What is there since the last time; None when it begins: anything may be. Raises StorageUnavailable."""
        with self._readers() as uow:
            if self._newest is None:
                self._begin(uow)
                return None
            found: list[Change] = []
            while True:
                part = uow.changes.after(self._newest, self._missing.keys(), _AT_A_TIME)
                for change in part:
                    self._pass(change.id)
                found += part
                if len(part) < _AT_A_TIME:
                    return tuple(found)

    def _begin(self, uow: UnitOfWork) -> None:
        newest = uow.changes.newest()
        recent = uow.changes.after(newest - _AT_A_TIME, (), _AT_A_TIME)
        self._newest = recent[0].id - 1 if recent else newest
        for change in recent:
            self._pass(change.id)

    def _pass(self, change_id: int) -> None:
        now = time.monotonic()
        newest = self._newest or 0
        if change_id <= newest:
            self._missing.pop(change_id, None)
            return
        self._missing = {each: until for each, until in self._missing.items() if until > now}
        passed_over = range(max(newest + 1, change_id - _AT_A_TIME), change_id)
        self._missing |= dict.fromkeys(passed_over, now + _MISSING_FOR_SECONDS)
        self._newest = change_id
