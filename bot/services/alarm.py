"""The database is gone and somebody is in danger: staff are paged without it, once a conversation."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.errors import PageRefused
from bot.domain.escalation import Tier
from bot.domain.on_call import Contact, OnCall
from bot.services.ports import Pager

log = logging.getLogger(__name__)

_REMEMBERED = 10_000
_HANDS = 8


class Alarm:
    """Tries one page directly: whoever the ladder reaches first, by the first way that takes it."""

    def __init__(self, pager: Pager, on_call: OnCall, clinic: Clinic, clock: Clock) -> None:
        self._pager = pager
        self._on_call = on_call
        self._clinic = clinic
        self._clock = clock
        self._told: dict[str, None] = {}
        self._lock = threading.Lock()
        # Hands of its own: a provider that hangs must not keep the gateway from taking messages in.
        self._hands = ThreadPoolExecutor(max_workers=_HANDS, thread_name_prefix="alarm")

    def start(self, conversation_id: str, tier: Tier, kept: bool) -> Future[bool]:
        """Sound it in the background: the patient's text does not wait for a page."""
        return self._hands.submit(self.sound, conversation_id, tier, kept)

    def sound(self, conversation_id: str, tier: Tier, kept: bool = True) -> bool:
        """Whether a page was accepted now. It claims nothing about who will see it.

        `kept`: whether the report is on the gateway's disk.
        """
        key = f"{conversation_id}/{tier}"
        if not tier.wakes_staff or not self._first_time(key):
            return False
        title = f"{self._clinic.name}: {tier} report, database unavailable"
        where = "It is kept on the gateway's disk and has" if kept else "It could NOT be kept either and has"
        text = f"{title}. {where} no reference yet. Call whoever runs the system."
        if any(self._reach(people, title, text) for people in self._groups(tier)):
            return True
        log.critical("alarm_reached_nobody tier=%s", tier)
        self._forget(key)  # the patient's next message tries again
        return False

    def _groups(self, tier: Tier) -> Iterator[Iterable[str]]:
        yield from self._on_call.paged(tier, self._clock())
        yield self._on_call.last_resort

    def _reach(self, people: Iterable[str], title: str, text: str) -> bool:
        """Everybody of a step, whether or not the first of them was reached."""
        return any([self._call(person, title, text) for person in people])

    def _call(self, person: str, title: str, text: str) -> bool:
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

    def _forget(self, key: str) -> None:
        with self._lock:
            self._told.pop(key, None)
