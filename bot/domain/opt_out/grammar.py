"""A clause of a request, with what is only manners around it, as one pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


def one_of(*alternatives: str) -> str:
    """A group of alternatives."""
    return f"(?:{'|'.join(alternatives)})"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What one language has: manners before, the requests themselves, manners after."""

    before: str
    clauses: Sequence[str]
    after: str

    def compiled(self) -> re.Pattern[str]:
        """For a whole clause."""
        return re.compile(rf"(?:{self.before} )*{one_of(*self.clauses)}(?: {self.after})*")
