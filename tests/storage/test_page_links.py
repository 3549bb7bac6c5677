"""A page's link acknowledges once."""

from __future__ import annotations

from bot.services.ports import PagePlan
from tests.harness.clock import START
from tests.harness.storage import Database
from tests.storage.test_repositories import an_escalation


def test_a_link_is_used_once(database: Database) -> None:
    with database() as uow:
        escalation = an_escalation(uow.conversations.add("web", START).id)
        uow.escalations.add(escalation)
        uow.pages.add(PagePlan(escalation.id, "1.0.0/noor/0", "noor", 0), START, START)
        (page,) = uow.pages.lease_due(START, START, 1)
        assert not uow.page_links.is_used(page.id)
        assert [uow.page_links.use(page.id, START) for _ in range(2)] == [True, False]
        assert uow.page_links.is_used(page.id)
