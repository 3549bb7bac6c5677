"""What the words around a finding make of it, in the tradition of ConText.

A cue cancels a finding only when that is unambiguous: when in doubt the
finding stands, and a person looks. So what a person states ("I have …", "she
is …", "me duele …") outranks a question, a fear or a past that is spoken of
elsewhere in the sentence: those govern their own clause only.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from bot.safety.matching import PatternSet, Span, Text
from bot.safety.rules import Cancel, Cue, RuleBook, Statement

# How many words ("is having a really bad") may stand between who has it and what it is.
_LIGHT_WORDS = 7


@dataclass(frozen=True, slots=True)
class Stated:
    """Somebody is said to have it: where that starts, whose it is, and when."""

    start: int
    own: bool
    past: bool


class Context:
    """The cues of a rule book, ready to read texts."""

    def __init__(self, book: RuleBook) -> None:
        self._statement = book.statement
        self._cues = {cue.id: cue for cue in book.cues}
        self._cue_patterns = PatternSet({cue.id: cue.patterns for cue in book.cues}, book.word_lists)
        self._marks = PatternSet(
            {"pseudo": book.pseudo, "terminator": book.terminators, "now": book.now}, book.word_lists
        )

    def read(self, text: Text) -> Reading:
        """Find the cues of a text, once for all of its findings."""
        marks = self._marks.find(text)
        look_alikes = [mark for mark in marks if mark.label == "pseudo"]
        cues = [
            (self._cues[cue.label], cue)
            for cue in self._cue_patterns.find(text)
            if not any(fake.overlaps(cue) for fake in look_alikes)
        ]
        return Reading(text, self._statement, cues, marks)


class Reading:
    """The cues of one text."""

    def __init__(
        self, text: Text, statement: Statement, cues: Sequence[tuple[Cue, Span]], marks: Sequence[Span]
    ) -> None:
        self._text = text
        self._statement = statement
        self._cues = cues
        self._cuts = [mark for mark in marks if mark.label == "terminator"]
        self._now = {text.sentences[mark.start] for mark in marks if mark.label == "now"}

    def cancels(self, finding: Span) -> frozenset[Cancel]:
        """What is said of a finding: negated, asked about, hypothetical, feared, past, resolved, elsewhere."""
        reaching = [(cue, span) for cue, span in self._cues if self._reaches(cue, span, finding)]
        if not reaching:
            return frozenset()
        stated = self.stated(finding)
        return frozenset(cue.cancel for cue, span in reaching if stated is None or not _outranks(stated, cue, span))

    def stated(self, finding: Span) -> Stated | None:
        """Who is said to have the finding, if somebody is: "my husband keeps" having it."""
        words, names = self._text.words, self._statement
        past = any(self._is_past(at) for at in range(finding.start, finding.end))
        for at in range(finding.start, max(-1, finding.start - _LIGHT_WORDS), -1):
            word = words[at]
            if word in names.own or word in names.others or (at < finding.start and self._text.is_name(at)):
                start = self._first_of_subject(at)
                own = word in names.own
                return None if self._governed(start, at) else Stated(start, own, past)
            if at < finding.start:
                past = past or self._is_past(at)
                if word not in names.light and word not in names.past:
                    return None
        return None

    def _is_past(self, at: int) -> bool:
        # The normal form of the "did" in "didn't" is "do": look at what was typed.
        typed = self._text.doc[at].text
        return typed in self._statement.past or self._text.words[at] in self._statement.past or typed.endswith("ed")

    def _first_of_subject(self, at: int) -> int:
        """ "husband" of "my husband": where the subject starts."""
        names = self._statement
        while at and (self._text.words[at - 1] in names.own or self._text.words[at - 1] in names.others):
            at -= 1
        return at

    def _governed(self, start: int, subject: int) -> bool:
        """Whether the statement hangs on "if", or is turned round into a question."""
        if not start or any(cut.start < start <= cut.end for cut in self._cuts):
            return False
        before = self._text.words[start - 1]
        if before == "a" and start > 1:
            before = self._text.words[start - 2]
        if before in self._statement.negators and self._text.words[start] in self._statement.verbs:
            return True
        if before in self._statement.governors or (before in ("and", "n", "y") and self._supposed(start)):
            return True
        following = self._text.words[subject + 1] if subject + 1 < len(self._text.words) else ""
        # "Is my chest pain a side effect?" says that there is chest pain.
        if before in ("is", "are") and subject == start and self._text.words[start] in self._statement.possessives:
            return False
        return before in self._statement.questions and following not in self._statement.finite

    def _supposed(self, start: int) -> bool:
        """Whether "what if … and I cannot talk" goes on supposing."""
        return any(cue.cancel == "hypothetical" and 0 < start - span.end <= _LIGHT_WORDS for cue, span in self._cues)

    def _reaches(self, cue: Cue, span: Span, finding: Span) -> bool:
        # "say I" may share a word with a finding ("I fainted"); "is not" may not take the "not" out of one.
        if span.overlaps(finding) and (cue.cancel == "negated" or span.start >= finding.start):
            return False
        if not self._text.same_sentence(span.start, finding.start):
            return False
        if cue.yields_to_now and self._text.sentences[finding.start] in self._now:
            return False
        forward = span.start < finding.start
        if cue.direction != "sentence" and forward != (cue.direction == "forward"):
            return False
        gap = finding.start - span.end if forward else span.start - finding.end
        return (not cue.reach or gap <= cue.reach) and not self._cut_off(cue, span, finding)

    def _cut_off(self, cue: Cue, span: Span, finding: Span) -> bool:
        """Whether a word like "but" stands between a cue and a finding."""
        left, right = (span, finding) if span.start < finding.start else (finding, span)
        first = bisect.bisect_left(self._cuts, left.end, key=lambda cut: cut.start)
        if first < len(self._cuts) and self._cuts[first].end <= right.start:
            return True
        return "," in self._text.words[left.end : right.start] and not self._passes_commas(cue, span)

    def _passes_commas(self, cue: Cue, span: Span) -> bool:
        if cue.commas != "list":
            return cue.commas == "pass"
        words, sentence = self._text.words, self._text.sentences[span.start]
        rest = range(span.end, len(words))
        return any(words[at] in ("or", "nor", "ni", "o") and self._text.sentences[at] == sentence for at in rest)


def _outranks(stated: Stated, cue: Cue, span: Span) -> bool:
    """Whether a statement is stronger than a cue beside it."""
    if cue.cancel == "elsewhere":
        return stated.own and stated.start >= span.end
    if cue.cancel == "past":
        return not stated.past
    if cue.cancel == "idiom":
        return False
    if cue.cancel in ("negated", "resolved"):
        return stated.start >= span.end
    if cue.cancel == "expected":
        return not stated.past
    return stated.start >= span.end or span.start > stated.start
