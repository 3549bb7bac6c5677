"""Evidence points at the patient's own words."""

from __future__ import annotations

import json

import pytest

from bot.safety.screen import default_screen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't breathe", "can't breathe"),
        ("I can\u2019t breathe \U0001f62d", "can\u2019t breathe"),
        ("\U0001f62d\U0001f62d I can\u2018t breathe", "can\u2018t breathe"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 says: Can`T BREATHE", "Can`T BREATHE"),
        ("e\u0301 Ana: I CAN'T BREATHE", "CAN'T BREATHE"),
        ("İİ Ana: I can't breathe", "can't breathe"),
        ("ok.\n\n  I   can't\tbreathe!", "can't\tbreathe"),
    ],
    ids=ascii,
)
def test_the_offsets_cut_the_words_out_of_the_original(text: str, words: str) -> None:
    (evidence,) = default_screen()(text).evidence
    assert (evidence.words, text[evidence.start : evidence.end]) == (words, words)


def test_a_verdict_can_be_written_as_json() -> None:
    data = json.loads(json.dumps(default_screen()("I can't breathe").to_dict()))
    assert data["tier"] == "emergency"
    assert data["evidence"][0]["words"] == "can't breathe"


def test_nothing_found_has_no_tier() -> None:
    verdict = default_screen()("what should I wear")
    assert (verdict.tier, verdict.categories, verdict.is_report) == (None, (), False)


def test_a_patients_words_do_not_show_when_a_verdict_is_printed() -> None:
    assert "breathe" not in repr(default_screen()("I can't breathe"))
