"""Rasa's lock store on Redis, with a lock that is atomic.

Rasa's own reads, changes and writes a queue, so that two servers lose each
other's tickets. The gateway keeps a talk's messages in order already; this is
for whoever reaches Rasa another way: docs/decisions/0007.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from redis.asyncio import Redis
from redis.exceptions import LockError as RedisLockError
from redis.exceptions import RedisError

from bot.settings import load_settings
from bot.storage.redis_turns import connect

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 0.02


class AtomicRedisLockStore(LockStore):
    """One message of a talk at a time over all servers; REDIS_URL says where.

    A Redis that is away holds up nobody: the gateway's own order is left.
    """

    def __init__(self, endpoint_config: Any = None, redis: Redis[bytes] | None = None) -> None:
        self._redis = redis or connect(load_settings().redis_url)

    @contextlib.asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncIterator[TicketLock]:
        """Hold the talk. Raises LockError when it does not become free within the lifetime of a lock (seconds)."""
        lock = self._redis.lock(
            f"rasa:{conversation_id}", timeout=lock_lifetime, sleep=_LOOK_EVERY_SECONDS, blocking_timeout=lock_lifetime
        )
        try:
            held = await lock.acquire()
        except (RedisError, OSError) as error:
            log.error("lock_store_unavailable error=%s", type(error).__name__)
            yield TicketLock(conversation_id)
            return
        if not held:
            raise LockError(f"the talk was not free within {lock_lifetime:g} s")
        try:
            yield TicketLock(conversation_id)
        finally:
            with contextlib.suppress(RedisLockError, RedisError, OSError):  # over by itself, or Redis has gone
                await lock.release()
