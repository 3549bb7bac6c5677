"""The plots of the report, as PNG bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.evaluation.model import Decision
from tools.report_page import AMBER, GREEN, RED, png, subplots

_RIGHT, _WRONG, _UNSURE = GREEN, RED, AMBER


def by_topic(decisions: Sequence[Decision], threshold: float) -> bytes:
    """Right, unsure and wrong of every topic, worst on top."""
    topics = sorted({d.question.label for d in decisions if d.question.group == "faq"})
    outcomes = {t: [d.outcome(threshold) for d in decisions if d.question.label == t] for t in topics}
    topics.sort(key=lambda t: outcomes[t].count("right") / len(outcomes[t]), reverse=True)
    figure, axes = subplots(9, 0.2 * len(topics) + 1.5)
    left = np.zeros(len(topics))
    for outcome, colour in (("right", _RIGHT), ("unsure", _UNSURE), ("wrong", _WRONG)):
        share = np.array([outcomes[t].count(outcome) / len(outcomes[t]) for t in topics])
        axes.barh(topics, share, left=left, color=colour, label=outcome)
        left += share
    axes.set_xlabel("share of held-out questions")
    axes.tick_params(axis="y", labelsize=7)
    axes.legend(loc="lower left")
    return png(figure)


def confidence(decisions: Sequence[Decision]) -> bytes:
    """How sure the model is where it is right, where it is wrong, and on what is not ours."""
    figure, axes = subplots(8, 3.5)
    inside = [d for d in decisions if d.question.group == "faq"]
    series = {
        "FAQ, right": ([d.confidence for d in inside if d.outcome(0) == "right"], _RIGHT),
        "FAQ, wrong": ([d.confidence for d in inside if d.outcome(0) == "wrong"], _WRONG),
    }
    for name, (values, colour) in series.items():
        axes.hist(values, bins=25, range=(0, 1), histtype="step", linewidth=2, color=colour, label=name)
    axes.set_xlabel("confidence")
    axes.set_ylabel("questions")
    axes.legend()
    return png(figure)


def thresholds(decisions: Sequence[Decision], chosen: float) -> bytes:
    """What a threshold costs and buys: answered, right when answered, strangers answered."""
    steps = np.linspace(0, 0.95, 39)
    inside = [d for d in decisions if d.question.group == "faq"]
    outside = [d for d in decisions if d.question.group in ("ask_staff", "out_of_scope")]
    lines = {
        "FAQ questions answered": [np.mean([d.confidence >= t for d in inside]) for t in steps],
        "right when answered": [_precision(inside, t) for t in steps],
        "not ours, not answered": [np.mean([not _answers(d, t) for d in outside]) for t in steps],
    }
    figure, axes = subplots(8, 3.5)
    for name, values in lines.items():
        axes.plot(steps, values, label=name, linewidth=2)
    axes.axvline(chosen, color="black", linestyle="--", label=f"chosen: {chosen:g}")
    axes.set_xlabel("threshold of the confidence")
    axes.set_ylim(0.5, 1.01)
    axes.legend(loc="lower left")
    return png(figure)


def latency(decisions: Sequence[Decision]) -> bytes:
    """Milliseconds for understanding one message."""
    figure, axes = subplots(8, 3)
    axes.hist([d.seconds * 1e3 for d in decisions], bins=60, color=_RIGHT)
    axes.set_xlabel("ms for one message (embedding and classifier, one thread)")
    return png(figure)


def _answers(decision: Decision, threshold: float) -> bool:
    return decision.confidence >= threshold and decision.label.startswith("faq/")


def _precision(decisions: Sequence[Decision], threshold: float) -> float:
    answered = [d for d in decisions if d.confidence >= threshold]
    return float(np.mean([d.outcome(threshold) == "right" for d in answered])) if answered else float("nan")
