"""Labelled messages, as the files have them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.errors import AssistantError
from bot.safety.learned import NONE
from bot.settings import ROOT

# The first was looked at while the limits were chosen; the second is by another author and was not.
FILES = (ROOT / "tests/safety/held_out.jsonl", ROOT / "tests/safety/final_held_out.jsonl")
FIELDS = ("tier", "kind", "lang", "channel", "category")


class UnreadableMessages(AssistantError):
    """A file is not one of labelled messages; says where, and never what a message says."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message with the patient's turns before it, oldest first, and what its author says of it."""

    text: str = field(repr=False)
    turns: tuple[str, ...] = field(repr=False)
    labels: Mapping[str, str]

    @property
    def tier(self) -> str:
        """`emergency`, `urgent`, `same_day` or `none`."""
        return self.labels["tier"]

    @property
    def is_report(self) -> bool:
        """What the author of the line says."""
        return self.tier != NONE


def messages(path: Path) -> list[Message]:
    """Every line of a JSONL file. Raises UnreadableMessages."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UnreadableMessages(f"{path} cannot be read: {error.strerror}") from error
    if not (read := list(_messages(path, lines))):
        raise UnreadableMessages(f"{path} has no messages")
    return read


def _messages(path: Path, lines: list[str]) -> Iterator[Message]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _message(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise UnreadableMessages(
                    f"{path}, line {number}: it needs to be a JSON object with text, {', '.join(FIELDS)}"
                ) from error


def _message(entry: Mapping[str, Any]) -> Message:
    return Message(entry["text"], tuple(entry.get("turns") or ()), {name: str(entry[name]) for name in FIELDS})
