"""Rasa's tracker store: the last turns of each talk, sealed, in the project's own database.

Rasa's SQL store keeps every event in plain text for ever and reads all of a
session for each message, so that a long talk gets slow: docs/decisions/0007.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from bot import moved_clock
from bot.app import build_sealer
from bot.domain.clock import utc_now
from bot.settings import load_settings
from bot.storage.talks import Talks, talks_engine
from bot.talks.bounded import bounded

log = logging.getLogger(__name__)


class TalkMemory(TrackerStore):
    """Holds `TURNS` messages of each talk and the slots as they are; DATABASE_URL and DATA_KEYS say where and how.

    When its database is away Rasa goes on with a memory of its own, and does
    not say much about that: this does, as CRITICAL.
    """

    def __init__(
        self, domain: Any = None, host: Any = None, event_broker: Any = None, talks: Talks | None = None, **_: Any
    ) -> None:
        super().__init__(domain, event_broker)
        self._talks = talks or _own_talks()
        self._is_prepared = False

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep what is needed of a talk."""
        await self.stream_events(tracker)
        memory = json.dumps(bounded(tracker))
        await self._try(lambda: self._talks.put(tracker.sender_id, memory, utc_now()))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The talk as it is remembered; None for one that is not known."""
        memory = await self._try(lambda: self._talks.get(sender_id))
        if memory is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(memory), self.domain.slots)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The same: earlier sessions are not kept."""
        return await self.retrieve(conversation_id)

    async def keys(self) -> Iterable[str]:
        """Whose talks are remembered."""
        senders: tuple[str, ...] = await self._try(self._talks.senders)
        return senders

    async def _try(self, work: Any) -> Any:
        try:
            return await asyncio.to_thread(self._prepared, work)
        except SQLAlchemyError as error:
            log.critical("talk_memory_unavailable rasa_goes_on_without=true error=%s", type(error).__name__)
            raise

    def _prepared(self, work: Any) -> Any:
        if not self._is_prepared:
            self._talks.prepare()
            self._is_prepared = True
        return work()


def _own_talks() -> Talks:
    settings = load_settings()
    moved_clock.follow(settings.clock_file)
    return Talks(talks_engine(settings.database_url), build_sealer(settings))
