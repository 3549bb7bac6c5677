"""The plots of the questions' page, as PNG bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.evaluation.drawing import GREEN, OCHRE, RED, Curves, curves, histogram, stacked
from tools.evaluation.model import Decision


def by_topic(decisions: Sequence[Decision], threshold: float) -> bytes:
    """Right, unsure and wrong of every topic, worst on top."""
    topics = sorted({d.question.label for d in decisions if d.question.group == "faq"})
    outcomes = {t: [d.outcome(threshold) for d in decisions if d.question.label == t] for t in topics}
    topics.sort(key=lambda t: outcomes[t].count("right") / len(outcomes[t]), reverse=True)
    colours = {"right": GREEN, "unsure": OCHRE, "wrong": RED}
    rows = {t: {part: outcomes[t].count(part) / len(outcomes[t]) for part in colours} for t in topics}
    return stacked(rows, colours, "share of held-out questions")


def confidence(decisions: Sequence[Decision]) -> bytes:
    """How sure the model is where it is right and where it is wrong."""
    inside = [d for d in decisions if d.question.group == "faq"]
    series = {
        f"FAQ, {outcome}": [d.confidence for d in inside if d.outcome(0) == outcome] for outcome in ("right", "wrong")
    }
    return histogram(series, "confidence", (GREEN, RED))


def thresholds(decisions: Sequence[Decision], chosen: float) -> bytes:
    """What a threshold costs and buys: answered, right when answered, strangers answered."""
    steps = np.linspace(0, 0.95, 39).tolist()
    inside = [d for d in decisions if d.question.group == "faq"]
    outside = [d for d in decisions if d.question.group in ("ask_staff", "out_of_scope")]
    lines = {
        "FAQ questions answered": [float(np.mean([d.confidence >= t for d in inside])) for t in steps],
        "right when answered": [_precision(inside, t) for t in steps],
        "not ours, not answered": [float(np.mean([not _answers(d, t) for d in outside])) for t in steps],
    }
    return curves([[Curves("threshold of the confidence", steps, lines, {"chosen": chosen}, range=(0.5, 1.01))]])


def latency(decisions: Sequence[Decision]) -> bytes:
    """Milliseconds for understanding one message."""
    milliseconds = [d.seconds * 1e3 for d in decisions]
    return histogram({"questions": milliseconds}, "ms for one message (embedding and classifier, one thread)")


def _answers(decision: Decision, threshold: float) -> bool:
    return decision.confidence >= threshold and decision.label.startswith("faq/")


def _precision(decisions: Sequence[Decision], threshold: float) -> float:
    answered = [d for d in decisions if d.confidence >= threshold]
    return float(np.mean([d.outcome(threshold) == "right" for d in answered])) if answered else float("nan")
