"""A message is read as a turn of its talk, over a table of made-up chances."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.nlu.reading import Limits, Reading, Talk, choice, leans, mixed, rank_intents, read, top

CHOICES = ("When may I drive?", "What may I eat?", "How long does it take?")
LABELS = ("faq/driving", "faq/food", "faq/length", "ask_staff/price", "greet")
FIRST = Talk()
LIMITS = Limits(follow_up_weight=0.25, part=0.5)


def _sure(label: str, chance: float = 0.8) -> dict[str, float]:
    """One label with its chance; the others share the rest."""
    rest = (1 - chance) / (len(LABELS) - 1)
    return {name: chance if name == label else rest for name in LABELS}


TABLE: Mapping[str, Mapping[str, float]] = {
    "may I drive": _sure("faq/driving"),
    "when may Ben drive": _sure("faq/driving", 0.7),
    "what may I eat": _sure("faq/food"),
    "may Cleo eat soup": _sure("faq/food", 0.5),
    "what about soup": _sure("faq/food", 0.49),
    "I like to eat.": _sure("faq/food"),
    "what does it cost": _sure("ask_staff/price"),
    "hello there": _sure("greet"),
    "When may I drive?": _sure("faq/driving", 0.9),
    "What may I eat?": _sure("faq/food", 0.9),
    "How long does it take?": _sure("faq/length", 0.9),
    "When may I drive? >> and eat?": _sure("faq/food"),
    "and eat?": _sure("faq/length", 0.4),
}


def _predict(text: str) -> Mapping[str, float]:
    return TABLE.get(text.removesuffix("?"), TABLE.get(text, _sure("greet", 0.2)))


def _read(text: str, talk: Talk = FIRST) -> Reading:
    return read(_predict, text, talk, LIMITS)


# -- typed choices -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("2", 2),
        ("2.", 2),
        ("2)", 2),
        (" 2 ", 2),
        ("#2", 2),
        ("no. 2", 2),
        ("Number 2", 2),
        ("option 2", 2),
        ("Option 2 please", 2),
        ("the second one", 2),
        ("The second", 2),
        ("second option", 2),
        ("2nd", 2),
        ("two", 2),
        ("TWO!", 2),
        ("b", 2),
        ("first", 1),
        ("third one", 3),
        ("the third please", 3),
        ("number three", 3),
    ],
)
def test_a_number_in_words_or_digits_is_the_button_in_that_place(text: str, number: int) -> None:
    assert choice(text, CHOICES) == CHOICES[number - 1]


@pytest.mark.parametrize(
    "text", ["4", "0", "9", "12", "-1", "five", "fourth", "", "?", "2 hours", "two sessions", "one or two?"]
)
def test_what_is_no_number_of_a_button_chooses_nothing(text: str) -> None:
    assert choice(text, CHOICES) is None


@pytest.mark.parametrize("text", ["1", "two", "the second one"])
def test_without_buttons_a_number_chooses_nothing(text: str) -> None:
    assert choice(text, ()) is None


def test_a_chosen_button_is_read_as_if_its_text_were_sent() -> None:
    assert _read("the second one", Talk(choices=CHOICES)) == Reading(TABLE["What may I eat?"])


def test_a_chosen_button_is_no_follow_up_of_the_question_before() -> None:
    assert _read("3", Talk("When may I drive?", CHOICES)) == Reading(TABLE["How long does it take?"])


def test_with_buttons_shown_a_question_is_still_a_question() -> None:
    assert _read("what may I eat", Talk(choices=CHOICES)) == Reading(TABLE["what may I eat"])


# -- follow-ups ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "and eat?",
        "but why",
        "What about soup in the morning of the session?",
        "how about the day after tomorrow, in the car",
        "is that normal for somebody of my age",
        "Will Ben notice it the very first time",
        "how many of those does Cleo need",
        "why?",
        "how long then",
        "does insurance pay for ketamine",
    ],
)
def test_a_message_that_points_back_or_is_short_leans(text: str) -> None:
    assert leans(text)


@pytest.mark.parametrize(
    "text",
    [
        "what may Cleo eat in the morning",
        "does Ana's insurance cover ketamine therapy",
        "How many sessions will Ana need altogether?",
        "what should Ben bring along on Monday",
    ],
)
def test_a_message_that_says_it_all_does_not_lean(text: str) -> None:
    assert not leans(text)


def test_a_follow_up_is_read_alone_and_with_the_question_before_by_weight() -> None:
    chances = _read("and eat?", Talk("When may I drive?")).chances
    food, length = 0.8**0.25 * 0.15**0.75, 0.05**0.25 * 0.4**0.75
    assert chances["faq/food"] / chances["faq/length"] == pytest.approx(food / length)
    assert sum(chances.values()) == pytest.approx(1)


@pytest.mark.parametrize(("weight", "found"), [(0.0, "faq/length"), (0.5, "faq/food"), (1.0, "faq/driving")])
def test_what_both_readings_find_possible_wins_over_what_one_is_sure_of(weight: float, found: str) -> None:
    alone = {"faq/length": 0.6, "faq/food": 0.38, "faq/driving": 0.02}
    together = {"faq/length": 0.02, "faq/food": 0.38, "faq/driving": 0.6}
    assert top(mixed(alone, together, weight))[0] == found


def test_a_label_that_one_reading_rules_out_is_not_lost() -> None:
    chances = mixed({"faq/food": 0.0, "greet": 1.0}, {"faq/food": 1.0, "greet": 0.0}, 0.5)
    assert chances == pytest.approx({"faq/food": 0.5, "greet": 0.5})


def test_a_message_that_does_not_lean_is_read_alone() -> None:
    text = "what may Cleo eat in the morning"
    assert _read(text, Talk("When may I drive?")) == Reading(_predict(text))


def test_a_first_message_is_read_alone() -> None:
    assert _read("and eat?") == Reading(TABLE["and eat?"])


# -- two questions -------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "may I drive and what may I eat",
        "may I drive, and what may I eat?",
        "may I drive and also what may I eat",
        "may I drive also what may I eat",
        "may I drive plus what may I eat",
        "may I drive n what may I eat",
        "may I drive & what may I eat",
        "may I drive AND what may I eat",
        "may I drive? what may I eat?",
        "may I drive, what may I eat",
        "may I drive; what may I eat",
    ],
)
def test_two_questions_are_both_found_in_order(text: str) -> None:
    assert _read(text).several == ("faq/driving", "faq/food")


def test_the_other_order_is_the_other_order() -> None:
    assert _read("what may I eat and may I drive").several == ("faq/food", "faq/driving")


def test_one_of_the_two_may_be_for_the_staff() -> None:
    assert _read("what does it cost and may I drive").several == ("ask_staff/price", "faq/driving")


@pytest.mark.parametrize(
    "text",
    [
        "may I drive",
        "I like to eat. may I drive?",
        "may I drive and when may Ben drive",
        "hello there, may I drive",
        "may I drive and what about soup",
        "may I drive and eat",
        "drive and what may I eat",
        "may I driveand what may I eat",
        "",
        "and , and ?",
    ],
    ids=[
        "one",
        "a statement before it",
        "one topic twice",
        "small talk before it",
        "not sure of one",
        "one word after",
        "one word before",
        "no joint",
        "nothing",
        "joints alone",
    ],
)
def test_what_is_one_question_is_not_split(text: str) -> None:
    assert _read(text).several == ()


def test_just_sure_enough_of_a_half_is_enough() -> None:
    assert _read("may I drive and may Cleo eat soup").several == ("faq/driving", "faq/food")


def test_of_several_ways_to_split_the_surest_is_taken() -> None:
    table = {
        "a b": _sure("faq/driving", 0.6),
        "c d and e f": _sure("faq/food", 0.6),
        "a b and c d": _sure("faq/length", 0.7),
        "e f": _sure("ask_staff/price", 0.7),
    }
    reading = read(lambda text: table.get(text, _sure("greet")), "a b and c d and e f", Talk(), LIMITS)
    assert reading.several == ("faq/length", "ask_staff/price")


def test_two_questions_are_read_without_the_question_before() -> None:
    reading = _read("what does it cost and may I drive", Talk("What may I eat?"))
    assert reading == Reading(_predict("what does it cost and may I drive"), ("ask_staff/price", "faq/driving"))


# -- the ranking ---------------------------------------------------------------

CHANCES = {"faq/driving": 0.3, "faq/food": 0.25, "ask_staff/price": 0.2, "ask_staff/hours": 0.15, "greet": 0.1}


def test_the_likeliest_label_is_on_top() -> None:
    assert top(CHANCES) == ("faq/driving", 0.3)


@pytest.mark.parametrize(
    ("pooled", "ranking"),
    [
        ((), [("faq", 0.3), ("ask_staff", 0.2), ("greet", 0.1)]),
        (("ask_staff",), [("ask_staff", 0.35), ("faq", 0.3), ("greet", 0.1)]),
        (("faq", "ask_staff"), [("faq", 0.55), ("ask_staff", 0.35), ("greet", 0.1)]),
    ],
)
def test_subjects_that_lead_to_the_same_step_are_added_up(
    pooled: tuple[str, ...], ranking: list[tuple[str, float]]
) -> None:
    found = rank_intents(CHANCES, pooled)
    assert [name for name, _ in found] == [name for name, _ in ranking]
    assert [chance for _, chance in found] == pytest.approx([chance for _, chance in ranking])


def test_rounding_makes_no_chance_greater_than_one() -> None:
    assert rank_intents({"faq/a": 0.7, "faq/b": 0.4}, ("faq",)) == [("faq", 1.0)]
