"""Finds the words of a pattern in a text. The only module that imports spaCy.

A pattern is a line that a clinician can read:

    cannot|ca @not *2 breathe|breath     alternatives; a list; a gap of up to 2
    trouble|difficulty breath~           ~ stands for any ending
    chest ?is|feels tight~               ? may be missing

Gaps stay inside a sentence. Words are compared in spaCy's normal form: "ca"
and "n't" of "can't" are "can" and "not", and so are those of "cant".
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

SENTENCE_ENDS = (".", "!", "?", ";", "\n", "…")

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})
# What people type for words that patterns name; spaCy's own exceptions cover
# "cant", "dont" and their kind.
_SPELLINGS = {
    "n't": "not",
    "cannot": "can",
    "u": "you",
    "ur": "your",
    "r": "are",
    "wont": "will not",
    "im": "i",
    "ive": "i",
    "breathin": "breathing",
    "breath": "breathe",
    "wanna": "want",
    "gonna": "going",
    "hubby": "husband",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Where a pattern matched: tokens [start, end), and which pattern set it was."""

    label: str
    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a token."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Text:
    """A tokenised message."""

    original: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    offsets: tuple[tuple[int, int], ...] = field(repr=False)
    sentences: tuple[int, ...] = field(repr=False)
    doc: Doc = field(repr=False, compare=False)

    def same_sentence(self, one: int, other: int) -> bool:
        """Whether two tokens stand in one sentence."""
        return self.sentences[one] == self.sentences[other]

    def cut(self, span: Span) -> tuple[str, int, int]:
        """The span's words as the patient wrote them, with character offsets."""
        start, end = self.offsets[span.start][0], self.offsets[span.end - 1][1]
        return self.original[start:end], start, end


@functools.cache
def _language() -> Language:
    return spacy.blank("en")


def tokenise(text: str) -> Text:
    """Split a message into words. Deterministic; keeps offsets into the original."""
    # A letter whose small form is longer ("İ") stays: offsets point into the original.
    doc = _language()("".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_APOSTROPHES)))
    for token in doc:
        token.norm_ = _SPELLINGS.get(token.norm_, token.norm_)
    words = tuple("\n" if "\n" in token.text else token.norm_ for token in doc)
    return Text(
        original=text,
        words=words,
        sentences=tuple(itertools.accumulate(word in SENTENCE_ENDS for word in words)),
        offsets=tuple((token.idx, token.idx + len(token.text)) for token in doc),
        doc=doc,
    )


class PatternSet:
    """Named sets of patterns, matched together."""

    def __init__(self, patterns: Mapping[str, Iterable[str]], word_lists: Mapping[str, Sequence[str]]) -> None:
        self._matcher = Matcher(_language().vocab)
        for label, lines in patterns.items():
            self._matcher.add(label, [compile_pattern(line, word_lists) for line in lines])

    def find(self, text: Text) -> tuple[Span, ...]:
        """All matches; of those of one label that overlap, the longest."""
        strings = _language().vocab.strings
        found = sorted(
            (Span(strings[label], start, end) for label, start, end in self._matcher(text.doc)),
            key=lambda span: (span.start - span.end, span.start),
        )
        kept: list[Span] = []
        taken: set[tuple[str, int]] = set()
        for span in found:
            places = {(span.label, index) for index in range(span.start, span.end)}
            if taken.isdisjoint(places):
                taken |= places
                kept.append(span)
        return tuple(sorted(kept, key=lambda span: span.start))


def compile_pattern(line: str, word_lists: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """A pattern line as spaCy's Matcher wants it; ValueError says what is wrong with it."""
    steps: list[dict[str, Any]] = []
    for part in line.split():
        if gap := re.fullmatch(r"\*(\d)", part):
            steps += [{"NORM": {"NOT_IN": list(SENTENCE_ENDS)}, "OP": "?"}] * int(gap[1])
        elif part.startswith("?"):
            steps.append({**_word(part[1:], word_lists), "OP": "?"})
        else:
            steps.append(_word(part, word_lists))
    if not steps or all("OP" in step for step in steps):
        raise ValueError(f"pattern {line!r} would match nothing at all")
    return steps


def _word(part: str, word_lists: Mapping[str, Sequence[str]]) -> dict[str, Any]:
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
    if any(word.endswith("~") for word in words):
        return {"NORM": {"REGEX": "^(?:" + "|".join(_regex(word) for word in words) + ")$"}}
    return {"NORM": {"IN": [_SPELLINGS.get(word, word) for word in words]}}


def _regex(word: str) -> str:
    return re.escape(word[:-1]) + r"\w*" if word.endswith("~") else re.escape(word)
