"""The learned reader: what no pattern says, from labelled examples.

Two models read a message: the sentence encoder, its upper layers trained to
tell reports from other messages (`bot.safety.reading`), and a linear model on
letters and words (`bot.safety.ngrams`). Their log-odds are added up with
weights found on lines that neither learned from, so that a chance of 0.3 is a
report about three times in ten. Trained on `corpus/*.jsonl`
(`bot.safety.fitting`); each line there has its label, kind, language and channel.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.escalation import Tier
from bot.linear_model import Floats
from bot.pins import that_train
from bot.safety.ngrams import NgramModel
from bot.safety.reading import NetworkReader, Reading

CORPUS = Path(__file__).parent / "corpus"
NONE = "none"
_FILE = "arrays.npz"
# What makes the model besides the lines.
_CODE = ("finetuning", "fitting", "layout", "learned", "network_file", "ngrams", "reading")
# The two turns before a message, as far as they are near.
_TURNS, _LETTERS = 2, 200


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message: its tier (or `none`), category, and the patient's turns before it, oldest first."""

    text: str
    tier: str
    category: str
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the reader makes of a message.

    `chance` is that of a report of any tier, 0 to 1. `start` and `end` are the
    characters of the words that spoke most for one.
    """

    chance: float
    tier: Tier
    category: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything learned, as plain arrays: what is saved and loaded."""

    tiers: tuple[str, ...]
    categories: tuple[str, ...]
    # Those of them that reports have; the others help the network to learn what a message is about.
    reported: tuple[str, ...]
    network: dict[str, NDArray[Any]]
    top: dict[str, Floats]
    ngrams: NgramModel
    # Of the network's log-odds, of the other's, and what is added: shape (3,).
    mix: Floats


class LearnedReader:
    """Reads one message. Deterministic; some milliseconds."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._none = weights.tiers.index(NONE)
        self._network = NetworkReader(weights.network, weights.top, self._none)

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Opinion:
        """How likely `text` is a report, of which tier and category. `earlier` as in `Example`."""
        reading = self._read(text, earlier)
        tiers = [
            (chance, name) for chance, name in zip(reading.tiers, self._weights.tiers, strict=True) if name != NONE
        ]
        categories = zip(reading.categories, self._weights.categories, strict=True)
        log_odds = float(self._weights.mix @ self._features(text, reading))
        return Opinion(
            chance=1 / (1 + math.exp(-log_odds)),
            tier=Tier(max(tiers)[1]),
            category=max((chance, name) for chance, name in categories if name in self._weights.reported)[1],
            start=reading.start,
            end=reading.end,
        )

    def features(self, text: str, earlier: Sequence[str] = ()) -> Floats:
        """The log-odds of both models and a one: what `mix` weighs."""
        return self._features(text, self._read(text, earlier))

    def _read(self, text: str, earlier: Sequence[str]) -> Reading:
        return self._network(text, before(earlier))

    def _features(self, text: str, reading: Reading) -> Floats:
        none = min(max(float(reading.tiers[self._none]), 1e-6), 1 - 1e-6)
        return np.array([math.log((1 - none) / none), self._weights.ngrams.log_odds(text), 1.0], np.float32)

    def save(self, path: Path) -> None:
        """Write everything into a folder, which appears whole or not at all."""
        own = self._weights
        arrays = {
            "tiers": np.array(own.tiers),
            "categories": np.array(own.categories),
            "reported": np.array(own.reported),
            "mix": own.mix,
            "ngram_weights": own.ngrams.weights,
            "ngram_rarity": own.ngrams.rarity,
            "ngram_intercept": np.array(own.ngrams.intercept),
            **{f"network/{name}": array for name, array in own.network.items()},
            **{f"top/{name}": array for name, array in own.top.items()},
        }
        partial = path.with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True)
        np.savez(partial / _FILE, **arrays)
        partial.rename(path)

    @classmethod
    def load(cls, path: Path) -> LearnedReader:
        """Read what `save` wrote."""
        with np.load(path / _FILE, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(
            Weights(
                tiers=tuple(map(str, arrays["tiers"])),
                categories=tuple(map(str, arrays["categories"])),
                reported=tuple(map(str, arrays["reported"])),
                network=_below("network/", arrays),
                top=_below("top/", arrays),
                ngrams=NgramModel(arrays["ngram_weights"], arrays["ngram_rarity"], float(arrays["ngram_intercept"])),
                mix=arrays["mix"],
            )
        )


def _below(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def before(earlier: Sequence[str]) -> str:
    """What the network reads of the turns before a message; in training and in use the same."""
    return " ".join(earlier[-_TURNS:])[-_LETTERS:]


def corpus(folder: Path = CORPUS) -> list[Example]:
    """Every line of the corpus."""
    return [
        Example(entry["text"], entry["tier"], entry["category"], tuple(entry.get("turns") or ()))
        for path in sorted(folder.glob("*.jsonl"))
        for entry in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def reviewed(path: Path) -> list[Example]:
    """What the clinic's staff have decided about borderline messages, in the corpus's form; none without the file."""
    if not path.exists():
        return []
    entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Example(entry["text"], entry["tier"], entry["category"]) for entry in entries]


def fingerprint(ordinary: Iterable[str], folder: Path = CORPUS, decided: Iterable[Example] = ()) -> str:
    """Twelve characters that change with what the reader is trained on, and with how."""
    digest = hashlib.sha256("\n".join(ordinary).encode())
    digest.update("".join(map(repr, decided)).encode())
    here = Path(__file__).parent
    digest.update(that_train().encode())
    code = [*(here / f"{name}.py" for name in _CODE), here.parent / "embedding.py"]
    for path in [*sorted(folder.glob("*.jsonl")), *code]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
