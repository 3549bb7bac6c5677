"""The kinds of plots that the report pages are made of, as PNG bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tools.evaluation.share import Share

GREEN, RED, OCHRE, BLUE = "#0b6e4f", "#b3261e", "#8a6d00", "#1f5fa8"
# Of things that are neither right nor wrong, in this order.
SERIES = (BLUE, "#c05a00", "#5b3a8c", GREEN, "#555555")
# Series name → row name → share.
Dots = Mapping[str, Mapping[str, Share]]
# Row name → column name → count.
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines over one axis; `marks` are vertical lines with what they mean."""

    along: str
    steps: Sequence[float]
    lines: Mapping[str, Sequence[float]]
    marks: Mapping[str, float] = field(default_factory=dict)
    title: str = ""
    range: tuple[float, float] = (-0.02, 1.02)


def dots(panels: Mapping[str, Dots]) -> bytes:
    """A dot with its 95 % interval for every share; panels side by side have the same rows."""
    rows = list(dict.fromkeys(row for panel in panels.values() for series in panel.values() for row in series))
    names = list(dict.fromkeys(name for panel in panels.values() for name in panel))
    size = (5.5 * len(panels) + 1, 0.17 * len(rows) * (len(names) + 1) + 1.5)
    figure, drawn = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False, layout="constrained")
    for axes, (title, panel) in zip(drawn[0], panels.items(), strict=True):
        for number, name in enumerate(names):
            _dots(axes, rows, panel.get(name, {}), (number - (len(names) - 1) / 2) * 0.24, SERIES[number], name)
        axes.set_title(title)
        axes.set_xlim(-0.02, 1.02)
        axes.grid(axis="x", alpha=0.3)
    drawn[0][0].set_yticks(range(len(rows)), rows)
    drawn[0][0].set_ylim(len(rows) - 0.4, -0.6)
    figure.legend(*drawn[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=len(names))
    return png(figure)


def _dots(axes: Axes, rows: Sequence[str], shares: Mapping[str, Share], shift: float, colour: str, name: str) -> None:
    own = [(number + shift, shares[row]) for number, row in enumerate(rows) if row in shares and shares[row].total]
    values = [share.value for _, share in own]
    axes.errorbar(
        values,
        [place for place, _ in own],
        xerr=_arms([share for _, share in own]),
        fmt="o",
        markersize=4,
        color=colour,
        label=name,
    )


def _arms(shares: Sequence[Share]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How far the interval reaches to either side; rounding must not make it negative."""
    reach = [(s.value - s.interval()[0], s.interval()[1] - s.value) for s in shares]
    return np.array(reach, float).reshape(-1, 2).T.clip(min=0)


def stacked(rows: Mapping[str, Mapping[str, float]], colours: Mapping[str, str], along: str) -> bytes:
    """Bars of parts that make a whole; the first row is at the bottom."""
    figure, axes = plt.subplots(figsize=(9, 0.2 * len(rows) + 1.5))
    left = np.zeros(len(rows))
    for part, colour in colours.items():
        values = np.array([row.get(part, 0) for row in rows.values()], float)
        axes.barh(list(rows), values, left=left, color=colour, label=part)
        left += values
    axes.set_xlabel(along)
    axes.tick_params(axis="y", labelsize=7 if len(rows) > 12 else 10)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(colours))
    return png(figure)


def curves(rows: Sequence[Sequence[Curves]]) -> bytes:
    """Panels of lines, a row under the other."""
    wide = len(rows[0])
    size = (8 if wide == 1 else 6 * wide, 3.5 * len(rows))
    figure, drawn = plt.subplots(len(rows), wide, figsize=size, squeeze=False, layout="constrained")
    for axes, panel in zip(drawn.flat, (panel for row in rows for panel in row), strict=True):
        for number, (name, values) in enumerate(panel.lines.items()):
            axes.plot(panel.steps, values, label=name, linewidth=2, color=SERIES[number])
        for name, place in panel.marks.items():
            axes.axvline(place, color="black", linestyle="--", label=f"{name}: {place:g}")
        axes.set_xlabel(panel.along)
        axes.set_title(panel.title)
        axes.set_ylim(*panel.range)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    return png(figure)


def histogram(series: Mapping[str, Sequence[float]], along: str, colours: Sequence[str] = SERIES) -> bytes:
    """How often each value is met."""
    figure, axes = plt.subplots(figsize=(8, 3.5))
    everything = [value for values in series.values() for value in values]
    edges = np.histogram_bin_edges(everything, bins=40)
    for (name, values), colour in zip(series.items(), colours, strict=False):
        axes.hist(values, bins=list(edges), histtype="step", linewidth=2, color=colour, label=name)
    axes.set_xlabel(along)
    axes.legend()
    return png(figure)


def grids(panels: Mapping[str, Counts], down: str, across: str) -> bytes:
    """Counts in a grid, shaded by their share of the row; every panel has rows and columns of its own."""
    figure, drawn = plt.subplots(1, len(panels), figsize=(6 * len(panels), 4), squeeze=False, layout="constrained")
    for axes, (title, counts) in zip(drawn[0], panels.items(), strict=True):
        columns = list(dict.fromkeys(column for row in counts.values() for column in row))
        numbers = np.array([[row.get(column, 0) for column in columns] for row in counts.values()], float)
        shades = numbers / numbers.sum(axis=1, keepdims=True).clip(min=1)
        axes.imshow(shades, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), number in np.ndenumerate(numbers):
            dark = shades[row, column] > 0.5
            axes.text(column, row, f"{number:.0f}", ha="center", va="center", color="white" if dark else "black")
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(counts)), list(counts))
        axes.set_title(title)
        axes.set_xlabel(across)
        axes.set_ylabel(down)
    return png(figure)


def calibration(series: Mapping[str, Sequence[tuple[float, Share]]]) -> bytes:
    """How often what is said to have a chance comes true, against the chance; on the diagonal it is one."""
    figure, axes = plt.subplots(figsize=(6, 5))
    axes.plot([0, 1], [0, 1], color="black", linestyle="--", label="as it should be")
    for (name, bins), colour in zip(series.items(), SERIES, strict=False):
        shares = [share for _, share in bins]
        heights = [share.value for share in shares]
        axes.errorbar([chance for chance, _ in bins], heights, yerr=_arms(shares), fmt="o-", color=colour, label=name)
    axes.set_xlabel("chance that the learned reader gives, mean of a tenth of the scale")
    axes.set_ylabel("share that are reports")
    axes.legend(loc="upper left")
    return png(figure)


def png(figure: Figure) -> bytes:
    """The picture; the figure is closed."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    return buffer.getvalue()
