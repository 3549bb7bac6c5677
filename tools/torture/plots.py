"""The plots of the kill test and of the delays, as PNG bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.report_page import GREEN, png, subplots


def waiting(seconds: Sequence[float], label: str) -> bytes:
    """The share of reports that waited no longer than so many seconds."""
    figure, axes = subplots(8, 3.5)
    axes.plot(np.sort(seconds), np.arange(1, len(seconds) + 1) / max(1, len(seconds)), color=GREEN, linewidth=2)
    axes.set_xlabel(label)
    axes.set_ylabel("share of reports")
    axes.set_ylim(0, 1.01)
    return png(figure)
