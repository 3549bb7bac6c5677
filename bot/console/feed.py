"""What every open console hears as it happens, as server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Any, Final

from aiohttp import web

from bot.console import desk_parts
from bot.console.auth import WORKERS, require, run, still_signed_in
from bot.console.routing import Route, get
from bot.domain.errors import NotFound, StorageUnavailable
from bot.domain.staff import EVERYBODY
from bot.services.live import EVERYTHING, Changes, Watch
from bot.services.queue import Alarm

EVENTS: Final = "/staff/events"
_SIGN_OF_LIFE_SECONDS: Final = 15.0
_LOOK_AGAIN_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 60.0
# A browser that takes nothing for so long is gone.
_PATIENCE_SECONDS: Final = 30


class Feed:
    """Looks at the queue once for all consoles after each change, and then tells them."""

    def __init__(self, look: Callable[[], Alarm], changes: Changes) -> None:
        self._look = look
        self._changes = changes
        self._watches: set[Watch] = set()
        self._closed = False
        # None: the database does not answer.
        self.latest: Alarm | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the gateway stops: streams end."""
        return self._closed

    @contextlib.contextmanager
    def watch(self) -> Iterator[Watch]:
        """Hear of changes that `latest` has in it already."""
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    async def run(self, executor: Executor) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        with self._changes.watch(None) as changes:
            changed = frozenset({EVERYTHING})
            while True:
                if changed:
                    try:
                        self.latest = await loop.run_in_executor(executor, self._look)
                    except StorageUnavailable:
                        self.latest = None
                    self._tell(changed)
                if self.latest is None:
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
                    changed = frozenset({EVERYTHING})
                else:
                    changed = await changes.next(_QUIET_SECONDS)

    def close(self) -> None:
        """The gateway stops."""
        self._closed = True
        self._tell(frozenset({EVERYTHING}))

    def _tell(self, changed: frozenset[str]) -> None:
        for watch in tuple(self._watches):
            for each in changed:
                watch.tell(each)


FEED = web.AppKey("console_feed", Feed)


def routes() -> list[Route]:
    """For every page that is open."""
    return [get(EVENTS, events, *EVERYBODY, background=True)]


async def events(request: web.Request) -> web.StreamResponse:
    """The state of the queue after each change, and that the talk of `?case=` has changed. Ids are those of changes."""
    require(request)
    reference = request.query.get("case")
    talk = None
    if reference:
        try:
            talk = await run(request, request.app[desk_parts.CASES].talk_of, reference)
        except NotFound:
            raise web.HTTPNotFound from None
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    feed = request.app[FEED]
    with feed.watch() as watch:
        await stream.prepare(request)
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            await _Follower(request, stream, talk).follow(feed, watch)
    return stream


class _Follower:
    """Tells one browser."""

    def __init__(self, request: web.Request, stream: web.StreamResponse, talk: str | None) -> None:
        self._request = request
        self._stream = stream
        self._talk = talk
        self._clock = asyncio.get_running_loop().time
        self._checked_at = self._clock()

    async def follow(self, feed: Feed, watch: Watch) -> None:
        """Until the gateway stops, the session is over or the browser is gone."""
        changed = frozenset({EVERYTHING})
        while not feed.is_closed:
            if changed:
                await self._tell(feed.latest, changed)
            changed = await watch.next(max(0.0, self._checked_at + _SIGN_OF_LIFE_SECONDS - self._clock()))
            if not await self._goes_on():
                await self._send("over", {})
                return

    async def _tell(self, alarm: Alarm | None, changed: frozenset[str]) -> None:
        if alarm is None:
            await self._send("away", {})
            return
        state = {"waiting": alarm.waiting, "open": alarm.open, "unclaimed": list(alarm.unclaimed)}
        await self._send("state", state, alarm.change)
        if self._talk is not None and (self._talk in changed or EVERYTHING in changed):
            await self._send("case", {})

    async def _goes_on(self) -> bool:
        """Now and then: whether the session does; asking does not keep it alive."""
        if self._clock() < self._checked_at + _SIGN_OF_LIFE_SECONDS:
            return True
        self._checked_at = self._clock()
        await self._write(b": still here\n\n")
        try:
            return await still_signed_in(self._request)
        except StorageUnavailable:
            return True  # nothing is told meanwhile but that it is away

    async def _send(self, event: str, data: Any, number: int | None = None) -> None:
        identity = f"id: {number}\n" if number is not None else ""
        await self._write(f"{identity}event: {event}\ndata: {json.dumps(data)}\n\n".encode())

    async def _write(self, data: bytes) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._stream.write(data)


async def keep_telling(app: web.Application) -> None:
    """The task behind all streams."""
    await app[FEED].run(app[WORKERS])
