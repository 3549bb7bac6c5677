"""Finds the words of patterns (bot/safety/patterns.py) in a text. The only module that imports spaCy.

Words are compared in spaCy's normal form, without accents and after the repairs of
bot/safety/spelling.py: "ca" and "n't" of "can't" are "can" and "not", and so are those of "cant".
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.safety.patterns import SENTENCE_ENDS, Step, Word, orders
from bot.safety.quantities import Condition, Quantity, quantities
from bot.safety.spelling import normal, split_words

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


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
    quantities: tuple[Quantity, ...] = field(repr=False)
    doc: Doc = field(repr=False, compare=False)

    def same_sentence(self, one: int, other: int) -> bool:
        """Whether two tokens stand in one sentence."""
        return self.sentences[one] == self.sentences[other]

    def cut(self, span: Span) -> tuple[str, int, int]:
        """The span's words as the patient wrote them, with character offsets."""
        start, end = self.offsets[span.start][0], self.offsets[span.end - 1][1]
        return self.original[start:end], start, end

    def is_name(self, index: int) -> bool:
        """Whether a word looks like a name: a capital where the sentence would not ask for one."""
        start, end = self.offsets[index]
        word = self.original[start:end]
        begins = index == 0 or not self.same_sentence(index - 1, index) or self.words[index - 1] in SENTENCE_ENDS
        return not begins and word[:1].isupper() and word[1:].islower()


@functools.cache
def _language() -> Language:
    language = spacy.blank("en")
    tokenizer: Any = language.tokenizer
    for word, parts in split_words().items():
        tokenizer.add_special_case(word, [{"ORTH": typed, "NORM": norm} for typed, norm in parts])
    return language


def tokenise(text: str) -> Text:
    """Split a message into words. Deterministic; keeps offsets into the original."""
    # A letter whose small form is longer ("İ") stays: offsets point into the original.
    doc = _language()("".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_APOSTROPHES)))
    for token in doc:
        token.norm_ = "\n" if "\n" in token.text else normal(token.norm_)
    words = tuple(token.norm_ for token in doc)
    return Text(
        original=text,
        words=words,
        sentences=tuple(itertools.accumulate(word in SENTENCE_ENDS for word in words)),
        offsets=tuple((token.idx, token.idx + len(token.text)) for token in doc),
        quantities=quantities(words),
        doc=doc,
    )


class PatternSet:
    """Named sets of patterns, matched together.

    spaCy's Matcher tries every pattern at every word. Of a thousand patterns a
    message holds the words of a few, so those are looked up first, and the
    Matcher sees only them and only the words around.
    """

    def __init__(self, patterns: Mapping[str, Iterable[str]], word_lists: Mapping[str, Sequence[str]]) -> None:
        self._words: dict[str, set[int]] = defaultdict(set)
        self._starts: dict[str, set[int]] = defaultdict(set)
        self._conditions: dict[str, int] = {}
        self._numbers: dict[Word, int] = {}
        entries = [
            _Entry(label, steps, tuple(self._number(step.word) for step in steps if step.word and not step.optional))
            for label, lines in patterns.items()
            for line in lines
            for steps in orders(line, word_lists)
        ]
        self._lengths = sorted({len(start) for start in self._starts})
        self._parsed = {text: Condition.parse(text) for text in self._conditions}
        self._by_rarest: dict[int, list[_Entry]] = defaultdict(list)
        uses: dict[int, int] = defaultdict(int)
        for number in itertools.chain.from_iterable(entry.needs for entry in entries):
            uses[number] += 1
        for entry in entries:
            self._by_rarest[min(entry.needs, key=lambda number: uses[number])].append(entry)

    def find(self, text: Text) -> tuple[Span, ...]:
        """All matches; of those of one label that overlap, the longest."""
        found = sorted(set(self._matches(text)), key=lambda span: (span.start - span.end, span.start, span.label))
        kept: list[Span] = []
        taken: set[tuple[str, int]] = set()
        for span in found:
            places = {(span.label, index) for index in range(span.start, span.end)}
            if taken.isdisjoint(places):
                taken |= places
                kept.append(span)
        return tuple(sorted(kept, key=lambda span: span.start))

    def _number(self, word: Word) -> int:
        """A number for each different step, and an index from its words to it."""
        if word in self._numbers:
            return self._numbers[word]
        number = self._numbers[word] = len(self._numbers)
        for one in word.exact:
            self._words[one].add(number)
        for start in word.starts:
            self._starts[start].add(number)
        if word.condition:
            self._conditions[word.condition] = number
        return number

    def _matches(self, text: Text) -> Iterator[Span]:
        places = self._places(text)
        for number in places.keys() & self._by_rarest.keys():
            for entry in self._by_rarest[number]:
                if all(need in places for need in entry.needs):
                    for start, end in entry.windows(places, number, len(text.words)):
                        yield from entry.match(text.doc, start, end)

    def _places(self, text: Text) -> dict[int, list[int]]:
        """Which steps find their word in this text, and where."""
        places: dict[int, list[int]] = defaultdict(list)
        for index, word in enumerate(text.words):
            starts = (self._starts.get(word[:length], ()) for length in self._lengths if length <= len(word))
            for number in itertools.chain(self._words.get(word, ()), *starts):
                places[number].append(index)
        self._mark_quantities(text, places)
        return places

    def _mark_quantities(self, text: Text, places: dict[int, list[int]]) -> None:
        """Write the conditions that a quantity meets where the Matcher looks for them."""
        for token in text.doc:
            token.ent_type_ = ""
        for quantity in text.quantities:
            for condition, parsed in self._parsed.items():
                if parsed.holds(quantity):
                    places[self._conditions[condition]] += range(quantity.start, quantity.end)
                    for token in text.doc[quantity.start : quantity.end]:
                        token.ent_type_ += f"{{{condition}}}"


class _Entry:
    """One pattern; its Matcher is made when its words first appear together."""

    def __init__(self, label: str, steps: Sequence[Step], needs: tuple[int, ...]) -> None:
        self.label = label
        self.needs = needs
        self._steps = steps
        # A quantity has a few words at most: "one hundred and ninety eight over …".
        self._reach = sum(12 if step.word and step.word.condition else 1 for step in steps)

    def windows(self, places: Mapping[int, Sequence[int]], number: int, length: int) -> Iterator[tuple[int, int]]:
        """Where all words that the pattern needs stand close enough to each other."""
        end_of_last = -1
        for place in places[number]:
            start, end = max(0, place - self._reach), min(length, place + self._reach + 1)
            if place < end_of_last or not all(any(start <= p < end for p in places[need]) for need in self.needs):
                continue
            # Two places close to each other share one window.
            close = max(p for p in places[number] if place <= p <= place + self._reach)
            end = min(length, close + self._reach + 1)
            end_of_last = close + 1
            yield start, end

    def match(self, doc: Doc, start: int, end: int) -> Iterator[Span]:
        """The pattern's matches between two tokens."""
        for _, first, last in self._matcher(doc[start:end]):
            yield Span(self.label, start + first, start + last)

    @functools.cached_property
    def _matcher(self) -> Matcher:
        matcher = Matcher(_language().vocab)
        matcher.add(self.label, [[part for step in self._steps for part in step.as_spacy()]])
        return matcher
