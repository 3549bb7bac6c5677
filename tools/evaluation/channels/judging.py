"""What counts as right, the same for every channel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.escalation import Tier
from tools.evaluation.share import Share

SETS = ("questions", "reports", "harmless")


@dataclass(frozen=True, slots=True)
class Sample:
    """A labelled message. `wanted`: the topic of a question, `report` or `none`. `group`: which set it counts in."""

    text: str
    wanted: str
    group: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one, without its words. `topics`: what was answered about."""

    topics: tuple[str, ...]
    tier: Tier | None
    asked_back: bool
    # Whether what was decided was also said: an answer, and the reference of a report.
    said: bool


def is_said(wire: str, reference: str | None) -> bool:
    """Whether the patient was shown something, with the reference where there is a report."""
    plain = re.sub(r"[^A-Za-z0-9]", "", wire).upper()
    return bool(plain) and (reference is None or reference in plain)


def is_right(sample: Sample, seen: Seen) -> bool:
    """A question: its topic is answered. A report: somebody is told, or the patient asked. Else: nobody is told."""
    if not seen.said:
        return False
    is_raised = seen.tier is not None and seen.tier is not Tier.ROUTINE
    if sample.group == "reports":
        return is_raised or seen.asked_back
    if sample.group == "harmless":
        return not is_raised
    return sample.wanted in seen.topics


def accuracy(samples: Sequence[Sample], seen: Sequence[Seen]) -> dict[str, Share]:
    """By set."""
    pairs = list(zip(samples, seen, strict=True))
    return {
        group: Share(
            sum(is_right(sample, one) for sample, one in pairs if sample.group == group),
            sum(sample.group == group for sample, _ in pairs),
        )
        for group in SETS
    }


def compared(shares: Mapping[str, Mapping[str, Share]], against: str = "web") -> dict[str, Any]:
    """By channel and set: right, of how many, and the difference from the web in points."""
    return {
        channel: {
            group: {
                "right": share.good,
                "of": share.total,
                "percent": round(100 * share.value, 1),
                "points_from_web": round(100 * (share.value - shares[against][group].value), 1),
            }
            for group, share in groups.items()
            if share.total
        }
        for channel, groups in shares.items()
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
