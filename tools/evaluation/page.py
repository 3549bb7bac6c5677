"""A report page in one file: headings, tables, plots, all in the HTML itself."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Sequence
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}img{max-width:100%}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ccc}"
)


def page(title: str, *parts: str) -> str:
    """The whole page of parts made by the functions below."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(title)}</h1>{''.join(parts)}</html>\n"
    )


def section(title: str, *parts: str) -> str:
    """Parts under a heading."""
    return f"<h2>{html.escape(title)}</h2>{''.join(parts)}"


def note(text: str) -> str:
    """A paragraph."""
    return f"<p>{html.escape(text)}</p>"


def picture(what: str, png: bytes) -> str:
    """A plot; `what` is said to those who do not see it."""
    return f'<img alt="{html.escape(what)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of whatever can be printed."""
    lines = "".join(_row("td", row) for row in rows)
    return f"<table>{_row('th', head)}{lines}</table>"


def _row(tag: str, cells: Sequence[object]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}" for cell in cells)


def folded(title: str, *parts: str) -> str:
    """Parts that open with a click."""
    return f"<details><summary>{html.escape(title)}</summary>{''.join(parts)}</details>"


def figures_in_full(figures: Any) -> str:
    """Everything that the JSON file holds."""
    return section("Figures", folded("all figures", f"<pre>{html.escape(json.dumps(figures, indent=2))}</pre>"))
