"""What people type for the words that patterns name: letters dropped, doubled or swapped.

Safe by construction: only the long symptom words of `spelling.yml` are repaired,
only by one letter, never the first, and never from a word that exists.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "spelling.yml"
_MIN_LETTERS = 5
_STRETCHED = re.compile(r"(.)\1{2,}")


@functools.cache
def split_words() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Words that are two: each part as typed, and its normal form ("cnt": c/can, nt/not)."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))["split"]
    return {
        word: tuple((part.split("/")[0], part.split("/")[1]) for part in parts.split()) for word, parts in data.items()
    }


@functools.cache
def disguised_words() -> frozenset[str]:
    """Words of reports, small letters, that are looked for behind digits and between dots."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return frozenset((*data["repaired"].split(), *data["same"], *data["disguised"].split()))


@functools.cache
def _data() -> tuple[Mapping[str, str], Mapping[str, str]]:
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    same = {alias: word for word, aliases in data["same"].items() for alias in aliases.split()}
    words = set(data["repaired"].split())
    kept = words | set(data["kept"].split()) | same.keys()
    slips: dict[str, str] = {}
    for word in sorted(words):
        for slip in _slips(word):
            if slip not in kept:
                slips.setdefault(slip, word)
    return same, slips


def _slips(word: str) -> Iterator[str]:
    if len(word) < _MIN_LETTERS:
        return
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[: at + 1] + word[at:]
        if at + 1 < len(word) and word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def fold(word: str) -> str:
    """Small letters without accents; "ñ" becomes "n" as in hurried typing."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


def normal(word: str) -> str:
    """The form in which words and patterns are compared."""
    same, slips = _data()
    word = fold(word)
    if word in same:
        return same[word]
    if word in slips:
        return same.get(slips[word], slips[word])
    if len(word) > _MIN_LETTERS and (short := _STRETCHED.sub(r"\1", word)) != word:
        return same.get(short, slips.get(short, short))
    return word
