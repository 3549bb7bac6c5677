"""The screen: a message and the turns before it in, a verdict out."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from bot.safety.context import Context
from bot.safety.matching import PatternSet, Span, Text, tokenise
from bot.safety.rules import Flag, RuleBook, load_rules
from bot.safety.verdict import Evidence, Verdict


class Screen:
    """Red flags over one rule book. Pure: no network, no clock, no state."""

    def __init__(self, book: RuleBook) -> None:
        self._flags = {flag.id: flag for flag in book.flags}
        self._patterns = PatternSet({flag.id: flag.patterns for flag in book.flags}, book.word_lists)
        self._unless = PatternSet({flag.id: flag.unless for flag in book.flags if flag.unless}, book.word_lists)
        self._context = Context(book)

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Verdict:
        """What `text` reports. `earlier` are the patient's turns before it, oldest first."""
        tokens = tokenise(text)
        excused = {(s.label, index) for s in self._unless.find(tokens) for index in range(s.start, s.end)}
        reading = self._context.read(tokens)
        return Verdict(
            tuple(
                self._evidence(tokens, span)
                for span in self._patterns.find(tokens)
                if excused.isdisjoint((span.label, index) for index in range(span.start, span.end))
                and not (self._flags[span.label].cancelled_by & reading.cancels(span))
            )
        )

    def _evidence(self, tokens: Text, span: Span) -> Evidence:
        flag: Flag = self._flags[span.label]
        words, start, end = tokens.cut(span)
        return Evidence(flag.id, flag.category, flag.tier, words, start, end)


@functools.cache
def default_screen() -> Screen:
    """The screen with the rules of this package; loaded once."""
    return Screen(load_rules())
