"""Words that something hides from the readers: zero-width signs, full-width or look-alike letters, marks, digits for letters.

Phones, copied text, text generators and filters at school teach people to write like that; some who
write about killing themselves do it so that nobody notices. A message is read as a person sees it,
beside the way it was sent, and the more serious reading counts: reading it plainly can find a report
and can lose none. What is stored and shown stays what was sent.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.safety.spelling import disguised_words
from bot.safety.verdict import Verdict

# Letters of other scripts that look like one of ours. Not those that stand for something in medicine ("µg", "β", "Ω").
_LOOK_LIKE = {
    "a": "аαɑᴀ",
    "b": "ЬƄʙ",
    "c": "сϲᴄ",
    "d": "ԁɗᴅ",
    "e": "еεєҽᴇ",
    "g": "ɡցɢ",
    "h": "һհʜ",
    "i": "іιıɪӏ",
    "j": "јᴊ",
    "k": "кκᴋ",
    "l": "ʟ",
    "m": "мᴍ",
    "n": "ոɴ",
    "o": "оοօσᴏ",
    "p": "рρᴘ",
    "q": "ԛզ",
    "r": "гʀ",
    "s": "ѕꜱ",
    "t": "тτᴛ",
    "u": "υսᴜ",
    "v": "ѵνᴠ",
    "w": "ԝᴡ",
    "x": "хχ",
    "y": "уγүʏ",
    "z": "ᴢ",
    "A": "АΑ",
    "B": "ВΒ",
    "C": "СϹ",
    "E": "ЕΕ",
    "H": "НΗ",
    "I": "ІΙӀ",
    "J": "Ј",
    "K": "КΚ",
    "M": "МΜ",
    "N": "Ν",
    "O": "ОΟ",
    "P": "РΡ",
    "S": "Ѕ",
    "T": "ТΤ",
    "V": "Ѵ",
    "W": "Ԝ",
    "X": "ХΧ",
    "Y": "УҮΥ",
    "Z": "Ζ",
}
_TWINS = {ord(twin): letter for letter, twins in _LOOK_LIKE.items() for twin in twins}
# Black letters on white and the other way round, which Unicode does not call letters.
_ENCLOSED = {first + at: chr(ord("a") + at) for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6) for at in range(26)}
_COMPATIBLE = ("<wide>", "<narrow>", "<font>", "<circle>", "<super>", "<sub>", "<compat>", "<square>")
_DIGITS = {
    "4": "a",
    "@": "a",
    "3": "e",
    "1": "il",
    "!": "il",
    "|": "il",
    "0": "o",
    "5": "s",
    "$": "s",
    "7": "t",
    "+": "t",
}
_MIXED = re.compile(r"(?<![\w@$])[\w@$!|+']*[\w@$+']")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .*_-])[^\W\d_](?:\1[^\W\d_])+)(?![^\W_])")
_WORD = re.compile(r"[^\s.,;:!?/()\"-]+")
_SHORTEST, _MOST_CHOICES = 3, 4
_LATIN_1 = 0x100

# Letters of a message, each with its place in it.
Letters = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Plain:
    """A text as a person sees it, and where in the message each of its characters stands."""

    text: str = field(repr=False)
    places: Sequence[int] = field(repr=False)

    def in_message(self, message: str, verdict: Verdict) -> Verdict:
        """The same verdict with the words and offsets of the message itself."""
        evidence = []
        for found in verdict.evidence:
            start, end = self.places[found.start], self.places[found.end - 1] + 1
            evidence.append(replace(found, words=message[start:end], start=start, end=end))
        return replace(verdict, evidence=tuple(evidence))


def plain(text: str, between: str = "") -> Plain:
    """The text without its disguise; `between` stands where signs that nobody sees were."""
    letters: Letters = list(zip(text, itertools.count(), strict=False))
    if not text.isascii() or not text.isprintable():
        letters = _seen(letters, between)
        letters = _same_width(letters)
        letters = _without_twins(letters)
        letters = _without_marks(letters)
    letters = _put_together(_letters_for_digits(letters))
    return Plain(_join(letters), [place for _, place in letters])


def read_plainly(text: str, earlier: Sequence[str], read: Callable[[str, Sequence[str]], Verdict]) -> Verdict:
    """The most serious verdict of the ways to see a message; an undisguised one is read once, as it is."""
    ways = {way.text: way for way in (plain(text), plain(text, " "))}
    before = tuple(plain(turn).text for turn in earlier)
    if ways.keys() == {text}:
        return read(text, before)
    verdicts = [way.in_message(text, read(way.text, before)) for way in ways.values()]
    if text not in ways:
        verdicts.append(read(text, before))
    reports = [(verdict.tier.rank, at) for at, verdict in enumerate(verdicts) if verdict.tier]
    if reports:
        return verdicts[min(reports)[1]]
    return next((verdict for verdict in verdicts if verdict.doubt), verdicts[0])


def _join(letters: Letters) -> str:
    return "".join(letter for letter, _ in letters)


def _seen(letters: Letters, between: str) -> Letters:
    """Without signs that take no room; those that join emoji stay."""
    kept: Letters = []
    for at, (letter, place) in enumerate(letters):
        if not _is_unseen(letter) or _joins_signs(letters, at):
            kept.append((letter, place))
        elif between and kept and not kept[-1][0].isspace():
            kept.append((between, place))
    return kept


def _is_unseen(letter: str) -> bool:
    # U+034F, U+115F and their like are letters and marks by name, and blank.
    category = unicodedata.category(letter)
    return (
        category == "Cf" or (category == "Cc" and letter not in "\n\r\t") or letter in "\u034f\u115f\u1160\u3164\uffa0"
    )


def _joins_signs(letters: Letters, at: int) -> bool:
    around = [letters[beside][0] for beside in (at - 1, at + 1) if 0 <= beside < len(letters)]
    return len(around) > 1 and all(unicodedata.category(sign) in ("So", "Sk") or sign == "\ufe0f" for sign in around)


def _without_marks(letters: Letters) -> Letters:
    """Without the strokes and heaps of accents on Latin letters; one that makes a letter of Spanish stays."""
    kept: Letters = []
    base = ""
    contracted = _in_contractions(_join(letters))
    for at, (letter, place) in enumerate(letters):
        if not unicodedata.category(letter).startswith("M"):
            base = letter
        elif unicodedata.normalize("NFKD", base)[:1].isascii():
            made = unicodedata.normalize("NFC", base + letter)
            if at in contracted or len(made) > 1 or ord(made) >= _LATIN_1:
                continue
            base = made
        kept.append((_bare(letter) if at in contracted else letter, place))
    return kept


def _in_contractions(text: str) -> set[int]:
    """Where an accent can only be decoration: in "cán't", since Spanish writes no apostrophes."""
    words = (word for word in _WORD.finditer(text) if "'" in word.group() or "\u2019" in word.group())
    return {at for word in words for at in range(word.start(), word.end())}


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter


def _same_width(letters: Letters) -> Letters:
    """Full-width, mathematical, circled and raised letters as ordinary ones; "½", "²" and "º" stay."""
    kept: Letters = []
    for letter, place in letters:
        kept += [(part, place) for part in _ENCLOSED.get(ord(letter)) or _ordinary(letter)]
    return kept


def _ordinary(letter: str) -> str:
    tag = unicodedata.decomposition(letter).split(" ", 1)[0]
    if ord(letter) < _LATIN_1 or tag not in _COMPATIBLE:
        return letter
    made = unicodedata.normalize("NFKC", letter)
    return made if tag in ("<wide>", "<narrow>") or (made.isascii() and made.isalpha()) or tag == "<font>" else letter


def _without_twins(letters: Letters) -> Letters:
    """Look-alikes of Latin letters, in words that mix scripts or in a message that is of no other script."""
    text = _join(letters)
    ours = text.translate(_TWINS)
    # One letter that has no twin and the message is Russian or Greek: then only mixed words are disguised.
    another = any(c.isalpha() and not _is_latin(c) for c in ours)
    kept = list(letters)
    for word in _WORD.finditer(text):
        made = ours[word.start() : word.end()]
        mixed = any(map(_is_latin, word.group()))
        if made != word.group() and all(map(_is_latin, made)) and (mixed or not another):
            kept[word.start() : word.end()] = [
                (new, place) for new, (_, place) in zip(made, letters[word.start() : word.end()], strict=True)
            ]
    return kept


def _is_latin(letter: str) -> bool:
    return letter.isascii() or not letter.isalpha() or unicodedata.name(letter, "").startswith("LATIN ")


def _letters_for_digits(letters: Letters) -> Letters:
    """ "br3athe" and "$uicid3", where that makes a word of reports: "30mg" and "b12" are what they are."""
    kept = list(letters)
    for word in _MIXED.finditer(_join(letters).lower().replace("\u2019", "'")):
        if made := _known(word.group()):
            kept[word.start() : word.end()] = [
                (new, place) for new, (_, place) in zip(made, letters[word.start() : word.end()], strict=True)
            ]
    return kept


def _known(word: str) -> str | None:
    choices = sum(len(_DIGITS.get(letter, "")) > 1 for letter in word)
    mixed = any(letter in _DIGITS for letter in word) and any(letter.isalpha() for letter in word)
    if len(word) < _SHORTEST or choices > _MOST_CHOICES or not mixed:
        return None
    return next((made for made in _spellings(word) if made in disguised_words()), None)


def _spellings(word: str) -> Iterator[str]:
    yield from map("".join, itertools.product(*(_DIGITS.get(letter, letter) for letter in word)))


def _put_together(letters: Letters) -> Letters:
    """ "b.r.e.a.t.h.e" and "s u i c i d e", where that makes a word of reports."""
    dropped: set[int] = set()
    for word in _SPACED.finditer(_join(letters)):
        if word.group()[::2].lower() in disguised_words():
            dropped.update(range(word.start() + 1, word.end(), 2))
    return [letter for at, letter in enumerate(letters) if at not in dropped]
