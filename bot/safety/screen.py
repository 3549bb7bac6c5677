"""The screen: a message and the turns before it in, a verdict out."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from bot.safety.context import Context, Reading
from bot.safety.disguise import read_plainly
from bot.safety.matching import PatternSet, Span, Text, tokenise
from bot.safety.rules import Flag, RuleBook, load_rules
from bot.safety.verdict import Evidence, Verdict


class Screen:
    """Red flags over one rule book. Pure: no network, no clock, no state."""

    def __init__(self, book: RuleBook) -> None:
        self._flags = {flag.id: flag for flag in book.flags}
        self._patterns = PatternSet({flag.id: flag.patterns for flag in book.flags}, book.word_lists)
        self._unless = PatternSet({flag.id: flag.unless for flag in book.flags}, book.word_lists)
        self._together = PatternSet({flag.id: flag.together_with for flag in book.flags}, book.word_lists)
        self._not_when = PatternSet({flag.id: flag.not_when for flag in book.flags}, book.word_lists)
        self._context = Context(book)

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Verdict:
        """What `text` reports. `earlier` are the patient's turns before it, oldest first."""
        return read_plainly(text, earlier, lambda plain, _: self._read(plain))

    def _read(self, text: str) -> Verdict:
        tokens = tokenise(text)
        found = self._patterns.find(tokens)
        if not found:
            return Verdict()
        reading = self._context.read(tokens)
        excused = {(s.label, index) for s in self._unless.find(tokens) for index in range(s.start, s.end)}
        company = self._said(self._together, tokens, reading)
        excuses = self._said(self._not_when, tokens, reading)
        standing = tuple(
            self._evidence(tokens, span)
            for span in found
            if excused.isdisjoint((span.label, index) for index in range(span.start, span.end))
            and (span.label in company or not self._flags[span.label].together_with)
            and span.label not in excuses
            and not self._cancelled(span, reading)
        )
        return Verdict(standing, denied=all("negated" in reading.cancels(span) for span in found))

    def _said(self, patterns: PatternSet, tokens: Text, reading: Reading) -> frozenset[str]:
        """The flags of which something is said, and not taken back, anywhere in the message."""
        return frozenset(span.label for span in patterns.find(tokens) if not self._cancelled(span, reading))

    def _cancelled(self, span: Span, reading: Reading) -> bool:
        return bool(self._flags[span.label].cancelled_by & reading.cancels(span))

    def _evidence(self, tokens: Text, span: Span) -> Evidence:
        flag: Flag = self._flags[span.label]
        words, start, end = tokens.cut(span)
        return Evidence(flag.id, flag.category, flag.tier, words, start, end)


@functools.cache
def default_screen() -> Screen:
    """The screen with the rules of this package; loaded once."""
    return Screen(load_rules())
