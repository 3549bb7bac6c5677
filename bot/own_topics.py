"""What must be true of the topics that a clinic adds, beyond the form of `clinic.yml`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.safety.screen import default_screen
from bot.safety.verdict import Verdict
from bot.training_lines import files, labelled, normal

Topics = Sequence[Mapping[str, Any]]


def topic_problems(topics: Topics) -> Iterator[str]:
    """What would confuse the assistant, each with its topic and question. Takes a second where there are topics."""
    if not topics:
        return
    for name, times in Counter(topic["id"] for topic in topics).items():
        if times > 1:
            yield f"the id {name!r} is used twice"
    for name, question in _questions(topics):
        if not normal(question):
            yield f"{name}: a question is blank"
    yield from _already_asked(topics)
    yield from report_problems(_questions(topics), default_screen())


def report_problems(questions: Iterable[tuple[str, str]], screen: Callable[[str], Verdict]) -> Iterator[str]:
    """Questions, each after its topic's id, that the patient would get the emergency text for."""
    for name, question in questions:
        if screen(question).is_report:
            yield f"{name}: {question!r} would be taken for a severe report; reword it or leave it out"


def _already_asked(topics: Topics) -> Iterator[str]:
    """A line of two topics teaches the classifier that it can be either."""
    asked = {normal(line): label for label, line in labelled(files())}
    for name, question in _questions(topics):
        line = normal(question)
        if line in asked:
            yield f"{name}: {question!r} is a question of {asked[line]} already; {_instead(asked[line])}"
        elif line:
            asked[line] = name


def _instead(label: str) -> str:
    group, _, topic = label.partition("/")
    if group in ("faq", "ask_staff"):
        return f"give your answer under `answers: {topic}:`, or reword it"
    return "reword it or leave it out"


def _questions(topics: Topics) -> Iterator[tuple[str, str]]:
    yield from ((topic["id"], question) for topic in topics for question in topic["questions"])
