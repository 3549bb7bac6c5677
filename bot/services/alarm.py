"""The database is gone and somebody is in danger: staff are paged without it, once a conversation."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.errors import PageRefused
from bot.domain.escalation import Tier
from bot.domain.on_call import Contact, OnCall
from bot.services.ports import Pager

log = logging.getLogger(__name__)

_REMEMBERED = 10_000


class Alarm:
    """Tries one page directly: whoever the first step reaches, by the first way that takes it."""

    def __init__(self, pager: Pager, on_call: OnCall, clinic: Clinic, clock: Clock) -> None:
        self._pager = pager
        self._on_call = on_call
        self._clinic = clinic
        self._clock = clock
        self._told: dict[str, None] = {}
        self._lock = threading.Lock()

    def sound(self, conversation_id: str, tier: Tier) -> bool:
        """Whether a page was accepted. It claims nothing about who will see it."""
        if not tier.wakes_staff or not self._first_time(f"{conversation_id}/{tier}"):
            return False
        title = f"{self._clinic.name}: {tier} report, database unavailable"
        text = f"{title}. It is kept on the gateway's disk and has no reference yet. Call whoever runs the system."
        steps = self._on_call.paged(tier, self._clock())
        people = steps[0] if steps else self._on_call.last_resort
        if not people:
            return False
        with ThreadPoolExecutor(max_workers=len(people)) as pool:
            return any(list(pool.map(lambda person: self._reach(person, title, text), people)))

    def _reach(self, person: str, title: str, text: str) -> bool:
        return any(self._try(contact, title, text) for contact in self._on_call.people[person].contacts)

    def _try(self, contact: Contact, title: str, text: str) -> bool:
        try:
            self._pager.send(contact, title, text)
        except (OSError, PageRefused) as error:
            log.error("alarm_failed method=%s error=%s", contact.method, type(error).__name__)
            return False
        return True

    def _first_time(self, key: str) -> bool:
        with self._lock:
            if key in self._told:
                return False
            self._told[key] = None
            if len(self._told) > _REMEMBERED:
                self._told.pop(next(iter(self._told)))
            return True
