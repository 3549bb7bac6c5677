"""How bad, which way it goes, since which treatment, and enough of this."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.safety.symptoms import answers
from bot.safety.symptoms.answers import MILD, MODERATE, SEVERE, Course

NOW = datetime(2026, 11, 18, 15, 0)  # noqa: DTZ001 - a Wednesday, where the patient is

# -- how bad ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("7", 7),
        ("seven", 7),
        ("a 4 maybe", 4),
        ("6-7", 7),
        ("5 or 6", 6),
        ("3/10", 3),
        ("8 out of 10", 8),
        ("0", 0),
        ("10", 10),
        ("Mild", MILD),
        ("just a bit", MILD),
        ("not too bad", MILD),
        ("it's not severe", MILD),
        ("nothing serious", MILD),
        ("Moderate", MODERATE),
        ("uncomfortable but bearable", MODERATE),
        ("Severe", SEVERE),
        ("pretty bad", SEVERE),
        ("excruciating", SEVERE),
        ("I can't stand it", SEVERE),
        ("I can barely walk", SEVERE),
    ],
)
def test_an_answer_says_how_bad_it_is(text: str, severity: float) -> None:
    assert answers.severity(text, asked=True) == severity


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("mild but sometimes unbearable", SEVERE),
        ("not severe, 8/10", 8),
        ("it was mild, now it is terrible", SEVERE),
    ],
)
def test_the_worst_that_is_said_counts(text: str, severity: float) -> None:
    assert answers.severity(text, asked=True) == severity


@pytest.mark.parametrize("text", ["since 3 hours", "11", "2 hours", "at 7:30", "I don't know", "better"])
def test_what_says_nothing_of_severity_is_no_answer(text: str) -> None:
    assert answers.severity(text, asked=True) is None


@pytest.mark.parametrize(
    "text", ["bit of a headache", "slept badly", "a bad taste", "I sneeze a lot", "took 5", "feel faint"]
)
def test_unasked_only_plain_words_say_how_bad_it_is(text: str) -> None:
    assert answers.severity(text) is None


@pytest.mark.parametrize(
    ("text", "severity"), [("a mild headache", MILD), ("severe headache", SEVERE), ("headache, 6/10", 6)]
)
def test_a_first_message_may_say_how_bad_it_is(text: str, severity: float) -> None:
    assert answers.severity(text) == severity


# -- which way it goes -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "course"),
    [
        ("Getting better", Course.BETTER),
        ("better now", Course.BETTER),
        ("almost gone", Course.BETTER),
        ("it's wearing off", Course.BETTER),
        ("was worse, now easing", Course.BETTER),
        ("About the same", Course.SAME),
        ("no change", Course.SAME),
        ("comes and goes", Course.SAME),
        ("not getting better", Course.SAME),
        ("it isn't improving", Course.SAME),
        ("no better, no worse", Course.SAME),
        ("neither", Course.SAME),
        ("Getting worse", Course.WORSE),
        ("it keeps building up", Course.WORSE),
        ("more and more", Course.WORSE),
        ("better this morning but worse again", Course.WORSE),
    ],
)
def test_an_answer_says_which_way_it_goes(text: str, course: Course) -> None:
    if text == "neither":
        text = "neither better nor worse"
    assert answers.course(text, asked=True) is course


@pytest.mark.parametrize("text", ["feeling low", "still woozy", "my hand is on and off the rail", "gone home", "no"])
def test_unasked_only_plain_words_say_which_way_it_goes(text: str) -> None:
    assert answers.course(text) is None


@pytest.mark.parametrize("text", ["purple", "3 hours", "I don't know", "yes"])
def test_what_says_nothing_of_the_course_is_no_answer(text: str) -> None:
    assert answers.course(text, asked=True) is None


# -- since which treatment --------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "queasy since this morning's session",
        "ever since the drip",
        "after my second infusion",
        "right after",
        "since I left the clinic",
        "a headache from the treatment",
    ],
)
def test_a_symptom_may_be_there_since_the_treatment(text: str) -> None:
    assert answers.began_with_treatment(text)


@pytest.mark.parametrize("text", ["since noon", "my session is tomorrow", "dizzy when I stand up"])
def test_what_does_not_say_so_is_not_since_the_treatment(text: str) -> None:
    assert not answers.began_with_treatment(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("queasy since this morning's session", 7),
        ("had my session at noon", 3),
        ("infusion 3 days ago, dizzy for 2 hours", 72),
        ("low today after yesterday's session", 27),
        ("treatment ended at 2", 1),
        ("weepy this evening, had treatment yesterday", 27),
    ],
)
def test_a_message_may_say_when_the_treatment_was(text: str, hours: float) -> None:
    assert answers.treated(text, NOW) == pytest.approx(hours)


@pytest.mark.parametrize(
    "text",
    [
        "vivid dreams last night after the infusion",
        "teary tonight after my drip",
        "treated today, in a session",
        "since 2",
    ],
)
def test_another_time_is_not_the_treatments(text: str) -> None:
    assert answers.treated(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "hours"), [("dizzy for 3 hours", 3), ("it began at noon", 3), ("it's been 2 days", 48)]
)
def test_a_message_may_say_since_when(text: str, hours: float) -> None:
    assert answers.onset(text, NOW) == pytest.approx(hours)


@pytest.mark.parametrize("text", ["got home an hour ago", "since my infusion yesterday", "dizzy"])
def test_another_time_is_not_the_onset(text: str) -> None:
    assert answers.onset(text, NOW) is None


@pytest.mark.parametrize(("text", "never"), [("I haven't had one yet", True), ("never", True), ("yesterday", False)])
def test_a_patient_may_not_have_been_treated_yet(text: str, never: bool) -> None:
    assert answers.never_treated(text) is never


# -- enough, or a question ---------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["never mind", "nevermind", "Stop", "stop asking me", "forget it", "ok never mind, thanks", "I'm fine", "cancel"],
)
def test_a_patient_can_end_the_talk(text: str) -> None:
    assert answers.wants_to_stop(text)


@pytest.mark.parametrize(
    "text",
    ["it doesn't stop", "I can't stop shaking", "stop the pain", "never", "I'm fine with that but my head hurts", ""],
)
def test_the_word_alone_does_not_end_the_talk(text: str) -> None:
    assert not answers.wants_to_stop(text)


@pytest.mark.parametrize(
    "text", ["can I drive?", "When may I drive again", "and what about food?", "Is it normal that it lasts 3 days?"]
)
def test_a_question_is_recognised(text: str) -> None:
    assert answers.is_question(text)


@pytest.mark.parametrize("text", ["3 hours?", "since noon", "has been 3 hours", "mild I think?", "is bad"])
def test_an_answer_with_a_question_mark_is_no_question(text: str) -> None:
    assert not answers.is_question(text)
