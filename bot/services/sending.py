"""Sends the texts that are due: one at a time for each patient, at the pace of the clinic's numbers, none twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.domain.drill import is_drill_number
from bot.domain.errors import StorageUnavailable
from bot.domain.telephone import ClinicNumber, Telephone
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.results import Result, Results
from bot.services.retries import again_on_conflict
from bot.services.telephone_ports import Purpose, Telephony, Text, TextRefused, TextState, TextUnsure
from bot.services.undelivered import Undelivered

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
# So long a receipt may take for a text that left in the answer to a webhook.
UNCONFIRMED_AFTER = timedelta(seconds=60)
_LOOK_EVERY = timedelta(seconds=5)
_HANDS = 20
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=1)
# After so many tries, within a minute, staff are told; after twenty minutes it is given up.
_TELL_AFTER = 4
_TRIES = 24


@dataclass(frozen=True, slots=True)
class SendingParts:
    """What sending works with. `status_path`: where the receipts of a text come, by its id."""

    unit_of_work: UnitOfWorkFactory
    telephony: Telephony
    telephone: Telephone
    undelivered: Undelivered
    clock: Clock
    status_path: Callable[[str], str]


class SendingService:
    """Leases due texts, sends them, records the result. Several may run.

    A provider that hangs holds up nobody: a turn waits `wait_seconds` for what
    it sends, and what takes longer is recorded when it ends.
    """

    def __init__(self, parts: SendingParts, wait_seconds: float = 0.2) -> None:
        self._parts = parts
        self._wait_seconds = wait_seconds
        self._hands = ThreadPoolExecutor(max_workers=_HANDS, thread_name_prefix="text")
        self._lock = threading.Lock()
        self._underway: dict[str, Text] = {}
        self._confirming: dict[str, Text] = {}
        self._results = Results(parts.unit_of_work, parts.clock)
        self._looked: datetime | None = None

    def tick(self) -> int:
        """Send what is due; returns how many texts left in time. No transaction is open while sending."""
        self._results.store()
        looking = [self._start(self._confirm, text, self._confirming) for text in self._unconfirmed()]
        sending = [self._start(self._send, text, self._underway) for text in again_on_conflict(self._lease)]
        done, _ = wait([*looking, *sending], self._wait_seconds)
        return sum(each.result() for each in done)

    def _start(self, work: Callable[[Text], bool], text: Text, busy: dict[str, Text]) -> Future[bool]:
        with self._lock:
            busy[text.id] = text
        return self._hands.submit(self._do, work, text, busy)

    def _do(self, work: Callable[[Text], bool], text: Text, busy: dict[str, Text]) -> bool:
        try:
            return work(text)
        finally:
            with self._lock:
                del busy[text.id]

    def _free(self) -> int:
        with self._lock:
            return max(0, _HANDS - len(self._underway) - len(self._confirming))

    # -- what is due -----------------------------------------------------------

    def _lease(self) -> list[Text]:
        now = self._parts.clock()
        with self._lock:
            underway = list(self._underway.values())
        free, due = self._free(), list[Text]()
        with self._parts.unit_of_work() as uow:
            rooms = _Rooms(uow, self._parts.telephone, underway, now)
            while (limit := min(rooms.smallest(), free - len(due))) > 0:
                leased = uow.texts.lease_due(now, now + LEASE, limit, rooms.full)
                due += leased
                rooms.take(leased)
                if len(leased) < limit:
                    break
            # One whose lease ran out while it hangs here is not sent beside itself.
            hanging = {text.id for text in underway}
            left = [text for text in due if text.id not in hanging and not self._refuse_stopped(uow, text, now)]
            uow.commit()
        return left

    def _refuse_stopped(self, uow: UnitOfWork, text: Text, now: datetime) -> bool:
        """Whether a text may not leave, because its number has stopped."""
        if not text.stopped or text.purpose is Purpose.CONFIRMATION:
            return False
        if uow.texts.mark_ended(text.id, TextState.REFUSED, "stopped", now):
            self._parts.undelivered.tell(uow, text, "stopped")
        return True

    # -- one text --------------------------------------------------------------

    def _send(self, text: Text) -> bool:
        try:
            is_new = not text.unsure or is_drill_number(text.number)
            provider_id = (None if is_new else self._found(text)) or self._hand_over(text)
        except TextRefused as error:
            self._results.keep(self._refused(text, error))
        except TextUnsure:
            self._results.keep(self._later(text, "no_answer", unsure=True))
        except (OSError, StorageUnavailable) as error:
            self._results.keep(self._later(text, type(error).__name__, unsure=text.unsure))
        except Exception as error:  # a worker's loop: a provider's module that is broken
            log.exception("texting_broken")
            self._results.keep(self._later(text, type(error).__name__, unsure=True))
        else:
            self._results.keep(self._accepted(text, provider_id))
            return True
        return False

    def _hand_over(self, text: Text) -> str:
        if is_drill_number(text.number):
            return f"drill-{text.id}"  # it has come as far as the provider's door
        path = self._parts.status_path(text.id)
        return self._parts.telephony.send_text(text.clinic_number, text.number, text.body, path)

    def _found(self, text: Text) -> str | None:
        """The provider's id of a text that it has taken; one that is another text's of the same words does not count."""
        known: set[str] = set()
        while True:
            found = self._parts.telephony.was_sent(
                text.clinic_number, text.number, text.body, text.created_at, frozenset(known)
            )
            if found is None or found in known:
                return None
            with self._parts.unit_of_work() as uow:
                other = uow.texts.by_provider_id(found)
            if other is None or other.id == text.id:
                return found
            known.add(found)

    def _accepted(self, text: Text, provider_id: str) -> Result:
        at = self._parts.clock()

        def record(uow: UnitOfWork, now: datetime) -> None:
            uow.texts.mark_sent(text.id, provider_id, at)

        return record

    def _refused(self, text: Text, error: TextRefused) -> Result:
        log.warning("text_refused purpose=%s reason=%s", text.purpose, error.reason)

        def record(uow: UnitOfWork, now: datetime) -> None:
            uow.conversations.lock(text.conversation_id)
            if error.stopped:
                self._parts.undelivered.stopped(uow, text, now)
            if uow.texts.mark_ended(text.id, TextState.REFUSED, error.reason, now):
                self._parts.undelivered.tell(uow, text, error.reason)

        return record

    def _later(self, text: Text, error: str, unsure: bool) -> Result:
        """Tried again after a pause that grows; in the end given up."""
        pause = min(_FIRST_RETRY * 2 ** (text.attempts - 1), _LONGEST_RETRY)
        log.error("text_failed purpose=%s error=%s attempts=%d", text.purpose, error, text.attempts)

        def record(uow: UnitOfWork, now: datetime) -> None:
            uow.conversations.lock(text.conversation_id)
            if text.attempts >= _TRIES:
                uow.texts.mark_ended(text.id, TextState.FAILED, error, now)
            elif not uow.texts.mark_later(text, error, now + pause, unsure):
                return  # it has left by now, or was tried by another
            if text.attempts >= _TELL_AFTER:
                self._parts.undelivered.tell(uow, text, "provider_away")

        return record

    # -- what left in the answer to a webhook ----------------------------------

    def _unconfirmed(self) -> list[Text]:
        """Texts that left in an answer, and of which no receipt has come: the answer may have been lost."""
        now = self._parts.clock()
        if self._looked is not None and abs(now - self._looked) < _LOOK_EVERY:
            return []
        self._looked = now
        with self._parts.unit_of_work() as uow:
            texts = uow.texts.unconfirmed(now - UNCONFIRMED_AFTER, self._free())
        with self._lock:
            return [text for text in texts if text.id not in self._confirming]

    def _confirm(self, text: Text) -> bool:
        """Ask the provider; what it does not have is sent like any other text."""
        try:
            provider_id = self._hand_over(text) if is_drill_number(text.number) else self._found(text)
        except (OSError, StorageUnavailable) as error:
            log.error("list_of_texts_unreadable error=%s", type(error).__name__)
            return False
        self._results.keep(self._accepted(text, provider_id) if provider_id else self._lost(text))
        return False

    def _lost(self, text: Text) -> Result:
        log.warning("answer_lost purpose=%s", text.purpose)

        def record(uow: UnitOfWork, now: datetime) -> None:
            uow.conversations.lock(text.conversation_id)
            uow.texts.mark_later(text, "answer_lost", now, unsure=False)

        return record


class _Rooms:
    """How many texts each of the clinic's numbers may still send now."""

    def __init__(self, uow: UnitOfWork, telephone: Telephone, underway: list[Text], now: datetime) -> None:
        self._rooms = {
            own.number: _room(uow, own, now) - sum(text.clinic_number == own.number for text in underway)
            for own in telephone.numbers
        }

    @property
    def full(self) -> frozenset[str]:
        """Numbers that may send nothing now."""
        return frozenset(number for number, room in self._rooms.items() if room <= 0)

    def smallest(self) -> int:
        """How many may be sent without asking whose they are. A number that is the clinic's no more is not paced."""
        return min((room for room in self._rooms.values() if room > 0), default=0 if self._rooms else _HANDS)

    def take(self, texts: tuple[Text, ...]) -> None:
        """These are being sent."""
        for text in texts:
            if text.clinic_number in self._rooms:
                self._rooms[text.clinic_number] -= 1


def _room(uow: UnitOfWork, own: ClinicNumber, now: datetime) -> int:
    """What the carrier takes in a second, or one text in the seconds that one needs."""
    window = max(1.0, 1 / own.per_second)
    since = now - timedelta(seconds=window) + timedelta.resolution
    return int(own.per_second * window) - uow.texts.sent_since(own.number, since)
