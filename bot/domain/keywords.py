"""Words that steer texting itself, when they are the whole message: stop, start, help, more.

The words are the FCC's (47 CFR 64.1200), the carriers' and their Spanish ones. A
plain request ("stop texting me") stops as well: `bot.domain.opt_out`. Nothing
here decides what a message means before the safety screen has read it.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Mapping

from bot.domain.opt_out import wants_no_texts


class Keyword(enum.StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    MORE = "more"


# No word of these can be a cry for help.
_UNMISTAKABLE = """
    stop stopall stoptexts stopsms unsubscribe unsub revoke optout optmeout
    alto altoya baja dardebaja darmedebaja desuscribir desuscribirme
"""
# Each of these may be: "end" as in "end it", "quit" as in "I quit".
_PERHAPS_A_PLEA = "quit end cancel parar pare paren cancelar cancele terminar termine fin"

_PLAIN = frozenset(_UNMISTAKABLE.split())
_WORDS: Mapping[str, Keyword] = {
    **dict.fromkeys(_PLAIN, Keyword.STOP),
    **dict.fromkeys(_PERHAPS_A_PLEA.split(), Keyword.STOP),
    **dict.fromkeys("start unstop optin subscribe resubscribe iniciar comenzar reanudar".split(), Keyword.START),
    **dict.fromkeys("help info ayuda".split(), Keyword.HELP),
    **dict.fromkeys("more mas".split(), Keyword.MORE),
}
_YES = frozenset({"yes", "si"})
# What may stand beside a word without changing it.
_POLITE = re.compile(r"\b(?:please|pls|plz|thanks|thank you|thx|por favor|porfa|gracias)\b")
_FOR_POLITE = frozenset({Keyword.STOP, Keyword.MORE})
_DOUBLED = re.compile(r"(.)\1+")
_SEPARATORS = re.compile(r"[^\w]+|_+")


def keyword(text: str, stopped: bool = False) -> Keyword | None:
    """What a message asks of texting, if that is all that it says; `stopped`: a bare "yes" starts again."""
    word = _only_word(text)
    if word is not None and word in _WORDS:
        return _WORDS[word]
    if stopped and word in _YES:
        return Keyword.START
    return _polite(text) or (Keyword.STOP if wants_no_texts(text) else None)


def is_plea_possible(text: str) -> bool:
    """Whether a message that is a keyword could be a cry for help instead ("help", "end", "please stop").

    Only an unmistakable word alone, a request that speaks of texts, START,
    MORE and INFO are none.
    """
    word = _only_word(text)
    if word in _PLAIN or word == "info" or wants_no_texts(text):
        return False
    return keyword(text) in (Keyword.STOP, Keyword.HELP)


def is_plain_request(text: str) -> bool:
    """Whether it stops by a request in words rather than by a keyword: for the record of consent."""
    return _only_word(text) not in _WORDS and _polite(text) is None and wants_no_texts(text)


def _polite(text: str) -> Keyword | None:
    """The keyword beside "please" or "thanks", or said several times, where that changes nothing."""
    words = {_single(word) for word in _POLITE.sub(" ", _bare(text)).split()}
    found = _WORDS.get(_KNOWN_SINGLE.get(words.pop(), "")) if len(words) == 1 else None
    return found if found in _FOR_POLITE else None


def _only_word(text: str) -> str | None:
    """The message as one known word: its letters alone, doubled ones once."""
    return _KNOWN_SINGLE.get(_single(_bare(text).replace(" ", "")))


def _bare(text: str) -> str:
    """Small letters and digits of a message, without accents; all else is a space."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(
        char for char in letters if not unicodedata.combining(char) and (char.isprintable() or char.isspace())
    )
    return _SEPARATORS.sub(" ", letters).strip()


def _single(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)


_KNOWN_SINGLE: Mapping[str, str] = {_single(word): word for word in (*_WORDS, *_YES)}
