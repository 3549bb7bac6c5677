"""Ordinary questions, which the learned reader must leave alone: a share of the FAQ's own."""

from __future__ import annotations

from pathlib import Path

import yaml

DATA = Path(__file__).resolve().parent.parent.parent / "data" / "nlu"
# More of them would make the reader deaf: docs/decisions/0006 has the figures.
_EVERY = 2
_LEFT_OUT = ("report_side_effect",)


def ordinary_questions(folder: Path = DATA) -> list[str]:
    """Every second training line of every intent that reports nothing.

    All of the fragments that follow-ups are and all of the odd talk that is out
    of scope: there is little of either, and both are unlike anything else. A
    follow-up has the question before it: "before >> question".
    """
    lines: list[str] = []
    for path in sorted(folder.glob("**/*.yml")):
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            if entry["intent"] not in _LEFT_OUT:
                own = [line.removeprefix("- ").strip() for line in entry["examples"].splitlines() if line.strip()]
                whole = path.stem == "followups" or entry["intent"].startswith("out_of_scope/")
                lines += own if whole else own[::_EVERY]
    return lines
