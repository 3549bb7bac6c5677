"""What the words around a finding make of it, in the tradition of ConText.

A cue cancels a finding only when that is unambiguous: when in doubt the
finding stands, and a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.safety.matching import PatternSet, Span, Text
from bot.safety.rules import Cancel, Cue, RuleBook


class Context:
    """Finds the cues of a text and says what they cancel."""

    def __init__(self, book: RuleBook) -> None:
        self._cues = {cue.id: cue for cue in book.cues}
        self._cue_patterns = PatternSet({cue.id: cue.patterns for cue in book.cues}, book.word_lists)
        self._pseudo = PatternSet({"pseudo": book.pseudo}, book.word_lists)
        self._terminators = PatternSet({"terminator": book.terminators}, book.word_lists)

    def cancels(self, text: Text, finding: Span) -> frozenset[Cancel]:
        """What is said of a finding: negated, asked about, hypothetical, past, elsewhere."""
        return frozenset(
            self._cues[cue.label].cancel for cue in self._live_cues(text, finding) if self._reaches(text, cue, finding)
        )

    def _live_cues(self, text: Text, finding: Span) -> Iterable[Span]:
        """Cues that stand outside of the finding and are not part of a look-alike."""
        pseudo = self._pseudo.find(text)
        for cue in self._cue_patterns.find(text):
            if not cue.overlaps(finding) and not any(cue.overlaps(fake) for fake in pseudo):
                yield cue

    def _reaches(self, text: Text, span: Span, finding: Span) -> bool:
        cue = self._cues[span.label]
        start, end = text.sentence_of(span.start)
        if not (start <= finding.start < end):
            return False
        if cue.direction == "sentence":
            return not self._cut_off(text, span, finding)
        forward = cue.direction == "forward"
        if forward != (span.end <= finding.start):
            return False
        gap = finding.start - span.end if forward else span.start - finding.end
        return (not cue.reach or gap <= cue.reach) and not self._cut_off(text, span, finding)

    def _cut_off(self, text: Text, span: Span, finding: Span) -> bool:
        """Whether a word like "but" stands between a cue and a finding."""
        left, right = sorted((span, finding), key=lambda s: s.start)
        return any(left.end <= cut.start and cut.end <= right.start for cut in self._terminators.find(text))


def describe(cue: Cue) -> str:
    """A cue in words, for reports and reviews."""
    reach = f"up to {cue.reach} words" if cue.reach else "to the end of the sentence"
    return f"{cue.id}: {cue.cancel}, {cue.direction}, {reach}"
