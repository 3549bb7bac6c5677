"""What the screen must reach, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tools.evaluation.data import FINAL, HELD_OUT, questions
from tools.evaluation.safety.judging import Readers
from tools.evaluation.share import Share, share

# By set of messages; two to three points below what was reached, docs/decisions/0006 has the figures.
FLOORS: Mapping[str, Mapping[str, float]] = {
    "held_out": {"report": 0.95, "report:emergency": 0.97, "no_report": 0.90, "emergency paged": 0.97},
    "final_held_out": {"report": 0.97, "report:emergency": 0.97, "no_report": 0.94, "emergency paged": 0.97},
}
QUESTIONS_FLOOR = 0.97


def faq_left_alone(readers: Readers) -> Share:
    """Held-out questions that are taken for questions."""
    asked = [q.text for q in questions([HELD_OUT, FINAL]) if q.group != "report_side_effect"]
    return share(asked, lambda text: not readers.joined(text).is_report)


def below(headlines: Mapping[str, Mapping[str, Share]], questions_left_alone: Share) -> list[str]:
    """Every figure that is below its floor, in words; a set without floors is only shown."""
    return [*_below(headlines), *_questions_below(questions_left_alone)]


def _below(headlines: Mapping[str, Mapping[str, Share]]) -> Iterator[str]:
    for name, headline in headlines.items():
        for figure, floor in FLOORS.get(name, {}).items():
            # Of nothing, nothing is known: that is below, too.
            if not headline[figure].value >= floor:
                yield f"{name}, {figure}: {headline[figure].value:.3f} < {floor}"


def _questions_below(left_alone: Share) -> Iterator[str]:
    if not left_alone.value >= QUESTIONS_FLOOR:
        yield f"FAQ left alone: {left_alone.value:.3f} < {QUESTIONS_FLOOR}"
