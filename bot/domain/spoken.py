"""What a telephone voice says: numbers, units, signs and abbreviations as words, nothing that is markup.

The result is plain text; whoever puts it into XML escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.domain.escalation import REFERENCE_LENGTH, SAYABLE
from bot.domain.language import Language
from bot.domain.messages import Reply
from bot.domain.sms_text import without_typography
from bot.domain.spoken_words import WORDS, SpokenWords

WORDS_A_MINUTE = 150

_LINK = re.compile(r"\b(?:https?://|www\.)\S*[^\s.,;:!?)\]}>\"']", re.IGNORECASE)
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Groups of digits with what people put between them; with a plus any, else ten, eleven or seven digits.
_TELEPHONE = re.compile(r"(?<![\w.,-])\+?\(?\d+(?:(?:\) ?|[ .-]\(?)\d+)*(?![\w%]|[.,]\d)")
_EXTENSION = re.compile(r"\s*(?:/|\bext\.?|\bx)\s*(\d[\d-]*)\b")
_SHORT_NUMBER = re.compile(
    r"\b(911|988|112|999)\b(?!\s*(?:mg|mcg|ml|%|[-–/]\s?\d))|\b(\d{3} \d{3})\b(?!\s*(?:mg|%|\d))"
)
# The full stop of "p.m." may be the sentence's as well.
_HALF = r"([aApP])\.?\s?[mM]\b(?:\.(?!\s+[A-ZÁÉÍÓÚ¿¡]|\s*$))?"
_CLOCK = re.compile(rf"\b([01]?\d|2[0-4]):([0-5]\d)(?:\s*{_HALF})?")
_HOUR = re.compile(rf"\b(1[0-2]|[1-9])\s*{_HALF}")
_RANGE = re.compile(r"(?<![\d.,/-])(\$?\d+(?:\.\d+)?)\s?-\s?(\$?\d+(?:\.\d+)?)(?![\d/]|-\d)")
_FRACTION = re.compile(r"(?<![\d/])(\d{1,3})\s?/\s?(\d{1,3})(?![\d/])")
_UNIT = re.compile(
    r"(?<=\d)\s*(mg/kg|mcg/kg|mg|mcg|kg|ml|mmHg|bpm|lbs?|hrs?|h|mins?|min|g|cm|deg [CF])\b(?!-)", re.IGNORECASE
)
_DOLLARS = re.compile(r"\$\s?(\d[\d,]*(?:\.\d\d)?)")
_SPELLED = re.compile(r"\b(IV|IM|PTSD|OCD|FDA|KAP|ER|MDD|SSRI|SNRI|MAOI|NMDA|EKG|ECG|MRI|ADHD|TMS|ECT)(s?)\b")
_REFERENCE = re.compile(rf"\b[{SAYABLE}]{{{REFERENCE_LENGTH}}}\b")
_BLANK = re.compile(r"\s+")
_COMMAS = re.compile(r"\s*,(?:\s*,)+")
_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?])")
_COMMA_AT_END = re.compile(r",\s*(?=[.;:!?]|$)|(?<=[.;:!?¿¡])\s*,|^\s*,")
_KEPT = re.compile(r"[\w\s.,;:!?'¿¡-]")
_NUMBER_WORD = re.compile(r"\d")


def spoken(text: str, language: Language = Language.ENGLISH) -> str:
    """A text as a voice should read it."""
    words = WORDS[language]
    text = _LINK.sub(words.website, without_typography(text))
    for step in _STEPS:
        text = step(text, words)
    return _tidied(text)


def spoken_reply(reply: Reply, language: Language = Language.ENGLISH) -> str:
    """The short form of a reply, as a voice reads it."""
    return spoken(reply.short or reply.text, language)


def spelled(code: str) -> str:
    """Each letter and digit for itself, with a pause between them: for references."""
    return ", ".join(char for char in code.upper() if char.isalnum())


def speaking_seconds(text: str, words_a_minute: int = WORDS_A_MINUTE) -> float:
    """How long a voice takes for a text that `spoken` made; each digit is a word."""
    words = sum(max(1, len(_NUMBER_WORD.findall(word))) for word in text.split())
    return words * 60 / words_a_minute


def is_too_long(text: str, limit_seconds: float) -> bool:
    """Whether a voice would take more than `limit_seconds` for it."""
    return speaking_seconds(text) > limit_seconds


# -- steps, in order ---------------------------------------------------------------


def _mail(text: str, words: SpokenWords) -> str:
    return _MAIL.sub(lambda found: found[0].replace("@", f" {words.at} ").replace(".", f" {words.dot} "), text)


def _phrases(text: str, words: SpokenWords) -> str:
    for pattern, said in words.phrases:
        text = pattern.sub(said, text)
    return text


def _references(text: str, words: SpokenWords) -> str:
    return _REFERENCE.sub(lambda found: spelled(found[0]), text)


def _telephones(text: str, words: SpokenWords) -> str:
    text = (
        _EXTENSION.sub(lambda found: f" {words.extension} {_digits(found[1])}", text) if _has_telephone(text) else text
    )
    text = _TELEPHONE.sub(lambda found: _telephone(found[0], words), text)
    return _SHORT_NUMBER.sub(lambda found: ", ".join(map(_digits, found[0].split())), text)


def _has_telephone(text: str) -> bool:
    return any(_is_telephone(found[0]) for found in _TELEPHONE.finditer(text))


def _is_telephone(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return (text.startswith("+") and 7 <= digits <= 15) or digits in (7, 10, 11)


def _telephone(text: str, words: SpokenWords) -> str:
    """By its groups; the country code of North America is left out."""
    if not _is_telephone(text):
        return text
    home = re.sub(r"^\+1[ .-]?(?=\D?\d)", "", text)
    groups = re.findall(r"\d+", home)
    if len(groups) == 1 and len(groups[0]) == 10:
        groups = [groups[0][:3], groups[0][3:6], groups[0][6:]]
    said = ", ".join(map(_digits, groups))
    return f"{words.plus} {said}" if home.startswith("+") else said


def _digits(number: str) -> str:
    return " ".join(char for char in number if char.isdigit())


def _times(text: str, words: SpokenWords) -> str:
    text = _CLOCK.sub(lambda found: _clock(int(found[1]), int(found[2]), found[3], words), text)
    return _HOUR.sub(lambda found: _clock(int(found[1]), 0, found[2], words), text)


def _clock(hour: int, minute: int, half: str | None, words: SpokenWords) -> str:
    """Of 12 or 24 hours, as one says it: "5 30 P M", "las 5 y 30 de la tarde"."""
    if half:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if minute == 0 and hour in (0, 12, 24):
        return words.noon if hour == 12 else words.midnight
    said = f"{(hour - 1) % 12 + 1}"
    if minute:
        said += words.minutes.format("0 " * (minute < 10 and words.says_zero) + str(minute))
    return f"{said} {words.part_of_day(hour % 24)}"


def _ranges(text: str, words: SpokenWords) -> str:
    return _RANGE.sub(rf"\1 {words.to} \2", text)


def _fractions(text: str, words: SpokenWords) -> str:
    return _FRACTION.sub(lambda found: _fraction(found[1], found[2], words), text)


def _fraction(upper: str, lower: str, words: SpokenWords) -> str:
    if (upper, lower) in words.fractions:
        return words.fractions[upper, lower]
    # 140/90 is a blood pressure, 7/10 a score.
    return f"{upper} {words.over if int(lower) > 20 else words.out_of} {lower}"


def _units(text: str, words: SpokenWords) -> str:
    text = _DOLLARS.sub(rf"\1 {words.dollars}", text)
    return _UNIT.sub(lambda found: f" {words.units[found[1].lower()]}", text)


def _abbreviations(text: str, words: SpokenWords) -> str:
    return _SPELLED.sub(lambda found: " ".join(found[1]) + ("s" if found[2] else ""), text)


def _signs(text: str, words: SpokenWords) -> str:
    text = re.sub(r"[<>](?!=?\s*[\d$])", " ", text)  # of markup, not of a comparison
    for sign, said in words.signs:
        text = text.replace(sign, said)
    text = re.sub(r"(?<=\w)/(?=\w)", f" {words.either} ", text)
    text = re.sub(r"[()\[\]{}|]|\s-+\s|^\s*-+|\n\s*-*", ", ", text)
    return "".join(char if _KEPT.match(char) and char != "_" else " " for char in text)


def _tidied(text: str) -> str:
    text = _BEFORE_MARK.sub("", _BLANK.sub(" ", text))
    text = _COMMA_AT_END.sub("", _COMMAS.sub(",", text))
    return _BLANK.sub(" ", text).strip()


_STEPS: tuple[Callable[[str, SpokenWords], str], ...] = (
    _mail,
    _phrases,
    _references,
    _telephones,
    _times,
    _ranges,
    _fractions,
    _units,
    _abbreviations,
    _signs,
)
