"""The screen as a function: whatever comes in, a verdict comes out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.screen import default_screen
from tests.harness.cast import EMERGENCY

# As texts reach it: the channels refuse halves of characters.
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
fragments = st.sampled_from(
    ["no", "I", "can't", "breathe", "chest", "pain", "what if", "but", ".", "?", "\n", ",", "die"]
)


@given(any_text)
def test_any_text_has_a_verdict(text: str) -> None:
    for evidence in default_screen()(text).evidence:
        assert text[evidence.start : evidence.end] == evidence.words


@given(st.lists(fragments, max_size=14).map(" ".join))
@settings(deadline=None)
def test_the_same_words_have_the_same_verdict(text: str) -> None:
    verdict = default_screen()(text)
    assert default_screen()(text) == verdict
    assert all(text[e.start : e.end] == e.words for e in verdict.evidence)


@given(any_text)
@settings(deadline=None)
def test_nothing_said_in_a_paragraph_before_hides_an_emergency(text: str) -> None:
    assert default_screen()(f"{text}.\n{EMERGENCY}").is_report
