"""A reference in a text from somebody on call takes the report; everything else is a patient's text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.escalation import Status
from bot.domain.on_call import Contact, Method
from bot.services.staff_texts import StaffTexts
from bot.storage import tables
from tests.harness.cast import EMERGENCY, ON_CALL
from tests.harness.house import House

NOORS, NOORS_OTHER, LEES, PATIENTS = "+15550100101", "+15550100102", "+15550100111", "+15550100142"


@pytest.fixture
def texts(house: House) -> StaffTexts:
    return StaffTexts(house.on_call, house.handling)


@pytest.fixture
async def reference(house: House) -> str:
    """The reference of a report that nobody has, one that can be cut into pieces."""
    await house.hears(EMERGENCY)
    with house.database.engine.begin() as connection:
        connection.execute(tables.escalations.update().values(reference="K7PQ4"))
    return "K7PQ4"


def _status(house: House, reference: str) -> Status:
    with house.database() as uow:
        found = uow.escalations.by_reference(reference)
    assert found is not None
    return found.status


@pytest.mark.parametrize(
    "text",
    ["K7PQ4", "k7pq4", " K7PQ4. ", "take K7PQ4", "Taking k7pq4 now", "K7 PQ4", "k-7-p-q-4", "K 7 P Q 4", "I'll take K7PQ4!", "I have it: K7PQ4"],
)  # fmt: skip
def test_a_reference_takes_the_report_however_a_tired_thumb_writes_it(
    house: House, texts: StaffTexts, reference: str, text: str
) -> None:
    answer = texts.take(NOORS, text)
    assert answer == "You have K7PQ4. Contact the patient now; nobody else is paged meanwhile."
    assert _status(house, reference) is Status.ACKNOWLEDGED


def test_history_says_who_took_it_and_how(house: House, texts: StaffTexts, reference: str) -> None:
    texts.take(NOORS_OTHER, reference)
    (taken,) = [entry for entry in house.desk.history(reference) if entry.event == "acknowledged"]
    assert (taken.actor, taken.detail) == ("noor", {"way": "sms"})


def test_anybody_on_call_may_take_it_whoever_was_paged(texts: StaffTexts, reference: str) -> None:
    assert str(texts.take(LEES, reference)).startswith("You have K7PQ4.")


def test_the_same_person_twice_is_told_the_same(texts: StaffTexts, reference: str) -> None:
    assert texts.take(NOORS, reference) == texts.take(NOORS, reference)


def test_the_second_is_told_who_has_it(texts: StaffTexts, reference: str) -> None:
    texts.take(NOORS, reference)
    assert texts.take(LEES, reference) == "K7PQ4 is already with Noor. There is nothing for you to do."


def test_a_report_that_is_closed_is_said_to_be(house: House, texts: StaffTexts, reference: str) -> None:
    house.handling.resolve(reference, "lee", "handled")
    assert texts.take(NOORS, reference) == "K7PQ4 is closed. There is nothing for you to do."


@pytest.mark.parametrize("text", ["K7PQ4", "take K7PQ4"])
def test_a_stranger_takes_nothing(house: House, texts: StaffTexts, reference: str, text: str) -> None:
    assert texts.take(PATIENTS, text) is None
    assert _status(house, reference) is Status.OPEN


@pytest.mark.parametrize(
    "text",
    ["I can't breathe", "taken three pills", "TAKE THREE", "where are you", "stop", "", "we are at the ER", "3 4 7"],
)
def test_a_text_without_a_reference_is_a_patients_though_staff_wrote_it(
    house: House, texts: StaffTexts, reference: str, text: str
) -> None:
    assert texts.take(NOORS, text) is None
    assert _status(house, reference) is Status.OPEN


@pytest.mark.parametrize("text", ["K7PQ3", "take k7pq3", "ack K7 PQ3"])
def test_a_code_that_is_no_reports_is_said_to_be_wrong(texts: StaffTexts, reference: str, text: str) -> None:
    assert str(texts.take(NOORS, text)).startswith("There is no report K7PQ3.")


def test_words_that_look_like_a_code_do_not_hide_the_reference(texts: StaffTexts, reference: str) -> None:
    assert str(texts.take(NOORS, "where? taken 3 aspirin. K7PQ4")).startswith("You have K7PQ4.")


def test_a_contact_of_another_kind_is_no_telephone(house: House, reference: str) -> None:
    noor = replace(ON_CALL.people["noor"], contacts=(Contact(Method.URL, "PAGE_NOOR"), Contact(Method.SMS, NOORS)))
    texts = StaffTexts(replace(ON_CALL, people={"noor": noor}), house.handling)
    assert texts.take("PAGE_NOOR", reference) is None
    assert str(texts.take(NOORS, reference)).startswith("You have K7PQ4.")


def test_nothing_is_promised_that_is_not_stored(house: House, texts: StaffTexts, reference: str) -> None:
    house.database.goes_down()
    assert "could NOT be stored" in str(texts.take(NOORS, reference))
    house.database.comes_back()
    assert _status(house, reference) is Status.OPEN
