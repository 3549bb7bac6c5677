"""Sends the pages that are due. Stored first, sent after, at least once."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.domain.clock import Clock
from bot.services.ports import Page, Pager, UnitOfWorkFactory

_LEASE = timedelta(seconds=30)
_BATCH = 20
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=5)

log = logging.getLogger(__name__)


class PagingService:
    """Leases due pages, sends them, records the result."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, pager: Pager, clock: Clock, clinic_name: str) -> None:
        self._unit_of_work = unit_of_work
        self._pager = pager
        self._clock = clock
        self._clinic_name = clinic_name

    def tick(self) -> int:
        """Send what is due; returns how many pages left. No transaction is open while sending."""
        now = self._clock()
        with self._unit_of_work() as uow:
            due = uow.pages.lease_due(now, now + _LEASE, _BATCH)
            uow.commit()
        return sum(self._send(page) for page in due)

    def _send(self, page: Page) -> bool:
        try:
            self._pager.send(page, self._text(page))
        except OSError as error:
            self._record_failure(page, error)
            return False
        with self._unit_of_work() as uow:
            uow.pages.mark_sent(page.id, self._clock())
            uow.escalations.record(page.escalation_id, "pager", "page_sent", {"page": page.id}, self._clock())
            uow.commit()
        return True

    def _record_failure(self, page: Page, error: OSError) -> None:
        now = self._clock()
        pause = min(_FIRST_RETRY * 2 ** min(page.attempts, 10), _LONGEST_RETRY)
        with self._unit_of_work() as uow:
            uow.pages.mark_failed(page.id, type(error).__name__, now + pause)
            uow.commit()
        log.error("page_failed reference=%s retry_seconds=%d", page.reference, pause.total_seconds())

    def _text(self, page: Page) -> str:
        """Reference, tier, clinic, waiting time; never the patient's name, number or words."""
        waiting = int((self._clock() - page.opened_at).total_seconds() // 60)
        return f"{self._clinic_name}: {page.tier} report {page.reference}, waiting {waiting} min"
