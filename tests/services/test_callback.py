"""A number to call back is found however it is written, and kept whenever it comes."""

from __future__ import annotations

import pytest

from bot.domain import wording
from bot.domain.language import Language
from bot.services.callback import is_little_else, number_in
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN, CLINIC, EMERGENCY
from tests.harness.house import House

NUMBER = "+12125550147"
TYPED = "212 555 0147"


def known(house: House) -> list[str | None]:
    """The number of each conversation."""
    return [row.callback_number for row in house.database.rows(tables.conversations)]


def topics(replies: tuple[wording.Reply, ...]) -> list[str | None]:
    """What the replies are about."""
    return [reply.topic for reply in replies]


# -- finding a number ----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "212 555 0147",
        "2125550147",
        "(212) 555-0147",
        "+1 212 555 0147",
        "1-212-555-0147",
        "212.555.0147",
        "my number is 212-555-0147.",
        "it's 212 555 0147, thanks",
        "mi número es +1 212 555 0147",
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    assert number_in(text, "US") == NUMBER


def test_a_number_of_another_country_keeps_its_code() -> None:
    assert number_in("reach me at +44 20 7946 0958", "US") == "+442079460958"


def test_a_number_without_a_code_belongs_to_the_clinics_country() -> None:
    assert number_in("020 7946 0958", "GB") == "+442079460958"


def test_of_two_numbers_the_first_is_taken() -> None:
    assert number_in("212 555 0147 or 212 555 0148", "US") == NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no number here",
        "I took 300 mg at 10:30",
        "my blood pressure is 198 over 125",
        "call 911",
        "988",
        "on 2026-11-23 at 14:00",
        "my heart rate is 140, 138, 141",
        "it has been 15 minutes",
        "12345",
        "I am 34 years old and weigh 82 kg",
        "reference 7KQ3M",
    ],
)
def test_other_figures_are_no_number(text: str) -> None:
    assert number_in(text, "US") is None


@pytest.mark.parametrize(
    ("text", "little"),
    [
        ("212 555 0147", True),
        ("My number is 212 555 0147, thank you", True),
        ("212 555 0147 when can I drive?", False),
        ("212 555 0147 and my sister who is with me says I should not eat", False),
    ],
)
def test_what_stands_beside_a_number_is_told_from_the_number_alone(text: str, little: bool) -> None:
    assert is_little_else(text) is little


# -- keeping it ----------------------------------------------------------------


async def test_a_report_without_a_known_number_asks_for_one(house: House) -> None:
    outcome = await house.hears(EMERGENCY)
    assert outcome.replies[1] == wording.ask_number_reply(CLINIC)


async def test_the_number_is_kept_and_confirmed_and_rasa_is_not_asked(house: House) -> None:
    talk = (await house.hears(EMERGENCY)).conversation_id
    outcome = await house.hears(TYPED, talk)
    assert known(house) == [NUMBER]
    assert outcome.replies == (wording.have_number_reply(CLINIC, NUMBER),)
    assert house.dialogue.asked == []


async def test_a_number_in_the_report_is_kept_and_not_asked_for(house: House) -> None:
    outcome = await house.hears(f"{EMERGENCY}, call me on {TYPED}")
    assert known(house) == [NUMBER]
    assert topics(outcome.replies) == ["safety/report", "safety/callback"]
    assert outcome.replies[1] == wording.have_number_reply(CLINIC, NUMBER)


async def test_a_number_from_before_the_report_is_kept_and_not_asked_for(house: House) -> None:
    talk = (await house.hears(f"hello, this is Ana, {TYPED}")).conversation_id
    outcome = await house.hears(EMERGENCY, talk)
    assert known(house) == [NUMBER]
    assert topics(outcome.replies) == ["safety/report"]


async def test_a_number_that_comes_long_after_the_report_is_kept(house: House) -> None:
    talk = (await house.hears(EMERGENCY)).conversation_id
    house.clock.move(hours=5)
    await house.hears("the nurse asked for my number, it is +1 212 555 0147", talk)
    assert known(house) == [NUMBER]


async def test_another_number_takes_the_place_of_the_first(house: House) -> None:
    talk = (await house.hears(EMERGENCY)).conversation_id
    await house.hears(TYPED, talk)
    outcome = await house.hears("better use 212 555 0148", talk)
    assert known(house) == ["+12125550148"]
    assert outcome.replies == (wording.have_number_reply(CLINIC, "+12125550148"),)


async def test_the_same_number_again_is_not_confirmed_again(house: House) -> None:
    talk = (await house.hears(f"{EMERGENCY} {TYPED}")).conversation_id
    assert "safety/callback" not in topics((await house.hears(TYPED, talk)).replies)


async def test_a_question_beside_the_number_is_answered(house: House) -> None:
    talk = (await house.hears(EMERGENCY)).conversation_id
    outcome = await house.hears(f"{TYPED}. {BENIGN}?", talk)
    assert topics(outcome.replies) == ["safety/callback", ANSWER.topic]


async def test_without_a_report_a_number_is_kept_and_the_talk_goes_on(house: House) -> None:
    outcome = await house.hears(TYPED)
    assert known(house) == [NUMBER]
    assert outcome.replies == (ANSWER,)


async def test_the_number_is_asked_for_in_the_patients_language(house: House) -> None:
    outcome = await house.hears("no puedo respirar, ayuda por favor")
    assert outcome.replies[1] == wording.ask_number_reply(CLINIC, Language.SPANISH)


async def test_no_page_holds_the_number(house: House) -> None:
    await house.hears(f"{EMERGENCY}, call me on {TYPED}")
    house.paging.tick()
    (page,) = house.pager.pages
    digits = "".join(filter(str.isdigit, f"{page.title} {page.text}"))
    assert "2125550147" not in digits
