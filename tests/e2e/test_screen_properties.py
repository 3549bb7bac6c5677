"""What stands around a report does not lose it: the joined screen with its trained model.

A learned reader has no guarantee for a single line, as the rules have in
tests/safety/test_properties.py. So each test is a floor on the same 200 reports of the
corpus, chosen once; hypothesis chooses what is done to all of them. The reader
has learned from these lines: this measures what the change does, not how well
reports are recognised (that is test_screen_held_out.py).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.safety.joined import JoinedScreen
from bot.safety.learned import NONE, Example, corpus
from bot.safety.screen import default_screen
from bot.safety.verdict import Verdict
from tests.harness.phrases import EMOJI, GREETINGS, QUESTIONS, SPANISH_SYMPTOMS, SYMPTOMS
from tools.evaluation.safety.judging import Readers, asks_back
from tools.evaluation.safety.model import trained

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

SAMPLE = 200
FLOOR = 0.97
# A greeting or an ordinary question around a report costs more than was hoped: 95 to 99 % are kept.
FLOOR_WITH_OTHER_WORDS = 0.93
# A mark between digits is part of a number: "102.5", "10:30".
MARKS = re.compile(r"(?<!\d)[.,;:!?¿¡]|[.,;:!?¿¡](?!\d)")
WORD = re.compile(r"[^\W\d_]{5,}")
# Each example reads up to 200 messages: enough of them for every phrase, and no search for a simpler one.
few = settings(deadline=None, max_examples=7, derandomize=True, database=None, phases=[Phase.generate])
many = settings(deadline=None, max_examples=60, derandomize=True, database=None)
lists = st.lists(st.sampled_from(SYMPTOMS), min_size=1, max_size=4, unique=True)


@dataclass(frozen=True)
class Report:
    """A line that is recognised as it stands, with what spoke for it."""

    line: Example
    verdict: Verdict


@pytest.fixture(scope="module")
def screen() -> JoinedScreen:
    return JoinedScreen(default_screen(), trained())


@pytest.fixture(scope="module")
def reports(screen: JoinedScreen) -> list[Report]:
    lines = [line for line in corpus() if line.tier != NONE]
    shuffled = (lines[i] for i in np.random.default_rng(4).permutation(len(lines)))
    read = (Report(line, screen(line.text, line.earlier)) for line in shuffled)
    return list(islice((report for report in read if report.verdict.is_report), SAMPLE))


def kept(screen: JoinedScreen, reports: Sequence[Report], change: Callable[[Report], str]) -> float:
    """Of the reports that the change changes, the share that stays a report or is asked about."""
    changed = [(text, r.line.earlier) for r in reports if (text := change(r)) != r.line.text]
    verdicts = [screen(text, earlier) for text, earlier in changed]
    return sum(v.is_report or asks_back(v) for v in verdicts) / len(verdicts)


def _without(marks: set[str], text: str) -> str:
    return MARKS.sub(lambda found: "" if found[0] in marks else found[0], text)


def _with_a_slip(report: Report, seed: int) -> str:
    """Two inner letters swapped in a word that no evidence holds; the text as it was if there is none."""
    text, evidence = report.line.text, report.verdict.evidence
    words = [w for w in WORD.finditer(text) if all(w.end() <= e.start or w.start() >= e.end for e in evidence)]
    if not words:
        return text
    dice = np.random.default_rng([seed, zlib.crc32(text.encode())])
    word = words[int(dice.integers(len(words)))]
    place = int(dice.integers(word.start() + 1, word.end() - 2))
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def test_the_sample_is_complete(reports: list[Report]) -> None:
    assert len({report.line for report in reports}) == SAMPLE


@given(greeting=st.sampled_from(GREETINGS))
@few
def test_a_greeting_in_front_loses_few_reports(screen: JoinedScreen, reports: list[Report], greeting: str) -> None:
    assert kept(screen, reports, lambda r: greeting + r.line.text) >= FLOOR_WITH_OTHER_WORDS


@given(question=st.sampled_from(QUESTIONS))
@few
def test_a_question_in_front_loses_few_reports(screen: JoinedScreen, reports: list[Report], question: str) -> None:
    assert kept(screen, reports, lambda r: f"{question} {r.line.text}") >= FLOOR_WITH_OTHER_WORDS


@given(question=st.sampled_from(QUESTIONS))
@few
def test_a_question_behind_loses_few_reports(screen: JoinedScreen, reports: list[Report], question: str) -> None:
    assert kept(screen, reports, lambda r: f"{r.line.text.rstrip('.')}. {question}") >= FLOOR_WITH_OTHER_WORDS


@given(signs=st.sampled_from(EMOJI))
@few
def test_emoji_lose_few_reports(screen: JoinedScreen, reports: list[Report], signs: str) -> None:
    assert kept(screen, reports, lambda r: f"{signs} {r.line.text} {signs}") >= FLOOR


def test_shouting_loses_few_reports(screen: JoinedScreen, reports: list[Report]) -> None:
    assert kept(screen, reports, lambda r: r.line.text.upper()) >= FLOOR


def test_loss_of_all_punctuation_loses_few_reports(screen: JoinedScreen, reports: list[Report]) -> None:
    assert kept(screen, reports, lambda r: MARKS.sub("", r.line.text)) >= FLOOR


@given(marks=st.sets(st.sampled_from(",;:!?¿¡"), max_size=3))
@few
def test_loss_of_some_punctuation_loses_few_reports(
    screen: JoinedScreen, reports: list[Report], marks: set[str]
) -> None:
    # With the full stop among them, there is always something to lose.
    assert kept(screen, reports, lambda r: _without({".", *marks}, r.line.text)) >= FLOOR


@given(seed=st.integers(0, 1000))
@few
def test_a_slip_in_a_word_that_does_not_decide_loses_few_reports(
    screen: JoinedScreen, reports: list[Report], seed: int
) -> None:
    assert kept(screen, reports, lambda r: _with_a_slip(r, seed)) >= FLOOR


@pytest.mark.parametrize("symptom", SYMPTOMS + SPANISH_SYMPTOMS)
def test_no_in_front_of_a_symptom_takes_the_report_back(screen: JoinedScreen, symptom: str) -> None:
    assert not screen(f"no {symptom}").is_report


@given(symptoms=lists)
@many
def test_no_in_front_of_every_symptom_takes_the_report_back(screen: JoinedScreen, symptoms: list[str]) -> None:
    assert not screen(", ".join(f"no {symptom}" for symptom in symptoms)).is_report


def test_no_in_front_of_a_list_takes_the_report_back_more_often_than_not(screen: JoinedScreen) -> None:
    # "No fever, chills or a rash": how far the "no" reaches is a guess, and a wrong one must not hide a report.
    dice = np.random.default_rng(5)
    drawn = [list(dice.choice(SYMPTOMS, size=3, replace=False)) for _ in range(100)]
    taken_back = [not screen(f"no {a}, {b} or {c}").is_report for a, b, c in drawn]
    assert sum(taken_back) >= 50


def test_what_is_evaluated_is_what_the_gateway_does(screen: JoinedScreen, reports: list[Report]) -> None:
    readers = Readers.load(trained())
    assert [readers.joined(r.line.text, r.line.earlier) for r in reports] == [r.verdict for r in reports]
