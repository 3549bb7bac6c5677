"""Plots as the numbers that an SVG is drawn from; the template draws it, and the table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
_HEIGHT: Final = 220
_LEFT: Final = 36
_BOTTOM: Final = 24
_TOP: Final = 12
_ROW: Final = 26
_NAMES: Final = 240
_ROOM_FOR_NUMBER: Final = 56
_LONGEST_NAME: Final = 34


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle, in units of the view box; `kind` is the end of its CSS class."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place; `anchor`: start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that is drawn."""

    id: str
    title: str
    description: str
    height: float
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    # Heights of the lines across.
    lines: tuple[float, ...] = ()


Parts = Sequence[tuple[str, int]]


def columns(name: str, title: str, description: str, days: Sequence[tuple[str, Parts]]) -> Plot:
    """A stacked column a day; its parts from the bottom up."""
    highest = _round_up(max((sum(count for _, count in parts) for _, parts in days), default=0))
    room, step = _HEIGHT - _TOP - _BOTTOM, (WIDTH - _LEFT) / max(1, len(days))
    bars: list[Bar] = []
    for number, (_, parts) in enumerate(days):
        bottom = float(_HEIGHT - _BOTTOM)
        for kind, count in parts:
            height = count / highest * room
            bottom -= height
            if count:
                x = _LEFT + (number + 0.1) * step
                bars.append(Bar(round(x, 2), round(bottom, 2), round(step * 0.8, 2), round(height, 2), kind))
    ticks = (0, highest // 2, highest) if highest > 1 else (0, 1)
    heights = tuple(round(_HEIGHT - _BOTTOM - tick / highest * room, 2) for tick in ticks)
    labels = [Label(_LEFT - 6, y + 4, str(tick), "end") for tick, y in zip(ticks, heights, strict=True)]
    for number in sorted({0, len(days) // 2, len(days) - 1}):
        anchor = "start" if number == 0 else "end" if number == len(days) - 1 else "middle"
        x = _LEFT + (number + {"start": 0.1, "middle": 0.5, "end": 0.9}[anchor]) * step
        labels.append(Label(round(x, 2), _HEIGHT - 6, days[number][0], anchor))
    return Plot(name, title, description, _HEIGHT, tuple(bars), tuple(labels), heights)


def rows(name: str, title: str, description: str, named: Sequence[tuple[str, Parts]]) -> Plot:
    """A bar across for each name, its parts from the left."""
    longest = max((sum(count for _, count in parts) for _, parts in named), default=0) or 1
    room = WIDTH - _NAMES - _ROOM_FOR_NUMBER
    bars: list[Bar] = []
    labels: list[Label] = []
    for number, (text, parts) in enumerate(named):
        y, x = number * _ROW + 4, float(_NAMES)
        shown = text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
        labels.append(Label(_NAMES - 8, y + 14, shown, "end"))
        for kind, count in parts:
            width = count / longest * room
            if count:
                bars.append(Bar(round(x, 2), y, round(width, 2), _ROW - 8, kind))
            x += width
        labels.append(Label(round(x + 6, 2), y + 14, " / ".join(str(count) for _, count in parts), "start"))
    return Plot(name, title, description, len(named) * _ROW + 4, tuple(bars), tuple(labels))


def _round_up(highest: int) -> int:
    """To a number that has a half: 2, 4, 10, 20, 40, 100 …"""
    scale = 1
    while True:
        for step in (2, 4, 10):
            if highest <= step * scale:
                return step * scale
        scale *= 10
