"""Training lines, held-out questions and talks, as the files have them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.settings import ROOT
from bot.training_lines import files, labelled

HELD_OUT = ROOT / "tests/nlu/test_questions.yml"
FINAL = ROOT / "tests/nlu/final_questions.yml"


@dataclass(frozen=True, slots=True)
class Question:
    """One line with the label that its author gave it."""

    text: str
    label: str

    @property
    def group(self) -> str:
        """`faq`, `ask_staff`, `out_of_scope` or the plain intent."""
        return self.label.split("/")[0]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message with the patient's turn before it and the topics it asks about."""

    text: str
    before: str | None
    labels: tuple[str, ...]


def training() -> list[Question]:
    """Every training line."""
    return questions(files())


def questions(paths: Iterable[Path]) -> list[Question]:
    """The examples of NLU files."""
    return [Question(line, label) for label, line in labelled(paths)]


def exchanges(name: str) -> list[Exchange]:
    """Follow-ups and double questions of tests/nlu/<name>_talks.jsonl."""
    lines = (ROOT / f"tests/nlu/{name}_talks.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.strip()]
    return [
        Exchange(e["text"], (e.get("turns") or [None])[-1], tuple(e["intents"] if "intents" in e else [e["intent"]]))
        for e in entries
    ]
