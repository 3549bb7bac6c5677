"""The packet and the overview in a real browser: axe, phones, both colour schemes."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.clock import utc_now
from bot.domain.conversation import new_id
from bot.domain.escalation import Outcome, Tier
from bot.domain.messages import Reply, ReplyKind, Source
from bot.domain.staff import Role
from bot.services.escalations import Report
from bot.storage import tables as t
from tests.console.browser.conftest import Desk, OpenDesk
from tests.console.browser.test_sign_in import LOOKS

pytestmark = pytest.mark.browser

TOPICS = ("faq/driving", "faq/driving", "faq/fasting_food", "ask_staff/hours")


def _fill(desk: Desk) -> str:
    """Talks of the last days, one of them reported and closed; the reference."""
    house, now = desk.stage.house, utc_now()
    with house.unit_of_work() as uow:
        talk = uow.conversations.add("web", now).id
        for number, topic in enumerate(TOPICS):
            message = uow.messages.add_inbound(talk, new_id(), f"question {number}", {}, now - timedelta(hours=number))
            answer = Reply("An answer.", ReplyKind.ANSWER, topic=topic, sources=(Source("FAQ", "Driving"),)).approved()
            uow.messages.add_replies(message, [answer], now - timedelta(hours=number))
        uow.commit()
    with desk.stage.engine.begin() as connection:
        for number in range(5):
            values = {"topic": TOPICS[number % 3], "helpful": number % 2 == 0, "at": now}
            connection.execute(t.feedback.insert().values(**values))
    report = Report("message-1", Tier.EMERGENCY, "screen", ("cardiac",))
    reference = house.desk.open_for_sender("ana", "web", report).reference
    house.handling.say(reference, "noor@example.org", "I am calling you now.")
    house.handling.resolve(reference, "noor@example.org", Outcome.HANDLED, "she is well")
    return reference


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_too_wide(open_desk: OpenDesk, axe: str, look: str) -> None:
    desk = open_desk(**LOOKS[look])
    desk.account(role=Role.MANAGER)
    reference = _fill(desk)
    desk.sign_in(to="/staff/overview")
    for name, path in (("overview", "/staff/overview"), ("packet", f"/staff/escalations/{reference}/packet")):
        desk.go(path)
        for closed in desk.page.locator("summary").all():
            closed.click()
        desk.check_with_axe(axe)
        assert not desk.is_too_wide, name
        if folder := os.environ.get("PICTURES"):
            desk.page.screenshot(path=str(Path(folder) / f"{name}-{look.replace(' ', '-')}.png"), full_page=True)
