"""The mathematics of the classifier: labels from a sentence's vector and letters.

Three views of a message are added up on a log scale: a linear model over its
sentence embedding (meaning), over its character n-grams (spelling, so that a
typo costs little), and its closeness to the three nearest examples of a label
(so that something unlike everything known gets no label with confidence).
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
_LETTERS: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True, "lowercase": True}


class LinearModel:
    """A trained model: plain arrays, saved without pickle."""

    def __init__(self, arrays: dict[str, NDArray[Any]], vocabulary: dict[str, int]) -> None:
        self.labels: list[str] = [str(label) for label in arrays["labels"]]
        self._arrays = arrays
        self._vocabulary = vocabulary
        self._letters = TfidfVectorizer(**_LETTERS, vocabulary=vocabulary)
        self._letters.idf_ = arrays["idf"]
        self._members = [np.flatnonzero(arrays["owners"] == i) for i in range(len(self.labels))]

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Floats, labels: Sequence[str], c: float) -> LinearModel:
        """Train on texts with their sentence embeddings (n, 384); `c` is the inverse regularisation."""
        letters = TfidfVectorizer(**_LETTERS, min_df=2).fit(texts)
        features = hstack([csr_matrix(vectors), letters.transform(texts)]).tocsr()
        names = sorted(set(labels))
        owners = np.array([names.index(label) for label in labels])
        fitted = LogisticRegression(C=c, max_iter=2000).fit(features, owners)
        arrays = {
            "labels": np.array(names),
            "owners": owners,
            "vectors": np.asarray(vectors, np.float32),
            "coefficients": fitted.coef_.astype(np.float32),
            "intercepts": fitted.intercept_.astype(np.float32),
            "idf": letters.idf_,
        }
        return cls(arrays, {term: int(column) for term, column in letters.vocabulary_.items()})

    def probabilities(self, text: str, vector: Floats, similarity_weight: float) -> Floats:
        """One probability a label, in the order of `labels`; they add up to 1."""
        features = hstack([csr_matrix(vector[np.newaxis, :]), self._letters.transform([text])]).tocsr()
        scores = features @ self._arrays["coefficients"].T + self._arrays["intercepts"]
        linear = _log_softmax(np.asarray(scores, np.float32)[0])
        mixed = linear + similarity_weight * self._closeness(vector)
        return np.asarray(np.exp(_log_softmax(mixed)), np.float32)

    def _closeness(self, vector: Floats) -> Floats:
        similar = self._arrays["vectors"] @ vector
        return np.array([np.sort(similar[members])[-_NEAREST:].mean() for members in self._members], dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        np.savez_compressed(folder / "arrays.npz", **self._arrays)
        (folder / "vocabulary.json").write_text(json.dumps(self._vocabulary), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Read what `save` wrote."""
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(arrays, json.loads((folder / "vocabulary.json").read_text(encoding="utf-8")))


def _log_softmax(scores: Floats) -> Floats:
    shifted = scores - scores.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), np.float32)
