"""Where figures are written, and how they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.settings import ROOT

OUT = ROOT / "reports" / "torture"


def table(figures: Mapping[str, Any]) -> str:
    """A line a figure."""
    return "\n".join(f"{name:38} {shown(figure)}" for name, figure in figures.items())


def shown(figure: Any) -> str:
    """One figure, in one line."""
    return "  ".join(f"{k} {v}" for k, v in figure.items()) if isinstance(figure, dict) else str(figure)
