"""The plots of the kill test and of the delays, as PNG bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.evaluation.drawing import Curves, curves


def waiting(seconds: Sequence[float], label: str) -> bytes:
    """The share of reports that waited no longer than so many seconds."""
    shares = np.arange(1, len(seconds) + 1) / max(1, len(seconds))
    return curves([[Curves(label, sorted(seconds), {"share of reports": shares.tolist()})]])
