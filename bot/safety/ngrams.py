"""Letters and words of a message as places in a long vector, and a linear model on them.

Spelling is what the network reads worst: a typo, text speak, a language that it
was not made for. Runs of two to five letters and single words with their
neighbours are hashed, not looked up, so nothing but weights is stored and a
message takes a tenth of a millisecond.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.linear_model import Floats

_BITS = 18
PLACES = 1 << _BITS
_LONGEST = 5
_STEP = np.uint64(1_000_003)
_SPREAD = np.uint64(0x9E37_79B9_7F4A_7C15)
_WORD = re.compile(r"\w+|[?!]")
_C = 30.0

Indices = NDArray[np.int64]


def letters_and_words(text: str) -> tuple[Indices, Indices]:
    """Where the letter runs of a text are, and where its words; each place once, in order."""
    words = _WORD.findall(_folded(text))
    letters = np.frombuffer(f" {' '.join(words)} ".encode("utf-32-le"), np.uint32).astype(np.uint64)
    runs, rolling = [], letters
    for length in range(2, min(_LONGEST, len(letters)) + 1):
        rolling = rolling[:-1] * _STEP + letters[length - 1 :]
        runs.append(rolling + np.uint64(length))
    single = np.array([zlib.crc32(word.encode()) for word in words], np.uint64)
    pairs = single[:-1] * _STEP + single[1:] + np.uint64(1)
    return _places(np.concatenate(runs)), _places(np.concatenate([single, pairs]))


def _folded(text: str) -> str:
    """Lower case, without accents and apostrophes: half of the patients leave them out."""
    parts = unicodedata.normalize("NFKD", text.lower().replace("'", "").replace("’", ""))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _places(hashes: NDArray[np.uint64]) -> Indices:
    return np.asarray(np.unique((hashes * _SPREAD) >> np.uint64(64 - _BITS)), np.int64)


@dataclass(frozen=True, slots=True)
class NgramModel:
    """Log-odds of a report from letters and words. Arrays of PLACES numbers, a row a view."""

    weights: Floats
    rarity: Floats
    intercept: float

    @classmethod
    def fit(cls, texts: Sequence[str], reports: Sequence[bool]) -> NgramModel:
        """Train on texts, each a report or not."""
        views = [letters_and_words(text) for text in texts]
        rarity = np.stack([_rarity([view[i] for view in views]) for i in range(2)])
        rows = [_row(view, rarity) for view in views]
        ends = np.cumsum([0, *(len(places) for places, _ in rows)])
        matrix = csr_matrix(
            (np.concatenate([values for _, values in rows]), np.concatenate([places for places, _ in rows]), ends),
            shape=(len(texts), 2 * PLACES),
        )
        fitted = LogisticRegression(C=_C, solver="liblinear", random_state=0).fit(matrix, np.asarray(reports))
        return cls(fitted.coef_[0].astype(np.float32), rarity, float(fitted.intercept_[0]))

    def log_odds(self, text: str) -> float:
        """Of a report: 0 is even."""
        places, values = _row(letters_and_words(text), self.rarity)
        return float(self.weights[places] @ values) + self.intercept


def _rarity(views: Sequence[Indices]) -> Floats:
    """How much a place says: the fewer texts have it the more, on a log scale."""
    counts = np.bincount(np.concatenate(views), minlength=PLACES)
    return np.asarray(np.log((1 + len(views)) / (1 + counts)) + 1, np.float32)


def _row(view: tuple[Indices, Indices], rarity: Floats) -> tuple[Indices, Floats]:
    """Both views side by side, each of length 1."""
    values = [rarity[i][places] for i, places in enumerate(view)]
    lengths = [max(float(np.linalg.norm(value)), 1e-9) for value in values]
    scaled = [value / np.float32(length) for value, length in zip(values, lengths, strict=True)]
    return np.concatenate([view[0], view[1] + PLACES]), np.concatenate(scaled)
