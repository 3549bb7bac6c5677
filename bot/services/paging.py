"""Sends the pages that are due. Stored first, sent after, at least once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.errors import PageRefused
from bot.domain.on_call import Contact, Method, OnCall
from bot.services.ladder import ACTOR, Ladder
from bot.services.notices import Notices
from bot.services.ports import Page, Pager, UnitOfWorkFactory

LEASE = timedelta(seconds=30)
_BATCH = 20
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=5)
# A way that fails this often in a row is given up for the person's next one.
_TRIES = 4

log = logging.getLogger(__name__)


class PageText:
    """What a page says: reference, tier, clinic, waiting time, a link; never the patient's name, number or words."""

    def __init__(self, clinic: Clinic, link: Callable[[Page], str]) -> None:
        self._clinic = clinic
        self._link = link

    def title(self, page: Page) -> str:
        """One line."""
        return f"{self._clinic.name}: {page.tier} report {page.reference}"

    def text(self, page: Page, now: datetime) -> str:
        """All of it."""
        waiting = int((now - page.opened_at).total_seconds() // 60)
        spanish = " The patient writes Spanish." if page.language == "es" else ""
        return (
            f"{self.title(page)}, waiting {waiting} min.{spanish} "
            f"Reply {page.reference} to take it, or open {self._link(page)}"
        )


@dataclass(frozen=True, slots=True)
class PagingParts:
    """What paging works with."""

    unit_of_work: UnitOfWorkFactory
    pager: Pager
    clock: Clock
    on_call: OnCall
    ladder: Ladder
    notices: Notices
    text: PageText


class PagingService:
    """Leases due pages, sends them, records the result. Several may run."""

    def __init__(self, parts: PagingParts) -> None:
        self._parts = parts

    def tick(self) -> int:
        """Send what is due; returns how many pages left. No transaction is open while sending."""
        now = self._parts.clock()
        with self._parts.unit_of_work() as uow:
            due = uow.pages.lease_due(now, now + LEASE, _BATCH)
            uow.commit()
        if not due:
            return 0
        # At the same time: one provider that hangs must not keep the others waiting.
        with ThreadPoolExecutor(max_workers=len(due)) as pool:
            return sum(pool.map(self._send, due))

    def _send(self, page: Page) -> bool:
        contact = self._contact(page)
        now = self._parts.clock()
        try:
            self._parts.pager.send(contact, self._parts.text.title(page), self._parts.text.text(page, now))
        except PageRefused as error:
            self._give_up(page, contact, error.reason)
            return False
        except OSError as error:
            self._fail(page, contact, type(error).__name__)
            return False
        self._sent(page, contact)
        return True

    def _contact(self, page: Page) -> Contact:
        if page.canary:
            return Contact(Method.LOG)  # a drill wakes nobody
        person = self._parts.on_call.people.get(page.person)
        if person is None or page.contact >= len(person.contacts):
            return Contact(Method.LOG)  # taken out of clinic.yml since: the next step reaches others
        return person.contacts[page.contact]

    def _sent(self, page: Page, contact: Contact) -> None:
        with self._parts.unit_of_work() as uow:
            now = self._parts.clock()
            uow.pages.mark_sent(page.id, now)
            detail = {"step": page.step, "person": page.person, "method": contact.method, "attempts": page.attempts}
            uow.escalations.record(page.escalation_id, ACTOR, "page_sent", detail, now)
            escalation = uow.escalations.get(page.escalation_id)
            if escalation is not None:
                self._parts.notices.paged(uow, escalation, now)
            uow.commit()

    def _fail(self, page: Page, contact: Contact, error: str) -> None:
        if page.attempts >= _TRIES:
            self._give_up(page, contact, error)
            return
        pause = min(_FIRST_RETRY * 2 ** (page.attempts - 1), _LONGEST_RETRY)
        with self._parts.unit_of_work() as uow:
            uow.pages.mark_failed(page.id, error, self._parts.clock() + pause)
            uow.commit()
        log.error(
            "page_failed reference=%s method=%s error=%s retry_seconds=%d",
            page.reference, contact.method, error, pause.total_seconds(),
        )  # fmt: skip

    def _give_up(self, page: Page, contact: Contact, reason: str) -> None:
        """This way is closed: the person's next one is due, or the next step."""
        with self._parts.unit_of_work() as uow:
            now = self._parts.clock()
            uow.pages.mark_refused(page.id, reason)
            detail = {"step": page.step, "person": page.person, "method": contact.method, "reason": reason}
            uow.escalations.record(page.escalation_id, ACTOR, "page_refused", detail, now)
            escalation = uow.escalations.get(page.escalation_id)
            if escalation is not None:
                self._parts.ladder.refused(uow, escalation, page.step, now)
            uow.commit()
        log.error("page_refused reference=%s method=%s reason=%s", page.reference, contact.method, reason)
