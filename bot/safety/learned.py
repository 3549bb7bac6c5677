"""The learned reader: what no pattern says, from labelled examples.

Two linear models on the sentence embedding, letters and words of a message
(`bot.linear_model`): one says how likely each tier is, `none` among them, the
other which category a report belongs to. Trained on `corpus/*.jsonl`; each
line there has its label, kind, language and channel.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.escalation import Tier
from bot.embedding import default_encoder
from bot.linear_model import LinearModel

CORPUS = Path(__file__).parent / "corpus"
NONE = "none"
_C = 30.0
_SIMILARITY_WEIGHT = 7.0


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message: its tier (or `none`) and category."""

    text: str
    tier: str
    category: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the reader makes of a message. `chance` is that of a report of any tier, 0 to 1."""

    chance: float
    tier: Tier
    category: str


class LearnedReader:
    """Reads one message. Deterministic; some milliseconds."""

    def __init__(self, tiers: LinearModel, categories: LinearModel) -> None:
        self._tiers = tiers
        self._categories = categories

    def __call__(self, text: str) -> Opinion:
        """How likely it is a report, of which tier and category."""
        vector = default_encoder().encode(text)
        chances = dict(
            zip(self._tiers.labels, self._tiers.probabilities(text, vector, _SIMILARITY_WEIGHT), strict=True)
        )
        categories = self._categories.probabilities(text, vector, 0.0)
        return Opinion(
            chance=1.0 - float(chances.pop(NONE)),
            tier=Tier(max(chances, key=lambda tier: chances[tier])),
            category=self._categories.labels[int(categories.argmax())],
        )

    def save(self, path: Path) -> None:
        """Write both models below a folder; the folder appears whole or not at all."""
        partial = path.with_suffix(".partial")
        for name, model in (("tiers", self._tiers), ("categories", self._categories)):
            (partial / name).mkdir(parents=True, exist_ok=True)
            model.save(partial / name)
        partial.rename(path)

    @classmethod
    def load(cls, path: Path) -> LearnedReader:
        """Read what `save` wrote."""
        return cls(LinearModel.load(path / "tiers"), LinearModel.load(path / "categories"))


def fit(examples: Sequence[Example], ordinary: Iterable[str]) -> LearnedReader:
    """Train on the corpus, and on ordinary questions as further non-reports."""
    lines = [*examples, *(Example(text, NONE, "faq_general") for text in ordinary)]
    vectors = default_encoder().encode_all([line.text for line in lines])
    tiers = LinearModel.fit([line.text for line in lines], vectors, [line.tier for line in lines], _C)
    reports = [i for i, line in enumerate(lines) if line.tier != NONE]
    categories = LinearModel.fit(
        [lines[i].text for i in reports], vectors[reports], [lines[i].category for i in reports], _C
    )
    return LearnedReader(tiers, categories)


def corpus(folder: Path = CORPUS) -> list[Example]:
    """Every line of the corpus."""
    return [
        Example(entry["text"], entry["tier"], entry["category"])
        for path in sorted(folder.glob("*.jsonl"))
        for entry in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def fingerprint(ordinary: Iterable[str], folder: Path = CORPUS) -> str:
    """Twelve characters that change with what the reader is trained on."""
    digest = hashlib.sha256("\n".join(ordinary).encode())
    code = [Path(__file__), Path(__file__).parent.parent / "linear_model.py"]
    for path in [*sorted(folder.glob("*.jsonl")), *code]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
