"""Turns over several gateways, agreed on in Redis."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator

from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

from bot.services.turns import LocalTurns

log = logging.getLogger(__name__)

# As long as a message may take with its gateway alive; a dead gateway's turn ends by itself.
_LIFETIME_SECONDS = 20.0
# Nobody is kept waiting for longer than this: out of order is better than not at all.
_PATIENCE_SECONDS = 12.0
_LOOK_EVERY_SECONDS = 0.02
_REDIS_SECONDS = 1.0


def connect(url: str) -> Redis[bytes]:
    """A client that gives up soon: whoever asks goes on without Redis."""
    client: Redis[bytes] = Redis.from_url(url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
    return client


class RedisTurns:
    """Within a gateway first come, first served; between gateways whoever holds the lock.

    While Redis is away each gateway keeps its own order, and says so in the log.
    """

    def __init__(self, redis: Redis[bytes], secret: bytes) -> None:
        """`secret`: the same for all gateways. A key may be a patient's number, and Redis is not to know it."""
        self._redis = redis
        self._secret = secret
        self._own = LocalTurns()

    @contextlib.asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for those that came before, here and elsewhere."""
        async with self._own.turn(key), self._held(key):
            yield

    @contextlib.asynccontextmanager
    async def _held(self, key: str) -> AsyncIterator[None]:
        name = hmac.new(self._secret, key.encode(), hashlib.sha256).hexdigest()
        lock = self._redis.lock(
            f"turn:{name}", timeout=_LIFETIME_SECONDS, sleep=_LOOK_EVERY_SECONDS, blocking_timeout=_PATIENCE_SECONDS
        )
        held = False
        try:
            held = await lock.acquire()
            if not held:
                log.error("turn_not_free waited_seconds=%g", _PATIENCE_SECONDS)
        except (RedisError, OSError) as error:
            log.error("turns_unavailable each_gateway_for_itself=true error=%s", type(error).__name__)
        try:
            yield
        finally:
            if held:
                with contextlib.suppress(LockError, RedisError, OSError):  # over by itself, or Redis has gone
                    await lock.release()
