"""What the overview counts, on both engines, and that drills are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.clinic import OwnAnswer
from bot.domain.conversation import new_id
from bot.domain.escalation import Tier
from bot.domain.messages import Reply, ReplyKind
from bot.services.overview import OverviewDesk, View
from bot.services.ports import PagePlan
from bot.storage import tables as t
from tests.harness.cast import CLINIC
from tests.harness.clock import START
from tests.harness.storage import Database
from tests.storage.test_repositories import an_escalation

DAY = START.date()


def _asked(database: Database, *topics: str, channel: str = "web", reported: bool = False, canary: bool = False) -> str:
    """A talk with a reply of each topic; the id of its escalation, if there is one."""
    with database() as uow:
        talk = uow.conversations.add(channel, START).id
        message = uow.messages.add_inbound(talk, new_id(), "text", {}, START)
        replies = [Reply("text", ReplyKind.ANSWER, topic=topic) for topic in topics]
        uow.messages.add_replies(message, replies, START)
        escalation = an_escalation(talk, Tier.EMERGENCY, canary=canary)
        if reported:
            uow.escalations.add(escalation)
        uow.commit()
    return escalation.id


def _view(database: Database, since: date = DAY, last: date = DAY) -> View:
    return OverviewDesk(database.reader, CLINIC).look(since, last)


def test_questions_are_those_with_an_answer_and_those_without(database: Database) -> None:
    _asked(database, "faq/parking", "faq/parking", "dialogue/default", "smalltalk/hello")
    _asked(database, "faq/driving", "ask_staff/hours", reported=True)
    _asked(database, "faq/parking", channel="canary")
    view = _view(database)
    q = view.questions
    assert (q.answered, q.unanswered, q.unassisted) == (3, 2, 2)
    assert (q.unanswered_share, q.deflection) == (0.4, 0.4)
    assert view.topics[0] == ("faq/parking", 2)
    assert "smalltalk/hello" not in dict(view.topics)


def test_the_clinics_own_answer_to_a_subject_of_staff_is_an_answer(database: Database) -> None:
    _asked(database, "ask_staff/hours")
    clinic = replace(CLINIC, answers={"ask_staff/hours": OwnAnswer("From eight to five.")})
    assert OverviewDesk(database.reader, clinic).look(DAY, DAY).questions.answered == 1


@pytest.mark.parametrize("seconds", [[1], [1, 2, 3], list(range(1, 101))])
def test_delays_are_the_median_and_the_95th(database: Database, seconds: Sequence[int]) -> None:
    for each in seconds:
        case = _asked(database, reported=True)
        with database() as uow:
            uow.pages.add(PagePlan(case, "1", "noor", 0), START, START)
            (page,) = uow.pages.lease_due(START, START + timedelta(minutes=1), 10)
            uow.pages.mark_sent(page.id, START + timedelta(seconds=each))
            for kind in ("acknowledged", "wrote", "wrote"):
                uow.escalations.record(case, "noor", kind, {}, START + timedelta(seconds=2 * each))
            uow.commit()
    figures = _view(database).tiers[0]
    assert figures.reports == len(seconds)
    assert figures.to_page.median == sorted(seconds)[len(seconds) // 2] - (0.5 if len(seconds) % 2 == 0 else 0)
    assert figures.to_page.p95 == {1: 1, 3: 3, 100: 95}[len(seconds)]
    assert figures.to_first_message.p95 == 2 * (figures.to_page.p95 or 0)


def test_drills_never_count(database: Database) -> None:
    _asked(database, reported=True, canary=True)
    assert _view(database).tiers[0].reports == 0


def test_what_lies_outside_of_the_span_is_not_in_it(database: Database) -> None:
    _asked(database, "faq/parking", reported=True)
    after = _view(database, DAY + timedelta(days=1), DAY + timedelta(days=2))
    assert (after.tiers[0].reports, after.questions.asked, len(after.days)) == (0, 0, 2)
    assert after.questions.deflection is None


def test_what_patients_say_is_counted_by_topic(database: Database) -> None:
    with database.engine.begin() as connection:
        for helpful in (True, False, False):
            connection.execute(t.feedback.insert().values(topic="faq/parking", helpful=helpful, at=START))
    (rating,) = _view(database).ratings
    assert (rating.topic, rating.helpful, rating.not_helpful) == ("faq/parking", 1, 2)
