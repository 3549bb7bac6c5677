"""The sentences of a message, each with the place where it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE = re.compile(r"[^.?!;\n]+[.?!;]*")


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Offset and words of each sentence, without the spaces around it."""
    for match in _SENTENCE.finditer(text):
        words = match.group()
        if stripped := words.strip():
            yield match.start() + len(words) - len(words.lstrip()), stripped
