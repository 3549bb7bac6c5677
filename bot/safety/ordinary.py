"""Ordinary questions, which the learned reader must leave alone: a share of the FAQ's own."""

from __future__ import annotations

from pathlib import Path

from bot.training_lines import DATA, files, lines_of, read

# More of them would make the reader deaf: docs/decisions/0006 has the figures.
_EVERY = 2
_WHOLE_FILES = ("base", "dialogue", "followups")
_WHOLE = ("out_of_scope/", "ask_human")
_LEFT_OUT = ("report_side_effect",)


def ordinary_questions(folder: Path = DATA) -> list[str]:
    """Every second training line of every intent that reports nothing.

    All of the fragments that follow-ups are, all small talk and wishes for a
    person, and all of the odd talk that is out of scope: there is little of
    each, and all are unlike anything else. A follow-up has the question before
    it: "before >> question".
    """
    lines: list[str] = []
    for path in files(folder):
        for entry in read(path)["nlu"]:
            if entry["intent"] not in _LEFT_OUT:
                own = lines_of(entry)
                whole = path.stem in _WHOLE_FILES or entry["intent"].startswith(_WHOLE)
                lines += own if whole else own[::_EVERY]
    return lines
