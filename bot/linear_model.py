"""The mathematics of the classifier: labels from a sentence's vector and letters.

A linear model reads three views of a message: its sentence embedding (meaning),
its character n-grams (spelling, so that a typo costs little) and its words with
their neighbours. To its scores is added, on a log scale, the closeness to the
three nearest examples of a label (so that something unlike everything known
gets no label with confidence).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float32]

_NEAREST = 3
_VIEWS: dict[str, dict[str, Any]] = {
    "letters": {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True},
    "words": {"analyzer": "word", "ngram_range": (1, 2), "sublinear_tf": True, "token_pattern": r"(?u)\b\w+\b"},
}
_MIN_COUNT = {"letters": 2, "words": 1}


class LinearModel:
    """A trained model: plain arrays, saved without pickle."""

    def __init__(self, arrays: dict[str, NDArray[Any]], vocabularies: dict[str, dict[str, int]]) -> None:
        self.labels: list[str] = [str(label) for label in arrays["labels"]]
        self._arrays = arrays
        self._vocabularies = vocabularies
        self._views = [_view(name, vocabularies[name], arrays[f"idf_{name}"]) for name in _VIEWS]
        # One row a feature, in memory in that order: a message touches some hundred
        # rows, and only those are read.
        self._weights = np.ascontiguousarray(arrays["coefficients"].T)
        self._members = [np.flatnonzero(arrays["owners"] == i) for i in range(len(self.labels))]

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Floats, labels: Sequence[str], c: float) -> LinearModel:
        """Train on texts with their sentence embeddings (n, 384); `c` is the inverse regularisation."""
        views = {name: TfidfVectorizer(**_VIEWS[name], min_df=_MIN_COUNT[name]).fit(texts) for name in _VIEWS}
        features = hstack([csr_matrix(vectors), *(view.transform(texts) for view in views.values())]).tocsr()
        names = sorted(set(labels))
        owners = np.array([names.index(label) for label in labels])
        fitted = LogisticRegression(C=c, max_iter=2000).fit(features, owners)
        arrays = {
            "labels": np.array(names),
            "owners": owners,
            "vectors": np.asarray(vectors, np.float32),
            "coefficients": fitted.coef_.astype(np.float32),
            "intercepts": fitted.intercept_.astype(np.float32),
            **{f"idf_{name}": view.idf_ for name, view in views.items()},
        }
        return cls(arrays, {name: {t: int(i) for t, i in view.vocabulary_.items()} for name, view in views.items()})

    def probabilities(self, text: str, vector: Floats, similarity_weight: float) -> Floats:
        """One probability a label, in the order of `labels`; they add up to 1."""
        views = [view.transform([text]) for view in self._views]
        features = hstack([csr_matrix(vector[np.newaxis, :]), *views]).tocsr()
        scores = features.data.astype(np.float32) @ self._weights[features.indices] + self._arrays["intercepts"]
        linear = _log_softmax(scores)
        mixed = linear + similarity_weight * self._closeness(vector)
        return np.asarray(np.exp(_log_softmax(mixed)), np.float32)

    def _closeness(self, vector: Floats) -> Floats:
        similar = self._arrays["vectors"] @ vector
        return np.array([np.sort(similar[members])[-_NEAREST:].mean() for members in self._members], dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        np.savez_compressed(folder / "arrays.npz", **self._arrays)
        (folder / "vocabularies.json").write_text(json.dumps(self._vocabularies), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Read what `save` wrote."""
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(arrays, json.loads((folder / "vocabularies.json").read_text(encoding="utf-8")))


def _view(name: str, vocabulary: dict[str, int], idf: NDArray[Any]) -> TfidfVectorizer:
    view = TfidfVectorizer(**_VIEWS[name], vocabulary=vocabulary)
    view.idf_ = idf
    return view


def _log_softmax(scores: Floats) -> Floats:
    shifted = scores - scores.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), np.float32)
