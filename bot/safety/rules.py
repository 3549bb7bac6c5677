"""Reads the red flags and the context cues; refuses what has no proof beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigurationError
from bot.domain.escalation import Tier
from bot.safety.patterns import compile_pattern
from bot.safety.spelling import normal

HERE = Path(__file__).parent
MIN_EXAMPLES = 5

Cancel = str
CANCELS: tuple[Cancel, ...] = (
    "negated",
    "asked",
    "hypothetical",
    "feared",
    "past",
    "resolved",
    "expected",
    "idiom",
    "elsewhere",
)
DIRECTIONS = ("forward", "backward", "sentence")
COMMAS = ("pass", "stop", "list")


@dataclass(frozen=True, slots=True)
class Flag:
    """One red flag: what it looks like, what cancels it, and the lines that prove both.

    `unless` excuses a finding whose words it shares. `together_with` must, and
    `not_when` must not, be said somewhere in the message.
    """

    id: str
    category: str
    tier: Tier
    source: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...]
    together_with: tuple[str, ...]
    not_when: tuple[str, ...]
    cancelled_by: frozenset[Cancel]
    must_flag: tuple[str, ...]
    must_not_flag: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that change what the words around them report.

    `direction`: "forward" (what follows), "backward" (what came before) or
    "sentence". `reach`: how many tokens; 0 for the whole rest of the sentence.
    `commas`: whether it reaches over them: "pass", "stop", or "list" (only in a
    list that ends in "or", as in "no fever, rash or chest pain").
    `yields_to_now`: "is it normal to …" asks; "is it normal to still …" reports.
    """

    id: str
    cancel: Cancel
    direction: str
    reach: int
    commas: str
    yields_to_now: bool
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """The words by which a sentence says that a symptom is there: see bot/safety/context.py."""

    own: frozenset[str]
    others: frozenset[str]
    light: frozenset[str]
    past: frozenset[str]
    governors: frozenset[str]
    questions: frozenset[str]
    finite: frozenset[str]
    verbs: frozenset[str]
    possessives: frozenset[str]
    negators: frozenset[str]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything that the screen knows."""

    flags: tuple[Flag, ...]
    cues: tuple[Cue, ...]
    pseudo: tuple[str, ...]
    terminators: tuple[str, ...]
    now: tuple[str, ...]
    statement: Statement
    word_lists: Mapping[str, Sequence[str]]


def load_rules(flags_folder: Path = HERE / "flags", context_file: Path = HERE / "context.yml") -> RuleBook:
    """Read and check everything; ConfigurationError names all problems at once."""
    context = yaml.load(context_file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    lists = {name: tuple(words.split()) for name, words in context["word_lists"].items()}
    problems: list[str] = []
    flags = tuple(_flags(flags_folder, problems))
    book = RuleBook(
        flags=flags,
        cues=tuple(map(_cue, context["cues"])),
        pseudo=tuple(context["pseudo"]),
        terminators=tuple(context["terminators"]),
        now=tuple(context.get("now", ())),
        statement=_statement(context.get("statement", {})),
        word_lists=lists,
    )
    problems += _problems(book)
    if problems:
        raise ConfigurationError(problems)
    return book


def _flags(folder: Path, problems: list[str]) -> Iterator[Flag]:
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            try:
                yield _flag(entry)
            except (KeyError, ValueError) as error:
                problems.append(f"{path.name}: flag {entry.get('id', '?')}: {error!r}")


def _flag(entry: Mapping[str, Any]) -> Flag:
    if unknown := entry.keys() - {f.name for f in fields(Flag)}:
        raise ValueError(f"unknown key {', '.join(sorted(unknown))}")
    return Flag(
        id=entry["id"],
        category=entry["category"],
        tier=Tier(entry["tier"]),
        source=entry["source"],
        patterns=tuple(entry["patterns"]),
        unless=tuple(entry.get("unless", ())),
        together_with=tuple(entry.get("together_with", ())),
        not_when=tuple(entry.get("not_when", ())),
        cancelled_by=frozenset(entry["cancelled_by"]),
        must_flag=tuple(entry["must_flag"]),
        must_not_flag=tuple(entry["must_not_flag"]),
    )


def _cue(entry: Mapping[str, Any]) -> Cue:
    return Cue(
        id=entry["id"],
        cancel=entry["cancel"],
        direction=entry["direction"],
        reach=entry.get("reach", 0),
        commas=entry.get("commas", "pass"),
        yields_to_now=entry.get("yields_to_now", False),
        patterns=tuple(entry["patterns"]),
    )


def _statement(entry: Mapping[str, str]) -> Statement:
    if unknown := entry.keys() - {f.name for f in fields(Statement)}:
        raise ConfigurationError([f"statement: unknown key {', '.join(sorted(unknown))}"])
    return Statement(**{f.name: frozenset(map(normal, entry.get(f.name, "").split())) for f in fields(Statement)})


def _problems(book: RuleBook) -> Iterator[str]:
    seen: set[str] = set()
    for flag in book.flags:
        if flag.id in seen:
            yield f"flag {flag.id}: the id is used twice"
        seen.add(flag.id)
        yield from (f"flag {flag.id}: {problem}" for problem in _flag_problems(flag, book.word_lists))
    for name in ("pseudo", "terminators", "now"):
        yield from (f"{name}: {problem}" for problem in _pattern_problems(getattr(book, name), book.word_lists))
    for cue in book.cues:
        yield from (f"cue {cue.id}: {problem}" for problem in _cue_problems(cue, book.word_lists))


def _cue_problems(cue: Cue, word_lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if cue.cancel not in CANCELS:
        yield f"cancel {cue.cancel!r} is not one of {', '.join(CANCELS)}"
    if cue.direction not in DIRECTIONS:
        yield f"direction {cue.direction!r} is not forward, backward or sentence"
    if cue.commas not in COMMAS:
        yield f"commas {cue.commas!r} is not one of {', '.join(COMMAS)}"
    yield from _pattern_problems(cue.patterns, word_lists)


def _flag_problems(flag: Flag, word_lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if not flag.source.strip():
        yield "source is empty: name the row of the clinical table and its source"
    for name, lines in (("must_flag", flag.must_flag), ("must_not_flag", flag.must_not_flag)):
        if len(set(lines)) < MIN_EXAMPLES:
            yield f"{name} needs at least {MIN_EXAMPLES} different lines, it has {len(set(lines))}"
    if unknown := flag.cancelled_by - set(CANCELS):
        yield f"cancelled_by {', '.join(sorted(unknown))} is not one of {', '.join(CANCELS)}"
    lines = (*flag.patterns, *flag.unless, *flag.together_with, *flag.not_when)
    yield from _pattern_problems(lines, word_lists)


def _pattern_problems(lines: Sequence[str], word_lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for line in lines:
        try:
            compile_pattern(line, word_lists)
        except ValueError as error:
            yield str(error)
