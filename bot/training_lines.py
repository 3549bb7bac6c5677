"""The lines of `data/nlu` that the assistant learns from, read in one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent / "data" / "nlu"
# Between an earlier question and a follow-up, in training lines and in use.
FOLLOWS = " >> "


def files(folder: Path = DATA) -> list[Path]:
    """The files of training lines, always in the same order."""
    return sorted(folder.glob("**/*.yml"))


def read(path: Path) -> Any:
    """The content of a Rasa YAML file; the parser in C is ten times as fast."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def lines_of(entry: Mapping[str, Any]) -> list[str]:
    """The lines of an NLU entry's `examples` block."""
    return [line.removeprefix("- ").strip() for line in entry["examples"].splitlines() if line.strip()]


def labelled(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Each line of NLU files after its label, such as `faq/driving`."""
    for path in paths:
        for entry in read(path)["nlu"]:
            yield from ((entry["intent"], line) for line in lines_of(entry))


def normal(line: str) -> str:
    """A line as compared: case, outer punctuation and spaces do not count."""
    return " ".join(line.lower().strip(" ?!.").split())
