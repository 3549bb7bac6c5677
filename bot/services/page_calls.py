"""A page that was a call or a text: what is said to whoever answers, what their key does, and what follows when nobody does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.clock import Clock
from bot.domain.escalation import Escalation, Status, Tier
from bot.domain.on_call import OnCall
from bot.services.handling import Handling
from bot.services.ladder import Ladder
from bot.services.paging import news
from bot.services.ports import Page, UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict

WAY = "call"
# Somebody picked up, and pressed nothing that counts.
HUNG_UP = "hung_up"


@dataclass(frozen=True, slots=True)
class CalledPage:
    """What a call may say: nothing about the patient but the language that it takes.

    `person` and `owner` are ids; `owner_name` is what to call whoever has it.
    """

    reference: str
    tier: Tier
    status: Status
    waiting_minutes: int
    person: str
    owner: str | None
    owner_name: str | None
    news: str
    language: str

    @property
    def is_for_them(self) -> bool:
        """Whether there is something to do for whoever was called: nobody has it, or it has news and is theirs."""
        has_news = bool(self.news) and self.owner == self.person and self.status is not Status.RESOLVED
        return self.status is Status.OPEN or has_news


class PageCalls:
    """Each move in a transaction of its own. Raises StorageUnavailable, and what `Handling` raises."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, clock: Clock, on_call: OnCall, handling: Handling, ladder: Ladder
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._on_call = on_call
        self._handling = handling
        self._ladder = ladder

    def view(self, page_id: str) -> CalledPage | None:
        """What a page is about now; None where there is no such page."""
        now = self._clock()
        with self._unit_of_work() as uow:
            page = uow.pages.get(page_id)
            escalation = uow.escalations.get(page.escalation_id) if page else None
        if page is None or escalation is None:
            return None
        owner = self._on_call.people.get(escalation.owner or "")
        return CalledPage(
            reference=escalation.reference,
            tier=escalation.tier,
            status=escalation.status,
            waiting_minutes=max(0, int((now - escalation.opened_at).total_seconds() // 60)),
            person=page.person,
            owner=escalation.owner,
            owner_name=owner.name if owner else escalation.owner,
            news=news(page),
            language=page.language,
        )

    def take(self, page: CalledPage) -> None:
        """They have it."""
        self._handling.acknowledge(page.reference, page.person, WAY)

    def pass_on(self, page_id: str) -> bool:
        """They cannot: the next person is paged at once. False if somebody has it by now."""

        def move(uow: UnitOfWork, escalation: Escalation, page: Page, now: datetime) -> bool:
            return self._ladder.passed_on(uow, escalation, page, now)

        return again_on_conflict(lambda: self._move(page_id, move))

    def not_answered(self, page_id: str, reason: str) -> bool:
        """Nobody was reached: the next way is due at once, or the next person. The same again changes nothing."""

        def move(uow: UnitOfWork, escalation: Escalation, page: Page, now: datetime) -> bool:
            if reason == HUNG_UP and news(page):
                return False  # they have the case, and have heard what is new
            return self._ladder.unanswered(uow, escalation, page, reason, now)

        return again_on_conflict(lambda: self._move(page_id, move))

    def _move(self, page_id: str, move: Callable[[UnitOfWork, Escalation, Page, datetime], bool]) -> bool:
        with self._unit_of_work() as uow:
            page = uow.pages.get(page_id)
            escalation = uow.escalations.hold(page.escalation_id) if page else None
            if page is None or escalation is None:
                return False
            moved = move(uow, escalation, page, self._clock())
            uow.commit()
            return moved
