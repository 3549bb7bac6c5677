"""Sends the pages that are due. Stored first, sent after, at least once."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.errors import PageRefused
from bot.domain.escalation import Status
from bot.domain.links import AcknowledgeLinks
from bot.domain.on_call import Contact, Method, OnCall
from bot.services.ladder import ACTOR, NEWS, Ladder
from bot.services.notices import Notices
from bot.services.ports import Page, Pager, UnitOfWork, UnitOfWorkFactory
from bot.services.results import Result, Results

LEASE = timedelta(seconds=30)
# No sender takes this long: past it the way counts as closed, whatever comes of it later.
PATIENCE = timedelta(seconds=20)
_HANDS = 20
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=5)
# A way that fails this often in a row is given up for the person's next one.
_TRIES = 4
_HAS_NEWS = {
    "new-report": " has a new report",
    "tier-raised": " is more serious than it was",
    "still-open": " is still open and with you",
}

# Whoever was taken out of clinic.yml since the page was stored.
_GONE = Contact(Method.LOG, "gone")

log = logging.getLogger(__name__)


class PageText:
    """What a page says: reference, tier, clinic, waiting time, a link; never the patient's name, number or words."""

    def __init__(self, clinic: Clinic, links: AcknowledgeLinks) -> None:
        self._clinic = clinic
        self._links = links

    def title(self, page: Page) -> str:
        """One line, for services that show one; the text stands without it."""
        return f"On call: {page.tier}"

    def text(self, page: Page, now: datetime, method: Method = Method.URL) -> str:
        """All of it. A text message can be answered with the reference."""
        waiting = max(0, int((now - page.opened_at).total_seconds() // 60))
        reply = f"reply {page.reference} or " if method is Method.SMS else ""
        spanish = " The patient writes Spanish." if page.language == "es" else ""
        return (
            f"{self._clinic.name}: {page.tier} report {page.reference}{news(page)}, waiting {waiting} min.{spanish} "
            f"To take it {reply}open {self._links.url(page.id, now)}"
        )

    def token(self, page: Page, now: datetime) -> str:
        """What names the page where somebody is asked back about it."""
        return self._links.token_for_an_hour(page.id, now)


def news(page: Page) -> str:
    """What is new in a case that somebody has, as the end of a sentence; empty for a step of the ladder."""
    reason, _, at = page.step.partition(NEWS)
    return _HAS_NEWS.get(reason, "") if at else ""


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


@dataclass(slots=True)
class _Sending:
    """A page that is being sent. `late`: given up for another way, though it may still be accepted."""

    page: Page
    contact: Contact
    since: datetime
    late: bool = False


class PagingService:
    """Leases due pages, sends them, records the result. Several may run.

    A provider that hangs holds up nobody: a turn waits `wait_seconds` for what
    it sends, and what takes longer is recorded when it ends.
    """

    def __init__(self, parts: PagingParts, wait_seconds: float = 0.2) -> None:
        self._parts = parts
        self._wait_seconds = wait_seconds
        self._hands = ThreadPoolExecutor(max_workers=_HANDS, thread_name_prefix="page")
        self._lock = threading.Lock()
        self._underway: dict[str, _Sending] = {}
        self._results = Results(parts.unit_of_work, parts.clock)

    def tick(self) -> int:
        """Send what is due; returns how many pages left in time. No transaction is open while sending."""
        self._results.store()
        self._lose_patience()
        sending = [self._hands.submit(self._send, each) for each in self._lease()]
        done, _ = wait(sending, self._wait_seconds)
        return sum(each.result() for each in done)

    def _lease(self) -> list[_Sending]:
        now = self._parts.clock()
        with self._lock:
            free = _HANDS - len(self._underway)
        if free <= 0:
            return []
        with self._parts.unit_of_work() as uow:
            due = uow.pages.lease_due(now, now + LEASE, free)
            uow.commit()
        with self._lock:
            # One whose lease ran out while it hangs here is not sent beside itself.
            tries = [_Sending(page, self._contact(page), now) for page in due if page.id not in self._underway]
            self._underway.update({each.page.id: each for each in tries})
        return tries

    def _contact(self, page: Page) -> Contact:
        if page.canary:
            return Contact(Method.LOG)  # a drill wakes nobody
        person = self._parts.on_call.people.get(page.person)
        return person.contacts[page.contact] if person and page.contact < len(person.contacts) else _GONE

    def _send(self, each: _Sending) -> bool:
        try:
            result, left = self._try(each), False
            if result is None:
                result, left = self._accepted(each), True
            self._results.keep(result)
            return left
        finally:
            with self._lock:
                del self._underway[each.page.id]

    def _try(self, each: _Sending) -> Result | None:
        """One try; what there is to record unless the page was accepted."""
        page, text = each.page, self._parts.text
        try:
            if each.contact is _GONE:
                raise PageRefused("not_in_clinic_file")
            now = self._parts.clock()
            words = text.text(page, now, each.contact.method)
            self._parts.pager.send(each.contact, text.title(page), words, text.token(page, now))
        except PageRefused as error:
            return self._refused(each, error.reason)
        except OSError as error:
            return self._failed(each, type(error).__name__)
        except Exception as error:  # a worker's loop: a sender that is broken is a way that is closed
            log.exception("sender_broken method=%s", each.contact.method)
            return self._refused(each, type(error).__name__)
        return None

    # -- results ---------------------------------------------------------------

    def _accepted(self, each: _Sending) -> Result:
        page, at = each.page, self._parts.clock()
        detail = {"step": page.step, "person": page.person, "method": each.contact.method, "attempts": page.attempts}

        def record(uow: UnitOfWork, now: datetime) -> None:
            escalation = uow.escalations.hold(page.escalation_id)
            uow.pages.mark_sent(page.id, at)
            uow.escalations.record(page.escalation_id, ACTOR, "page_sent", detail, at)
            # Whoever was told that somebody has seen it is not told after that that staff were paged.
            # A line in the log is no page: nobody has been reached.
            reached = each.contact.method is not Method.LOG or page.canary
            if escalation is not None and escalation.status is Status.OPEN and reached:
                self._parts.notices.paged(uow, escalation, at)

        return record

    def _failed(self, each: _Sending, error: str) -> Result:
        page = each.page
        if page.attempts >= _TRIES:
            return self._refused(each, error)
        pause = min(_FIRST_RETRY * 2 ** (page.attempts - 1), _LONGEST_RETRY)
        log.error(
            "page_failed reference=%s method=%s error=%s retry_seconds=%d",
            page.reference, each.contact.method, error, pause.total_seconds(),
        )  # fmt: skip

        def record(uow: UnitOfWork, now: datetime) -> None:
            uow.pages.mark_failed(page, error, now + pause)

        return record

    def _refused(self, each: _Sending, reason: str) -> Result:
        """This way is closed: the person's next one is due, or the next step."""
        page = each.page
        detail = {"step": page.step, "person": page.person, "method": each.contact.method, "reason": reason}
        log.error("page_refused reference=%s method=%s reason=%s", page.reference, each.contact.method, reason)

        def record(uow: UnitOfWork, now: datetime) -> None:
            escalation = uow.escalations.hold(page.escalation_id)
            if escalation is None or not uow.pages.mark_refused(page, reason):
                return  # cancelled meanwhile, or given up before: no other way is due
            uow.escalations.record(page.escalation_id, ACTOR, "page_refused", detail, now)
            self._parts.ladder.refused(uow, escalation, page, now)

        return record

    def _lose_patience(self) -> None:
        """What hangs is given up for the next way. If it is accepted in the end, that is recorded, too."""
        now = self._parts.clock()
        with self._lock:
            late = [each for each in self._underway.values() if not each.late and now - each.since >= PATIENCE]
            for each in late:
                each.late = True
        for each in late:
            self._results.keep(self._refused(each, "no_answer"))
