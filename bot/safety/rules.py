"""Reads the red flags and the context cues; refuses what has no proof beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigurationError
from bot.domain.escalation import Tier
from bot.safety.matching import compile_pattern

HERE = Path(__file__).parent
MIN_EXAMPLES = 5

Cancel = str
CANCELS: tuple[Cancel, ...] = ("negated", "asked", "hypothetical", "past", "elsewhere")


@dataclass(frozen=True, slots=True)
class Flag:
    """One red flag: what it looks like, what cancels it, and the lines that prove both."""

    id: str
    category: str
    tier: Tier
    source: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...]
    cancelled_by: frozenset[Cancel]
    must_flag: tuple[str, ...]
    must_not_flag: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that change what the words around them report.

    `direction`: "forward" (what follows), "backward" (what came before) or
    "sentence". `reach`: how many tokens; 0 for the whole rest of the sentence.
    """

    id: str
    cancel: Cancel
    direction: str
    reach: int
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything that the screen knows."""

    flags: tuple[Flag, ...]
    cues: tuple[Cue, ...]
    pseudo: tuple[str, ...]
    terminators: tuple[str, ...]
    word_lists: Mapping[str, Sequence[str]]


def load_rules(flags_folder: Path = HERE / "flags", context_file: Path = HERE / "context.yml") -> RuleBook:
    """Read and check everything; ConfigurationError names all problems at once."""
    context = yaml.safe_load(context_file.read_text(encoding="utf-8"))
    lists = {name: tuple(words.split()) for name, words in context["word_lists"].items()}
    problems: list[str] = []
    flags = tuple(_flags(flags_folder, problems))
    cues = tuple(
        Cue(c["id"], c["cancel"], c["direction"], c.get("reach", 0), tuple(c["patterns"])) for c in context["cues"]
    )
    book = RuleBook(flags, cues, tuple(context["pseudo"]), tuple(context["terminators"]), lists)
    problems += _problems(book)
    if problems:
        raise ConfigurationError(problems)
    return book


def _flags(folder: Path, problems: list[str]) -> Iterator[Flag]:
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            try:
                yield _flag(entry)
            except (KeyError, ValueError) as error:
                problems.append(f"{path.name}: flag {entry.get('id', '?')}: {error!r}")


def _flag(entry: Mapping[str, Any]) -> Flag:
    return Flag(
        id=entry["id"],
        category=entry["category"],
        tier=Tier(entry["tier"]),
        source=entry["source"],
        patterns=tuple(entry["patterns"]),
        unless=tuple(entry.get("unless", ())),
        cancelled_by=frozenset(entry["cancelled_by"]),
        must_flag=tuple(entry["must_flag"]),
        must_not_flag=tuple(entry["must_not_flag"]),
    )


def _problems(book: RuleBook) -> Iterator[str]:
    seen: set[str] = set()
    for flag in book.flags:
        if flag.id in seen:
            yield f"flag {flag.id}: the id is used twice"
        seen.add(flag.id)
        yield from (f"flag {flag.id}: {problem}" for problem in _flag_problems(flag, book.word_lists))
    yield from (f"pseudo: {problem}" for problem in _pattern_problems(book.pseudo, book.word_lists))
    yield from (f"terminators: {problem}" for problem in _pattern_problems(book.terminators, book.word_lists))
    for cue in book.cues:
        if cue.cancel not in CANCELS:
            yield f"cue {cue.id}: cancel {cue.cancel!r} is not one of {', '.join(CANCELS)}"
        if cue.direction not in ("forward", "backward", "sentence"):
            yield f"cue {cue.id}: direction {cue.direction!r} is not forward, backward or sentence"
        yield from (f"cue {cue.id}: {problem}" for problem in _pattern_problems(cue.patterns, book.word_lists))


def _flag_problems(flag: Flag, word_lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if not flag.source.strip():
        yield "source is empty: name the row of the clinical table and its source"
    for name, lines in (("must_flag", flag.must_flag), ("must_not_flag", flag.must_not_flag)):
        if len(set(lines)) < MIN_EXAMPLES:
            yield f"{name} needs at least {MIN_EXAMPLES} different lines, it has {len(set(lines))}"
    if unknown := flag.cancelled_by - set(CANCELS):
        yield f"cancelled_by {', '.join(sorted(unknown))} is not one of {', '.join(CANCELS)}"
    yield from _pattern_problems((*flag.patterns, *flag.unless), word_lists)


def _pattern_problems(lines: Sequence[str], word_lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for line in lines:
        try:
            compile_pattern(line, word_lists)
        except ValueError as error:
            yield str(error)
