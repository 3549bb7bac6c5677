"""Requests in plain words to get no more texts ("stop texting me", "ya no me escriban").

By grammar, English and Spanish: a verb of ending beside a verb of sending or a
word for texts, no sending at all, or a number taken off a list. What is not about
texts ("stop the pain", "cancel my appointment") never fits. A clause counts as a
whole, with what is only manners around it: "don't text me while I work" is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.domain.opt_out import english, spanish

# A longer clause is a tale; the limit also bounds the work.
_MOST_WORDS = 24
_PATTERNS = (english.GRAMMAR.compiled(), spanish.GRAMMAR.compiled())
_SENTENCES = re.compile(r"[.!?;\n]+")
_COMMAS = re.compile(r" ?, ?| -+ ")
# Somebody else's words, or a condition: what follows in the sentence is not asked of us.
_NOT_ASKED = re.compile(
    r"\b(?:said|says|saying|told (?:me|him|her|them)|tells? me|texted|wrote|yelled|dijo|dice|escribio|me dijeron)$"
    r"|^(?:when|while|until|unless|after|before|whenever|if i|if im|cuando|mientras|hasta|si estoy|si me)\b"
)
_OWN_WORDS = re.compile(r"^(?:i|we|ya|les?|te) ")


def wants_no_texts(text: str) -> bool:
    """Whether a message asks, in so many words, to get no more texts at this number."""
    return any(_is_request(clause) for clause in _clauses(_bare(text)))


def _is_request(clause: str) -> bool:
    return clause.count(" ") < _MOST_WORDS and any(pattern.fullmatch(clause) for pattern in _PATTERNS)


def _clauses(text: str) -> Iterator[str]:
    """Each sentence, and each part of one between commas that nothing before it takes back."""
    for sentence in filter(None, map(str.strip, _SENTENCES.split(text))):
        pieces = [piece for piece in map(str.strip, _COMMAS.split(sentence)) if piece]
        yield " ".join(pieces)
        for piece in pieces:
            yield piece
            if _NOT_ASKED.search(piece) and not _OWN_WORDS.match(piece):
                break


def _bare(text: str) -> str:
    """Small letters without accents; marks that end a clause stay, other marks are spaces, apostrophes nothing."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(char for char in letters if not unicodedata.combining(char))
    letters = re.sub(r"['’‘´`]", "", letters)
    letters = re.sub(r"(.)\1{2,}", r"\1", letters)
    letters = re.sub(r"[^\w\s.!?;,-]|(?<=\w)-(?=\w)|_", " ", letters)
    return re.sub(r"[^\S\n]+", " ", letters).strip()
