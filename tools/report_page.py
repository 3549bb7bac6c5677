"""What the pages with plots share: colours, pictures as PNG bytes, one HTML file that stands alone."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

GREEN, RED, AMBER = "#0b6e4f", "#b3261e", "#8a6d00"
_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}img{max-width:100%}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ccc}"
)


def subplots(width: float, height: float) -> tuple[Figure, Any]:
    """A figure with one pair of axes, in inches."""
    figure, axes = plt.subplots(figsize=(width, height))
    return figure, axes


def png(figure: Figure) -> bytes:
    """The figure drawn, and closed."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    return buffer.getvalue()


def pictures(images: Mapping[str, bytes]) -> str:
    """A heading and a picture for each."""
    return "".join(
        f'<h2>{title}</h2><img alt="{title}" src="data:image/png;base64,{base64.b64encode(image).decode()}">'
        for title, image in images.items()
    )


def figures(data: Any) -> str:
    """The raw figures, at the end of a page."""
    return f"<h2>Figures</h2><pre>{html.escape(json.dumps(data, indent=2))}</pre>"


def page(title: str, *parts: str) -> str:
    """The whole page."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1>{''.join(parts)}</html>"
    )
