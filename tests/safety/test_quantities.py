"""What the numbers in a message measure."""

from __future__ import annotations

import pytest

from bot.safety.matching import tokenise
from bot.safety.quantities import Condition


def _holds(condition: str, text: str) -> bool:
    parsed = Condition.parse(condition)
    return any(parsed.holds(quantity) for quantity in tokenise(text).quantities)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("bp>=180/120", "cuff says 198/125"),
        ("bp>=180/120", "198 over 125"),
        ("bp>=180/120", "one ninety eight over one twenty five"),
        ("bp>=180/120", "two ten over one thirty"),
        ("bp>=180/120", "la presión en 195 sobre 130"),
        ("bp>=180/120", "ciento noventa y cinco sobre ciento treinta"),
        ("bp>=180/120", "my blood pressure is 210"),
        ("bp>=180/120", "bp 150/125"),
        ("spo2<90", "oximeter shows 87"),
        ("spo2<90", "88% oxygen"),
        ("spo2<90", "oxygen is eighty one percent"),
        ("pulse>=150", "heart rate 171 on the watch"),
        ("pulse>=150", "158 bpm"),
        ("pulse<=45", "my pulse is down at 38"),
        ("fever>=100.4", "temp 102"),
        ("fever>=100.4", "fiebre de 39"),
        ("fever>=100.4", "a hundred and three fever"),
        ("sugar>=300", "my sugar is 410"),
        ("hours>=8", "14 hrs now"),
        ("hours>=8", "14hrs"),
        ("hours>=8", "fourteen hours"),
        ("hours>=8", "since yesterday"),
        ("hours>=8", "desde anoche"),
        ("hours>=8", "doce horas"),
        ("hours>=8", "two days"),
        ("days>=3", "4 days"),
        ("weeks>=2", "for three weeks"),
        ("minutes>=5", "6 min"),
        ("every_minutes<=30", "every 20 minutes"),
        ("ago_hours<=2", "an hour ago"),
        ("times>=6", "nine times"),
        ("times>=6", "8th time"),
        ("times>=6", "ya van 8 veces"),
        ("mg>=500", "600 mg"),
        ("pills>=10", "20 pills"),
        ("year>=1950", "back in 2015"),
        ("number>=180", "180"),
    ],
)
def test_a_quantity_is_understood(condition: str, text: str) -> None:
    assert _holds(condition, text)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("bp>=180/120", "bp 142/88"),
        ("bp>=180/120", "on 10/12 at 180 Main Street"),
        ("bp>=180/120", "I weigh 210"),
        ("spo2<90", "oximeter shows 97"),
        ("spo2<90", "I am 87 years old"),
        ("pulse>=150", "I was on hold 155 minutes, heart of stone"),
        ("fever>=100.4", "temp 98.6"),
        ("hours>=8", "2 hours"),
        ("hours>=8", "8 minutes"),
        ("hours>=8", "three hours ago"),
        ("times>=6", "twice"),
        ("minutes>=5", "every 5 minutes"),
    ],
)
def test_another_number_is_not_taken_for_it(condition: str, text: str) -> None:
    assert not _holds(condition, text)


@pytest.mark.parametrize("text", ["", "hours", "hours=8", "hours>=many", "colour>=3", "bp>=180/"])
def test_a_condition_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unknown condition"):
        Condition.parse(text)
