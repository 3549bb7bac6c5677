"""Several Rasa servers as one: who is up, and who is asked for a conversation."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

log = logging.getLogger(__name__)

# Together under a second: that long a server that died or hangs is still asked.
_PROBE_EVERY_SECONDS = 0.25
_PROBE_TIMEOUT_SECONDS = 0.5


@dataclass(slots=True, eq=False)
class Replica:
    """One server. `down` is set while it does not answer."""

    url: str
    down: asyncio.Event = field(default_factory=asyncio.Event)

    def set_up(self, up: bool) -> None:
        """What a probe or a message found."""
        if up == self.down.is_set():
            log.log(logging.INFO if up else logging.ERROR, "rasa_replica url=%s up=%s", self.url, up)
        (self.down.clear if up else self.down.set)()


class Replicas:
    """Chooses a server for a conversation: always the same one while it is up."""

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str]) -> None:
        if not urls:
            raise ValueError("at least one Rasa server is needed")
        self._session = session
        self._all = tuple(Replica(url.rstrip("/")) for url in urls)

    @property
    def are_several(self) -> bool:
        """Whether there is another one to ask."""
        return len(self._all) > 1

    def for_conversation(self, conversation_id: str) -> tuple[Replica, ...]:
        """All of them, in the order in which they are asked: those that are up first.

        By rendezvous hashing: when one goes, only its conversations move.
        """
        return tuple(
            sorted(self._all, key=lambda replica: (replica.down.is_set(), _rank(replica.url, conversation_id)))
        )

    async def watch(self) -> None:
        """Probe them until cancelled; one alone is not probed, since there is no other to ask."""
        while self.are_several:
            await asyncio.gather(*map(self._look, self._all), asyncio.sleep(_PROBE_EVERY_SECONDS))

    async def states(self) -> dict[str, bool]:
        """Which of them answer now, by address."""
        answers = await asyncio.gather(*(self._answers(each, _PROBE_TIMEOUT_SECONDS) for each in self._all))
        return {each.url: up for each, up in zip(self._all, answers, strict=True)}

    async def any_answers(self, seconds: float = 2.0) -> bool:
        """Whether at least one answers now."""
        return any(await asyncio.gather(*(self._answers(replica, seconds) for replica in self._all)))

    async def _look(self, replica: Replica) -> None:
        replica.set_up(await self._answers(replica, _PROBE_TIMEOUT_SECONDS))

    async def _answers(self, replica: Replica, seconds: float) -> bool:
        try:
            async with self._session.get(
                f"{replica.url}/webhooks/rest/", timeout=aiohttp.ClientTimeout(total=seconds)
            ) as response:
                return response.status == 200
        except (TimeoutError, aiohttp.ClientError):
            return False


def _rank(url: str, conversation_id: str) -> bytes:
    return hashlib.blake2b(f"{url} {conversation_id}".encode(), digest_size=8).digest()
