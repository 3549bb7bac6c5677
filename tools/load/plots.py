"""The plots of a run, as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

_COLOURS = {"p50": "#0b6e4f", "p95": "#b3261e", "p99": "#5b3a8c"}


def by_rate(found: Mapping[str, Any]) -> str:
    """How long a message takes at each rate that was tried, and the limit."""
    steps = [part for part in found["parts"] if part["part"].startswith("step") and part["seconds to the answer"]]
    rates = [part["messages a second"] for part in steps]
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for name, colour in _COLOURS.items():
        axes.plot(rates, [part["seconds to the answer"][name] for part in steps], "o-", color=colour, label=name)
    axes.axhline(found["limit of p95, seconds"], color="black", linestyle="--", label="limit of p95")
    axes.set(xlabel="messages a second", ylabel="seconds to the answer", yscale="log", title=found["against"])
    return _svg(figure, axes)


def by_part(found: Mapping[str, Any]) -> str:
    """How long others wait, with and without a flood."""
    parts = [part for part in found["parts"] if part["seconds to the answer"]]
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for place, (name, colour) in enumerate(_COLOURS.items()):
        values = [part["seconds to the answer"][name] for part in parts]
        axes.bar([number + (place - 1) * 0.25 for number in range(len(parts))], values, 0.25, color=colour, label=name)
    axes.set_xticks(range(len(parts)), [part["part"] for part in parts])
    axes.set(ylabel="seconds to the answer of others", title=found["against"])
    return _svg(figure, axes)


def _svg(figure: Any, axes: Any) -> str:
    axes.grid(alpha=0.3)
    axes.legend()
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    plt.close(figure)
    return out.getvalue()
