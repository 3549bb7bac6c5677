"""Makes the learned reader from labelled lines. Imports TensorFlow: only for the training process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.embedding import SentenceEncoder, network_file, tokenizer_file
from bot.linear_model import Floats
from bot.safety.finetuning import Course, Lesson, finetune
from bot.safety.learned import NONE, Example, LearnedReader, Weights, before
from bot.safety.ngrams import NgramModel
from bot.training_lines import FOLLOWS

# Every twelfth line is not learned from: there the two models are weighed.
_HELD_BACK = 12
# Most messages come in a talk, few lines of the corpus do: so many of the others are
# read after an ordinary question, which makes no report of them and undoes none.
_IN_A_TALK = 0.2


def fit(
    examples: Sequence[Example],
    ordinary: Iterable[str],
    progress: Callable[[str], None],
    epochs: int = 4,
) -> LearnedReader:
    """Train on the corpus, and on ordinary questions ("before >> question" too) as further non-reports."""
    questions = [_question(line) for line in ordinary]
    lines = [*examples, *questions]
    held_back = np.arange(len(lines)) % _HELD_BACK == _HELD_BACK - 1
    learned = [line for line, held in zip(lines, held_back, strict=True) if not held]
    tiers, categories = sorted({line.tier for line in lines}), sorted({line.category for line in lines})
    ngrams = NgramModel.fit([line.text for line in learned], [line.tier != NONE for line in learned])
    progress("letters and words are learned")
    encoder = SentenceEncoder(network_file(), tokenizer_file())
    lessons = [
        Lesson(
            encoder.pieces(line.text, before(line.earlier)),
            tiers.index(line.tier),
            categories.index(line.category),
        )
        for line in _in_talks(learned, [question.text for question in questions])
    ]
    network, top = finetune(lessons, Course(len(tiers), len(categories), epochs=epochs), progress)
    weights = Weights(
        tiers=tuple(tiers),
        categories=tuple(categories),
        reported=tuple(sorted({line.category for line in lines if line.tier != NONE})),
        network=network,
        top=top,
        ngrams=ngrams,
        mix=np.array([0.5, 0.5, 0.0], np.float32),
    )
    return _weighed(weights, [line for line, held in zip(lines, held_back, strict=True) if held])


def _question(line: str) -> Example:
    earlier, _, text = line.rpartition(FOLLOWS)
    return Example(text, NONE, "faq_general", (earlier,) if earlier else ())


def _in_talks(lines: Sequence[Example], questions: Sequence[str]) -> list[Example]:
    rng = np.random.default_rng(0)
    chosen: NDArray[np.bool_] = rng.random(len(lines)) < _IN_A_TALK
    return [
        replace(line, earlier=(questions[int(rng.integers(len(questions)))],)) if put and not line.earlier else line
        for line, put in zip(lines, chosen, strict=True)
    ]


def _weighed(weights: Weights, lines: Sequence[Example]) -> LearnedReader:
    """The reader with both models weighed so that its chance is one (Platt's scaling)."""
    reader = LearnedReader(weights)
    features: Floats = np.stack([reader.features(line.text, line.earlier) for line in lines])
    fitted = LogisticRegression(C=1.0).fit(features[:, :2], [line.tier != NONE for line in lines])
    mix = np.array([*fitted.coef_[0], fitted.intercept_[0]], np.float32)
    return LearnedReader(replace(weights, mix=mix))
