"""Callers who do not show a number."""

from __future__ import annotations

# What providers show instead: words, or the words spelled with the keys of a telephone.
_WORDS = frozenset(
    {"anonymous", "unknown", "restricted", "unavailable", "blocked", "private", "withheld", "none", "null"}
)
_KEYS = frozenset({"266696687", "86282452253", "7378742833", "2562533", "8656696", "7748283"})


def is_withheld(number: str) -> bool:
    """Whether a number is none: empty, a word, or such a word in digits."""
    return number.strip().removeprefix("+").lower() in {"", *_WORDS, *_KEYS}
