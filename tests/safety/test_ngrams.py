"""Letters and words as places, and the model on them."""

from __future__ import annotations

import numpy as np
import pytest

from bot.safety.ngrams import PLACES, NgramModel, letters_and_words

REPORTS = ["I can't breathe", "he is not breathing", "she cannot breathe at all", "my breathing has stopped"]
OTHERS = ["can I drive home", "what does a session cost", "do you take insurance", "how do I get home"]


@pytest.fixture(scope="module")
def model() -> NgramModel:
    return NgramModel.fit([*REPORTS, *OTHERS], [True] * 4 + [False] * 4)


@pytest.mark.parametrize("text", ["", " ", "!", "👍", "a", "no puedo respirar", "x" * 2000])
def test_every_text_has_places_in_range(text: str, model: NgramModel) -> None:
    for places in letters_and_words(text):
        assert ((places >= 0) & (places < PLACES)).all()
        assert len(np.unique(places)) == len(places)
    assert np.isfinite(model.log_odds(text))


@pytest.mark.parametrize("text", ["I CANT BREATHE", "i can’t breathe", "I cán't breathe", "I can't  breathe."])
def test_case_accents_and_apostrophes_make_no_difference(text: str) -> None:
    for own, plain in zip(letters_and_words(text), letters_and_words("i cant breathe"), strict=True):
        assert (own == plain).all()


def test_a_typo_keeps_most_of_the_letters() -> None:
    (right, _), (wrong, _) = letters_and_words("she cannot breathe"), letters_and_words("she cannot breath")
    assert len(np.intersect1d(right, wrong)) > 0.8 * len(right)


def test_reports_are_told_from_other_messages(model: NgramModel) -> None:
    assert model.log_odds("he can't breathe") > 0 > model.log_odds("how much is a session")


def test_a_text_of_nothing_known_is_decided_by_the_intercept(model: NgramModel) -> None:
    blank = NgramModel(np.zeros_like(model.weights), model.rarity, -1.5)
    assert blank.log_odds("anything") == -1.5
