"""What the phone tree is put together from."""

from __future__ import annotations

import pytest

from bot.domain.clinic import Clinic, OwnAnswer, OwnTopic
from bot.domain.telephone import ClinicNumber, Desk, Telephone
from bot.menu_topics import DEFAULT, menu_topics
from bot.phone_parts import clinic_number
from bot.safety.screen import default_screen
from bot.settings import known_topics

OWN = "+15550100150"
PLAIN = Clinic("Test", "+1 555-010-0177")
PARKING = OwnTopic("parking", "Parking", ("Where can I park?",), OwnAnswer("Behind the house."))


def test_the_menu_is_in_the_clinics_order_with_titles_and_questions() -> None:
    topics = menu_topics(("faq/nausea", "ask_staff/hours"), PLAIN)
    assert [topic.id for topic in topics] == ["faq/nausea", "ask_staff/hours"]
    assert (topics[0].title, topics[0].question) == ("Nausea and vomiting", topics[0].question)
    assert topics[0].question.endswith("?")


def test_a_topic_of_the_clinics_own_can_be_in_the_menu() -> None:
    (topic,) = menu_topics(("faq/clinic_parking",), Clinic("Test", "+1 555-010-0177", topics=(PARKING,)))
    assert (topic.title, topic.question) == ("Parking", "Where can I park?")


def test_without_a_choice_the_menu_has_what_is_asked_most() -> None:
    assert [topic.id for topic in menu_topics((), PLAIN)] == list(DEFAULT)


def test_every_topic_that_a_menu_can_name_has_a_title_and_an_ordinary_question() -> None:
    names = tuple(known_topics().values())
    topics = menu_topics(names, PLAIN)
    assert [topic.id for topic in topics] == list(names)
    assert [topic.id for topic in topics if default_screen()(topic.question).is_report] == []


@pytest.mark.parametrize(
    ("shown", "desk", "number"),
    [
        ("+1 555-010-0177", None, "+15550100177"),
        ("(555) 010-0177", None, "+15550100177"),
        ("+1 555-010-0177", Desk("+15550100199"), "+15550100199"),
        ("+1 555-010-0150", None, None),
        ("call us", None, None),
    ],
)
def test_in_trouble_callers_are_put_through_but_never_to_ourselves(
    shown: str, desk: Desk | None, number: str | None
) -> None:
    telephone = Telephone(numbers=(ClinicNumber(OWN),), desk=desk)
    assert clinic_number(shown, "US", telephone) == number
