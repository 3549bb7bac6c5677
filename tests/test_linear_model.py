"""The mathematics of the classifier, on a toy set with toy vectors."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from bot.linear_model import Floats, LinearModel

EXAMPLES = {
    "driving": ["can I drive home after", "driving myself home", "is driving allowed", "when can I drive again"],
    "food": ["can I eat breakfast before", "eating before treatment", "is breakfast allowed", "when can I eat again"],
    "music": ["can I bring music along", "listening to music", "are headphones allowed", "which playlist is good"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


def _vector(text: str, size: int = 64) -> Floats:
    """A bag of hashed words, of length 1: like an embedding, it knows no typo."""
    vector = np.zeros(size, np.float32)
    for word in text.lower().split():
        vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % size] += 1
    return vector / max(float(np.linalg.norm(vector)), 1.0)


@pytest.fixture(scope="module")
def model() -> LinearModel:
    """Trained on the toy set."""
    return LinearModel.fit(TEXTS, np.stack([_vector(text) for text in TEXTS]), LABELS, c=10.0)


def _best(model: LinearModel, text: str) -> str:
    return model.labels[int(model.probabilities(text, _vector(text), 1.0).argmax())]


@pytest.mark.parametrize(("text", "label"), zip(TEXTS, LABELS, strict=True))
def test_what_it_was_trained_on_is_recognised(model: LinearModel, text: str, label: str) -> None:
    assert _best(model, text) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("wen can i drvie", "driving"),
        ("drivng hme", "driving"),
        ("brekfast alowed??", "food"),
        ("EATING BEFOR", "food"),
        ("hedphones", "music"),
        ("playlst", "music"),
    ],
)
def test_a_typo_costs_little(model: LinearModel, text: str, label: str) -> None:
    assert _best(model, text) == label


@pytest.mark.parametrize("text", [*TEXTS[:2], "", "zzz", "Привет \U0001f62d", "a" * 4000])
@pytest.mark.parametrize("weight", [0.0, 1.0, 30.0])
def test_probabilities_add_up_to_one(model: LinearModel, text: str, weight: float) -> None:
    found = model.probabilities(text, _vector(text), weight)
    assert found.shape == (3,)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_closeness_draws_towards_the_label_of_the_nearest_examples(model: LinearModel) -> None:
    music = model.labels.index("music")
    vector = _vector("listening to music")
    without, withal = (model.probabilities("zzz", vector, weight)[music] for weight in (0.0, 5.0))
    assert withal > without


def test_a_saved_model_gives_the_same_probabilities(model: LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = LinearModel.load(tmp_path)
    assert loaded.labels == model.labels
    for text in (*TEXTS, "drvie hme", "zzz"):
        vector = _vector(text)
        np.testing.assert_array_equal(loaded.probabilities(text, vector, 1.0), model.probabilities(text, vector, 1.0))


def test_training_again_gives_the_same_model(model: LinearModel) -> None:
    again = LinearModel.fit(TEXTS, np.stack([_vector(text) for text in TEXTS]), LABELS, c=10.0)
    vector = _vector("drive")
    np.testing.assert_array_equal(again.probabilities("drive", vector, 1), model.probabilities("drive", vector, 1))


def test_a_model_with_an_object_in_it_is_not_loaded(model: LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    np.savez_compressed(tmp_path / "arrays.npz", labels=np.array([{"not": "plain"}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        LinearModel.load(tmp_path)
