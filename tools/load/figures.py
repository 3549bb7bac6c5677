"""From single requests to what is told: per part of a run, and where p95 passes the limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tools.load.plan import Part, Run, Sample

# What a patient waits for. Catching up, staff and receipts are load beside it.
MESSAGES = ("question", "follow-up", "report", "text")
FLOOD = "flood"
# Of each part this share is not counted: the change from the part before.
SETTLING = 0.2


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the longest; nothing of nothing."""
    if not seconds:
        return {}
    p50, p95, p99 = (round(float(value), 4) for value in np.percentile(seconds, (50, 95, 99)))
    return {"p50": p50, "p95": p95, "p99": p99, "longest": round(max(seconds), 4)}


def of_part(part: Part, samples: Iterable[Sample], kinds: Sequence[str] = MESSAGES) -> list[Sample]:
    """What began in a part after it had settled."""
    start = part.start + SETTLING * (part.end - part.start)
    return [sample for sample in samples if start <= sample.at < part.end and sample.kind in kinds]


def figures_of(part: Part, samples: Sequence[Sample]) -> dict[str, Any]:
    """One part."""
    own = of_part(part, samples)
    counted = (1 - SETTLING) * (part.end - part.start)
    flood = of_part(part, samples, (FLOOD,))
    return {
        "part": part.name,
        "messages a second, meant": round(part.rate, 2),
        "messages a second": round(len(own) / counted, 2) if counted > 0 else 0.0,
        "seconds to the answer": quantiles([sample.seconds for sample in own]),
        "by kind": {
            kind: {"number": len(seconds), **quantiles(seconds)}
            for kind in dict.fromkeys(sample.kind for sample in samples)
            if (seconds := [s.seconds for s in of_part(part, samples, (kind,))])
        },
        "problems": dict(Counter(sample.problem for sample in own if sample.problem)),
        **({"of the flood": dict(Counter(sample.problem or "answered" for sample in flood))} if flood else {}),
    }


def is_good(part: Part, samples: Sequence[Sample], limit: float) -> bool:
    """Whether p95 stays below the limit (seconds), with fewer than one in a hundred that went wrong."""
    own = of_part(part, samples)
    if not own:
        return False
    wrong = sum(bool(sample.problem) for sample in own)
    return quantiles([sample.seconds for sample in own])["p95"] <= limit and wrong * 100 < len(own)


def summary(run: Run, limit: float) -> dict[str, Any]:
    """All parts, the highest rate that was good, the first that was not, and what half of it costs."""
    parts = {part.name: figures_of(part, run.samples) for part in run.parts}
    steps = [part for part in run.parts if part.name.startswith("step")]
    good = [part for part in steps if is_good(part, run.samples, limit)]
    bad = [part for part in steps if part not in good]
    return {
        "limit of p95, seconds": limit,
        "highest rate below it": _rate(parts, good[-1:]),
        "first rate above it": _rate(parts, bad[:1]),
        "at half of the highest": parts.get("half", {}).get("seconds to the answer"),
        "parts": list(parts.values()),
    }


def _rate(parts: dict[str, dict[str, Any]], found: Sequence[Part]) -> float | None:
    return parts[found[0].name]["messages a second"] if found else None
