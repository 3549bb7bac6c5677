"""The trained model as Rasa serves it, without starting Rasa."""

from __future__ import annotations

import dataclasses
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.embedding import default_encoder
from bot.linear_model import LinearModel
from bot.nlu.reading import Limits, Talk, rank_intents, read
from bot.settings import ROOT
from tools.evaluation.data import Exchange, Question

UNSURE = "nlu_fallback"


@dataclass(frozen=True, slots=True)
class Config:
    """What config.yml says of the classifier and the fallback."""

    c: float
    similarity_weight: float
    pooled: tuple[str, ...]
    limits: Limits
    threshold: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for a question. `seconds` is the time of one message, embedding included."""

    question: Question
    label: str
    confidence: float
    seconds: float

    def outcome(self, threshold: float) -> str:
        """right, unsure or wrong, at a threshold."""
        if self.confidence < threshold:
            return "unsure"
        return "right" if _same(self.label, self.question) else "wrong"


def config() -> Config:
    """From config.yml, so that it is never said twice."""
    pipeline = {p["name"]: p for p in yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]}
    classifier = pipeline["bot.nlu.classifier.TopicClassifier"]
    limits = Limits(**{name: classifier[name] for name in dataclasses.asdict(Limits()) if name in classifier})
    return Config(
        classifier["C"],
        classifier["similarity_weight"],
        tuple(classifier["pooled"]),
        limits,
        pipeline["FallbackClassifier"]["threshold"],
    )


def load(path: Path) -> LinearModel:
    """The classifier out of a Rasa model archive."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(path) as archive:
        wanted = [m for m in archive.getmembers() if "TopicClassifier" in m.name and m.isfile()]
        archive.extractall(folder, members=wanted, filter="data")
        return LinearModel.load(next(Path(folder).rglob("arrays.npz")).parent)


def predictor(model: LinearModel, settings: Config) -> Callable[[str], dict[str, float]]:
    """Probabilities of a text, as the classifier computes them."""

    def predict(text: str) -> dict[str, float]:
        chances = model.probabilities(text, default_encoder().encode(text), settings.similarity_weight)
        return dict(zip(model.labels, map(float, chances), strict=True))

    return predict


def decide(model: LinearModel, settings: Config, questions: Sequence[Question]) -> list[Decision]:
    """Each question on its own, as a first message."""
    predict = predictor(model, settings)
    return [_decide(predict, settings, question) for question in questions]


def _decide(predict: Callable[[str], dict[str, float]], settings: Config, question: Question) -> Decision:
    began = time.perf_counter()
    reading = read(predict, question.text, Talk(), settings.limits)
    seconds = time.perf_counter() - began
    if reading.several:
        return Decision(question, " + ".join(reading.several), 1.0, seconds)
    intent, confidence = rank_intents(reading.chances, settings.pooled)[0]
    label = max((name for name in reading.chances if name.split("/")[0] == intent), key=lambda n: reading.chances[n])
    return Decision(question, label, confidence, seconds)


def understood(model: LinearModel, settings: Config, exchange: Exchange) -> bool:
    """Whether all topics of a turn in a talk were recognised, and in order."""
    reading = read(predictor(model, settings), exchange.text, Talk(exchange.before), settings.limits)
    if reading.several:
        return reading.several == exchange.labels
    best = max(reading.chances, key=lambda name: reading.chances[name])
    return (best,) == exchange.labels


def _same(label: str, question: Question) -> bool:
    """Exact for a topic; whichever subject of `ask_staff` or `out_of_scope` leads to the same step."""
    if question.group == "faq":
        # A double answer that has the asked topic in it answers the question.
        return question.label in label.split(" + ")
    return label.split("/")[0] == question.group


def summary(decisions: Sequence[Decision], threshold: float) -> dict[str, dict[str, Any]]:
    """Shares of right, unsure and wrong by group."""
    groups = sorted({d.question.group for d in decisions})
    table = {}
    for group in groups:
        own = [d.outcome(threshold) for d in decisions if d.question.group == group]
        table[group] = {"questions": len(own)} | {
            outcome: own.count(outcome) / len(own) for outcome in ("right", "unsure", "wrong")
        }
    return table
