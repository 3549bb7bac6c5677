"""What fits into a text message: alphabets, segments, and where a long text may be cut.

GSM 03.38 is the alphabet of SMS: 160 septets a message, 153 in each segment of a
longer one. One character outside of it makes the whole message UCS-2: 70 and 67
UTF-16 units. A carrier joins segments again; each costs money, and more than three arrive late.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.sms_characters import EXTENSION, GSM, LETTERS, TYPOGRAPHIC

MOST_SEGMENTS = 3
# The longest message that providers take, in characters.
MOST_CHARACTERS = 1600

# A number with its groups, as "+1 (555) 010-0199" or "116 123".
_NUMBER = re.compile(r"[+(]*\d[\d().,/:+-]*(?: [(+]?\d[\d().,/:+-]*)*")
_LINK = re.compile(r"\S*(?:://|www\.)\S*")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?…]['\")]*$|[:;]$")
_NO_SENTENCE_END = re.compile(r"(?:\b(?:[A-Za-z]|Dr|Dra|Mr|Mrs|Ms|Sr|Sra|vs|etc|No|approx))\.$")
_EM_DASH = re.compile(r"[ \t]*[—―][ \t]*")
_FRACTION = re.compile(r"(?<=\d)(?=[½⅓⅔¼¾])")
# Of a dose: "ug" is what safety bodies advise against, "mcg" is not.
_MICRO = re.compile(r"[µμ](?=[gGlL]\b)")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class Encoding(enum.StrEnum):
    """How a message travels."""

    GSM_7 = "gsm-7"
    UCS_2 = "ucs-2"


@dataclass(frozen=True, slots=True)
class Split:
    """What goes out, message by message, and what is kept for "MORE" (empty: that was all)."""

    now: tuple[str, ...]
    rest: str = ""


def encoding(text: str) -> Encoding:
    """The alphabet that a text needs."""
    return Encoding.GSM_7 if all(char in GSM or char in EXTENSION for char in text) else Encoding.UCS_2


def units(text: str) -> int:
    """Length in what its alphabet counts: septets or UTF-16 units."""
    return sum(_widths(text))


def segments(text: str) -> int:
    """How many segments a text takes; none for an empty one."""
    alone, joined = (160, 153) if encoding(text) is Encoding.GSM_7 else (70, 67)
    widths = list(_widths(text))
    if sum(widths) <= alone:
        return int(bool(text))
    count, used = 1, 0
    for width in widths:  # a character of two units never straddles two segments
        if used + width > joined:
            count, used = count + 1, 0
        used += width
    return count


def _widths(text: str) -> Iterator[int]:
    if encoding(text) is Encoding.GSM_7:
        return (2 if char in EXTENSION else 1 for char in text)
    return (2 if ord(char) > 0xFFFF else 1 for char in text)


def plain(text: str) -> str:
    """The text with plain quotes, dashes and spaces, and without accents where all of it then fits GSM-7.

    Ñ, é, ü, ¿ and ¡ are in GSM-7 and stay. A text with an emoji or another
    script costs UCS-2 anyhow, and so keeps its accents.
    """
    typed = without_typography(text)
    bare = "".join(map(_bare, typed))
    return bare if encoding(bare) is Encoding.GSM_7 else typed


def without_typography(text: str) -> str:
    """The text with the quotes, dashes, spaces and signs of a keyboard; letters stay."""
    text = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH)
    text = _FRACTION.sub(" ", _MICRO.sub("mc", _EM_DASH.sub(" - ", text)))
    return "".join(TYPOGRAPHIC.get(char, char) for char in text)


def _bare(char: str) -> str:
    """Without its accent, if GSM-7 has it then; nothing for what only shapes the character before it."""
    if char in GSM or char in EXTENSION:
        return char
    if char in "\u200d\ufe0e\ufe0f":
        return ""
    char = LETTERS.get(char, char)
    stripped = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))
    return stripped if all(c in GSM for c in stripped) else char


def whole(text: str) -> Split:
    """All of it at once, for what must never be cut; more than one message only past what a provider takes."""
    text = plain(text).strip()
    now = []
    while len(text) > MOST_CHARACTERS:
        cut = max((at for at in _boundaries(text) if at <= MOST_CHARACTERS), default=MOST_CHARACTERS)
        now.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return Split((*now, text) if text else tuple(now))


def parts(text: str, more: str, most: int = MOST_SEGMENTS) -> Split:
    """One message of at most `most` segments, and the rest of the text.

    `more` is added, and counted, where something remains. Cut at a sentence's
    end if half of the message is full by then, else between words; never inside
    a word, a number or a link, unless that alone is longer than a message.
    """
    text = plain(text).strip()
    if segments(text) <= most:
        return Split((text,) if text else ())
    fitting = [at for at in _boundaries(text[: 160 * most + 1]) if segments(_head(text, at, more)) <= most]
    cut = _best(text, fitting) if fitting else _anywhere(text, more, most)
    return Split((_head(text, cut, more),), text[cut:].strip())


def _head(text: str, cut: int, more: str) -> str:
    # Read again: what remained may have been all that kept its accents.
    return plain(f"{text[:cut].rstrip()} {more}")


def _boundaries(text: str) -> list[int]:
    """Where it may be cut: the ends of words that are no part of a number."""
    numbers = [found.span() for found in _NUMBER.finditer(text)]
    ends = (space.start() for space in _SPACE.finditer(text))
    inside = {at for start, end in numbers for at in range(start + 1, end)}
    return [at for at in ends if at not in inside]


def _best(text: str, fitting: list[int]) -> int:
    last = fitting[-1]
    sentences = [at for at in fitting if at >= last / 2 and _ends_sentence(text, at)]
    return sentences[-1] if sentences else last


def _ends_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - 12) : at]
    return text[at] == "\n" or bool(_SENTENCE_END.search(before) and not _NO_SENTENCE_END.search(before))


def _anywhere(text: str, more: str, most: int) -> int:
    """Where to cut what has no place for it: after a link, however long; else where the message is full."""
    link = _LINK.match(text)
    if link and link.end() <= MOST_CHARACTERS - len(more):
        return link.end()
    return max((at for at in range(1, 160 * most) if segments(_head(text, at, more)) <= most), default=1)
