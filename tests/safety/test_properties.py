"""What must hold for every line that a flag must find, whatever stands around it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.rules import Flag, load_rules
from bot.safety.screen import default_screen
from bot.safety.spelling import normal
from tests.harness.phrases import EMOJI, GREETINGS, QUESTIONS, SPANISH_SYMPTOMS, SYMPTOMS

FLAGS = load_rules().flags
LINES = [(flag, line) for flag in FLAGS for line in flag.must_flag]
WORDS = frozenset(word for flag in FLAGS for line in flag.must_flag for word in line.lower().split())

lines = st.sampled_from(LINES)
greetings = st.sampled_from(GREETINGS)
questions = st.sampled_from(QUESTIONS)
emoji = st.sampled_from(EMOJI)
# Words that nobody reports with, in which a slip changes nothing.
PLAIN = ["appointment", "parking", "Thursday", "question", "tomorrow", "receipt"]


def _found(text: str) -> set[str]:
    return {evidence.flag for evidence in default_screen()(text).evidence}


@given(lines, greetings)
@settings(deadline=None, max_examples=300)
def test_a_greeting_in_front_loses_no_flag(entry: tuple[Flag, str], greeting: str) -> None:
    assert entry[0].id in _found(greeting + entry[1])


@given(lines, questions)
@settings(deadline=None, max_examples=300)
def test_a_question_in_front_loses_no_flag(entry: tuple[Flag, str], question: str) -> None:
    assert entry[0].id in _found(f"{question} {entry[1]}")


@given(lines, questions)
@settings(deadline=None, max_examples=300)
def test_a_question_behind_loses_no_flag(entry: tuple[Flag, str], question: str) -> None:
    assert entry[0].id in _found(f"{entry[1]}. {question}")


@given(lines, emoji)
@settings(deadline=None, max_examples=300)
def test_emoji_lose_no_flag(entry: tuple[Flag, str], signs: str) -> None:
    assert entry[0].id in _found(f"{signs} {entry[1]} {signs}")


@given(lines)
@settings(deadline=None, max_examples=300)
def test_shouting_loses_no_flag(entry: tuple[Flag, str]) -> None:
    assert entry[0].id in _found(entry[1].upper())


@given(lines)
@settings(deadline=None, max_examples=300)
def test_loss_of_the_last_punctuation_loses_no_flag(entry: tuple[Flag, str]) -> None:
    assert entry[0].id in _found(entry[1].rstrip(string.punctuation).lstrip("¿¡"))


@given(lines)
@settings(deadline=None, max_examples=300)
def test_typing_without_apostrophes_loses_no_flag(entry: tuple[Flag, str]) -> None:
    assert entry[0].id in _found(entry[1].replace("'", "\u2019"))


@given(lines, st.sampled_from(PLAIN), st.integers(1, 4))
@settings(deadline=None, max_examples=300)
def test_a_slip_in_another_word_loses_no_flag(entry: tuple[Flag, str], word: str, at: int) -> None:
    slipped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert entry[0].id in _found(f"{entry[1]}. It is about my {slipped}")


@given(lines, st.integers(0, 400))
@settings(deadline=None, max_examples=300)
def test_evidence_is_the_patients_own_words(entry: tuple[Flag, str], padding: int) -> None:
    text = " " * padding + entry[1]
    for evidence in default_screen()(text).evidence:
        assert text[evidence.start : evidence.end] == evidence.words


@pytest.mark.parametrize("noun", SYMPTOMS + SPANISH_SYMPTOMS)
def test_no_in_front_of_a_symptom_takes_the_report_back(noun: str) -> None:
    assert not default_screen()(f"no {noun}").is_report


@pytest.mark.parametrize("noun", SYMPTOMS)
def test_without_in_front_of_a_symptom_takes_the_report_back(noun: str) -> None:
    assert not default_screen()(f"doing well, without any {noun}").is_report


@pytest.mark.parametrize("noun", [noun for noun in SYMPTOMS if " " in noun])
def test_having_the_symptom_is_a_report(noun: str) -> None:
    assert default_screen()(f"I have {noun}").is_report


def test_the_words_of_the_examples_are_their_own_normal_form_or_a_known_spelling() -> None:
    assert all(normal(normal(word)) == normal(word) for word in WORDS)
