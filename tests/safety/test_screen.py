"""The screen as a function: whatever comes in, a verdict comes out."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.matching import PatternSet
from bot.safety.screen import default_screen
from tests.harness.cast import EMERGENCY

# As texts reach it: the channels refuse halves of characters.
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
fragments = st.sampled_from(
    ["no", "I", "can't", "breathe", "chest", "pain", "what if", "but", ".", "?", "\n", ",", "die"]
)


@given(any_text)
@settings(deadline=None)
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


def test_a_message_full_of_findings_is_searched_no_more_often_than_one_with_one() -> None:
    searches = []
    for text in (f"what if {EMERGENCY}", f"what if {EMERGENCY} " * 30):
        with patch.object(PatternSet, "find", autospec=True, side_effect=PatternSet.find) as find:
            default_screen()(text)
        searches.append(find.call_count)
    assert searches[0] == searches[1] > 0
