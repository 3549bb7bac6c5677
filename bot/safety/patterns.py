"""The pattern language that a clinician reads, and what it means to spaCy's Matcher.

A pattern is a line that a clinician can read:

    cannot|ca @not *2 breathe|breath     alternatives; a list; a gap of up to 2
    trouble|difficulty breath~           ~ stands for any ending
    chest ?is|feels tight~               ? may be missing
    throat|tongue &4 swollen|thick       either order, up to 4 words between
    asleep *3 {hours>=6}                 a quantity, see bot/safety/quantities.py
    #>=180                               any number, so large

Gaps stay inside a sentence and do not step over "no", "not" or "but": a pattern
that means them names them. Words are compared in spaCy's normal form, without
accents and after the repairs of bot/safety/spelling.py: "ca" and "n't" of
"can't" are "can" and "not", and so are those of "cant".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.safety.quantities import Condition
from bot.safety.spelling import fold, normal

SENTENCE_ENDS = (".", "!", "?", ";", "\n", "…", "¿", "¡")
# What a gap does not step over, besides the end of a sentence.
GAP_STOPS = ("but", "not", "no", "never", "without", "pero", "sin", "nunca", "ni")


@dataclass(frozen=True, slots=True)
class Word:
    """What one step of a pattern accepts."""

    exact: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    condition: str = ""

    def as_spacy(self) -> dict[str, Any]:
        if self.condition:
            return {"ENT_TYPE": {"REGEX": re.escape(f"{{{self.condition}}}")}}
        if self.starts:
            either = [*map(re.escape, self.exact), *(re.escape(start) + r"\w*" for start in self.starts)]
            return {"NORM": {"REGEX": "^(?:" + "|".join(either) + ")$"}}
        return {"NORM": {"IN": list(self.exact)}}


@dataclass(frozen=True, slots=True)
class Step:
    """A word that must or may be there, or (without a word) a gap."""

    word: Word | None
    optional: bool = False

    def as_spacy(self) -> list[dict[str, Any]]:
        if self.word is None:
            return [{"NORM": {"NOT_IN": [*SENTENCE_ENDS, *GAP_STOPS]}, "OP": "?"}]
        if self.word.condition:
            return [{**self.word.as_spacy(), "OP": "+"}]
        return [{**self.word.as_spacy(), "OP": "?"}] if self.optional else [self.word.as_spacy()]


def compile_pattern(line: str, word_lists: Mapping[str, Sequence[str]]) -> list[list[dict[str, Any]]]:
    """A pattern line as spaCy's Matcher wants it, one for each order of words; ValueError says what is wrong."""
    return [[part for step in steps for part in step.as_spacy()] for steps in orders(line, word_lists)]


def orders(line: str, word_lists: Mapping[str, Sequence[str]]) -> list[tuple[Step, ...]]:
    """The steps of a line; those of both orders where it says "&"."""
    return [steps for parts in _variants(line.split()) for steps in _in_orders(line, parts, word_lists)]


def _variants(parts: Sequence[str]) -> Iterator[list[str]]:
    """A quantity among words is a pattern of its own: `bleeding|{pads>=2}` is two."""
    choices = []
    for part in parts:
        conditions = re.findall(r"\{[^}]*\}", part) if "|" in part else []
        rest = "|".join(word for word in part.split("|") if word not in conditions)
        choices.append([*conditions, *([rest] if rest or not conditions else [])])
    yield from map(list, itertools.product(*choices))


def _in_orders(line: str, parts: Sequence[str], word_lists: Mapping[str, Sequence[str]]) -> list[tuple[Step, ...]]:
    either = [index for index, part in enumerate(parts) if re.fullmatch(r"&\d", part)]
    if len(either) > 1:
        raise ValueError(f"pattern {line!r} has more than one &")
    if not either:
        return [_steps(line, parts, word_lists)]
    left, right, gap = parts[: either[0]], parts[either[0] + 1 :], "*" + parts[either[0]][1]
    if not left or not right:
        raise ValueError(f"pattern {line!r} would match nothing at all: & stands between two words")
    return [_steps(line, [*one, gap, *other], word_lists) for one, other in ((left, right), (right, left))]


def _steps(line: str, parts: Sequence[str], word_lists: Mapping[str, Sequence[str]]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for part in parts:
        if gap := re.fullmatch(r"\*(\d)", part):
            steps += [Step(None, optional=True)] * int(gap[1])
        elif part.startswith("?"):
            steps.append(Step(_word(part[1:], word_lists), optional=True))
        else:
            steps.append(Step(_word(part, word_lists)))
    if all(step.optional for step in steps):
        raise ValueError(f"pattern {line!r} would match nothing at all")
    return tuple(steps)


def _word(part: str, word_lists: Mapping[str, Sequence[str]]) -> Word:
    if part.startswith("{") and part.endswith("}"):
        return _condition(part[1:-1])
    if re.match(r"#[<>]", part):
        return _condition("number" + part[1:])
    words: list[str] = []
    for word in part.split("|"):
        if word.startswith("@"):
            if word[1:] not in word_lists:
                raise ValueError(f"unknown word list {word!r}; known: {', '.join(sorted(word_lists))}")
            words += word_lists[word[1:]]
        else:
            words.append(word)
    if not all(words):
        raise ValueError(f"empty alternative in {part!r}")
    return Word(
        exact=tuple(normal(word) for word in words if not word.endswith("~")),
        starts=tuple(fold(word[:-1]) for word in words if word.endswith("~")),
    )


def _condition(text: str) -> Word:
    Condition.parse(text)
    return Word(condition=text)
