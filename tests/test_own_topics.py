"""A clinic's own topics beside everything else that patients ask and report."""

from __future__ import annotations

from typing import Any

import pytest

from bot.own_topics import topic_problems
from bot.training_lines import files, labelled

QUESTIONS = [f"do you sell gift cards for {number} sessions" for number in range(8)]


def _topic(name: str = "gift_cards", *questions: str) -> dict[str, Any]:
    return {"id": name, "title": name.title(), "questions": list(questions or QUESTIONS), "text": "We sell none."}


def _problems(*topics: dict[str, Any]) -> list[str]:
    return list(topic_problems(topics))


def test_a_topic_that_nobody_else_asks_about_is_fine() -> None:
    assert _problems(_topic(), _topic("pets", "may Ben's dog come")) == []


def test_without_own_topics_there_is_nothing_to_say() -> None:
    assert _problems() == []


@pytest.mark.parametrize("asked", ["Does insurance cover ketamine therapy?", "does insurance cover ketamine therapy !"])
def test_a_question_of_a_topic_of_the_documents_is_named_with_what_to_do(asked: str) -> None:
    (problem,) = _problems(_topic("plans", *QUESTIONS, asked))
    assert problem == (
        f"plans: {asked!r} is a question of faq/insurance already; give your answer under `answers: insurance:`, "
        "or reword it"
    )


@pytest.mark.parametrize(
    ("asked", "label", "advice"),
    [
        ("What are your opening hours?", "ask_staff/hours", "`answers: hours:`"),
        ("shorter please", "shorten", "reword it or leave it out"),
    ],
)
def test_a_question_of_anything_else_is_named_too(asked: str, label: str, advice: str) -> None:
    (problem,) = _problems(_topic("plans", *QUESTIONS, asked))
    assert problem.startswith(f"plans: {asked!r} is a question of {label} already; ")
    assert advice in problem


def test_every_training_line_is_compared() -> None:
    lines = list(labelled(files()))[::50]
    found = "\n".join(_problems(_topic("all", *(line for _, line in lines))))
    assert [line for label, line in lines if f"{line!r} is a question of {label} already" not in found] == []


def test_a_question_of_two_own_topics_is_named_once() -> None:
    (problem,) = _problems(_topic("cards", "any vouchers?"), _topic("vouchers", "Any vouchers"))
    assert problem == "vouchers: 'Any vouchers' is a question of cards already; reword it or leave it out"


@pytest.mark.parametrize("report", ["I can't breathe", "I want to kill myself"])
def test_a_question_that_the_screen_reports_is_named(report: str) -> None:
    (problem,) = _problems(_topic("help", *QUESTIONS, report))
    assert problem == f"help: {report!r} would be taken for a severe report; reword it or leave it out"


def test_blank_questions_and_ids_that_are_used_twice_are_named() -> None:
    assert _problems(_topic("a", "  ", "??"), _topic("a", "any vouchers")) == [
        "the id 'a' is used twice",
        "a: a question is blank",
        "a: a question is blank",
    ]
