"""What the carrier says of a text: it has left, it has arrived, it never will. In any order, any number of times."""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict
from bot.services.telephone_ports import Purpose, Text, TextState
from bot.services.undelivered import Undelivered

log = logging.getLogger(__name__)

_RETRY_AFTER = timedelta(seconds=30)
_TRIES = 3


class Fate(enum.Enum):
    """How far a text has got, as a receipt says."""

    ON_THE_WAY = "on the way"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt. `reason`: a constant word for a failure. `stopped`: the patient has opted out with the provider.

    `may_arrive_later`: a failure that another try may get past.
    """

    text_id: str
    provider_id: str
    fate: Fate
    reason: str = ""
    stopped: bool = False
    may_arrive_later: bool = False


class Receipts:
    """Does what a receipt says. Raises StorageUnavailable; the provider repeats nothing, so the list is asked then."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, undelivered: Undelivered, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._undelivered = undelivered
        self._clock = clock

    def take(self, receipt: Receipt) -> bool:
        """Whether it is of a text of ours."""
        return again_on_conflict(lambda: self._take(receipt))

    def _take(self, receipt: Receipt) -> bool:
        now = self._clock()
        with self._unit_of_work() as uow:
            text = uow.texts.get(receipt.text_id) or uow.texts.by_provider_id(receipt.provider_id)
            if text is None:
                return False
            if _is_no_news(text, receipt):
                return True
            uow.conversations.lock(text.conversation_id)
            text = uow.texts.get(text.id) or text  # as it is now that nobody else changes it
            if receipt.fate is Fate.FAILED:
                self._failed(uow, text, receipt, now)
            else:
                self._arriving(uow, text, receipt, now)
            uow.commit()
            return True

    def _arriving(self, uow: UnitOfWork, text: Text, receipt: Receipt, now: datetime) -> None:
        if text.provider_id is None or (
            text.provider_id == receipt.provider_id and text.state is not TextState.PENDING
        ):  # another is of an earlier try, which failed
            uow.texts.mark_sent(text.id, receipt.provider_id, now)
        if receipt.fate is not Fate.DELIVERED or not uow.texts.mark_ended(text.id, TextState.DELIVERED, "", now):
            return
        escalation = uow.escalations.open_for(text.conversation_id)
        if text.purpose not in (Purpose.ANSWER, Purpose.PROMISED) and escalation is not None:
            uow.escalations.record(escalation.id, "carrier", "text_delivered", {"purpose": text.purpose}, now)

    def _failed(self, uow: UnitOfWork, text: Text, receipt: Receipt, now: datetime) -> None:
        if text.state is TextState.PENDING or text.provider_id not in (None, receipt.provider_id):
            return  # of an earlier try; there is, or was, another
        log.warning("text_not_delivered purpose=%s reason=%s", text.purpose, receipt.reason)
        uow.texts.mark_sent(text.id, receipt.provider_id, now)
        if receipt.stopped:
            self._undelivered.stopped(uow, text, now)
        elif receipt.may_arrive_later and text.attempts < _TRIES:
            sent = uow.texts.get(text.id) or text
            uow.texts.mark_later(sent, receipt.reason, now + _RETRY_AFTER * text.attempts, unsure=False)
            return
        if uow.texts.mark_ended(text.id, TextState.FAILED, receipt.reason, now):
            self._undelivered.tell(uow, text, receipt.reason)


def _is_no_news(text: Text, receipt: Receipt) -> bool:
    """Most receipts say again that it has left."""
    has_left = text.state in (TextState.SENT, TextState.DELIVERED) and text.provider_id == receipt.provider_id
    return has_left and receipt.fate is Fate.ON_THE_WAY
