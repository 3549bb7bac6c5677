"""What the words around a finding make of it, in the tradition of ConText.

A cue cancels a finding only when that is unambiguous: when in doubt the
finding stands, and a person looks.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from bot.safety.matching import PatternSet, Span, Text
from bot.safety.rules import Cancel, Cue, RuleBook


class Context:
    """The cues of a rule book, ready to read texts."""

    def __init__(self, book: RuleBook) -> None:
        self._cues = {cue.id: cue for cue in book.cues}
        self._cue_patterns = PatternSet({cue.id: cue.patterns for cue in book.cues}, book.word_lists)
        self._pseudo = PatternSet({"pseudo": book.pseudo}, book.word_lists)
        self._terminators = PatternSet({"terminator": book.terminators}, book.word_lists)

    def read(self, text: Text) -> Reading:
        """Find the cues of a text, once for all of its findings."""
        look_alikes = {index for fake in self._pseudo.find(text) for index in range(fake.start, fake.end)}
        cues = [cue for cue in self._cue_patterns.find(text) if look_alikes.isdisjoint(range(cue.start, cue.end))]
        return Reading(text, [(self._cues[cue.label], cue) for cue in cues], self._terminators.find(text))


class Reading:
    """The cues of one text."""

    def __init__(self, text: Text, cues: Sequence[tuple[Cue, Span]], cuts: Sequence[Span]) -> None:
        self._text = text
        self._cues = cues
        self._cuts = cuts

    def cancels(self, finding: Span) -> frozenset[Cancel]:
        """What is said of a finding: negated, asked about, hypothetical, past, elsewhere."""
        return frozenset(cue.cancel for cue, span in self._cues if self._reaches(cue, span, finding))

    def _reaches(self, cue: Cue, span: Span, finding: Span) -> bool:
        if span.overlaps(finding) or not self._text.same_sentence(span.start, finding.start):
            return False
        forward = span.end <= finding.start
        if cue.direction != "sentence" and forward != (cue.direction == "forward"):
            return False
        gap = finding.start - span.end if forward else span.start - finding.end
        return (not cue.reach or gap <= cue.reach) and not self._cut_off(span, finding)

    def _cut_off(self, span: Span, finding: Span) -> bool:
        """Whether a word like "but" stands between a cue and a finding."""
        left, right = (span, finding) if span.start < finding.start else (finding, span)
        first = bisect.bisect_left(self._cuts, left.end, key=lambda cut: cut.start)
        return first < len(self._cuts) and self._cuts[first].end <= right.start
