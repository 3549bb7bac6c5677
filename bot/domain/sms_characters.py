"""The alphabet of SMS (GSM 03.38), and what stands for characters that it lacks."""

from __future__ import annotations

from collections.abc import Mapping

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes an escape before it: two septets.
EXTENSION = frozenset("\f^{}\\[~]|€")

_BY_REPLACEMENT: Mapping[str, str] = {
    "'": "‘’‚‛′`´ʼʹ‹›",
    '"': "“”„‟″«»",
    "-": "‐‑‒–−•‣◦▪●·⁃",
    " ": "\t\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    # Without width: joiners of emoji are not among them.
    "": "\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff",
    "\n": "\u2028\u2029\v",
}
_LONGER: Mapping[str, str] = {
    "…": "...",
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "×": "x",
    "÷": "/",
    "±": "+/-",
    "≈": "~",
    "≠": "not =",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "°": " deg ",
    "™": "(TM)",
    "®": "(R)",
    "©": "(C)",
    "№": "No.",
    "º": "o",
    "ª": "a",
    "ﬁ": "fi",
    "ﬂ": "fl",
}

TYPOGRAPHIC: Mapping[str, str] = {
    **{char: to for to, characters in _BY_REPLACEMENT.items() for char in characters},
    **_LONGER,
}

# Letters without an accent that could be taken off; replaced only where a text then fits GSM-7.
LETTERS: Mapping[str, str] = {
    "œ": "oe",
    "Œ": "OE",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
}
