"""Numbers in a message and what they measure: "198 over 125", "88%", "14 hrs", "since yesterday".

A pattern asks for them in braces: `{bp>=180/120}`, `{hours>=8}`; see `KINDS`.
"""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.safety.number_words import HOURS, ORDINALS, TIMES, UNITS, VAGUE, WORDS

# What a condition may ask for: the kind of quantity, and its unit in that kind's own unit.
KINDS: Mapping[str, tuple[str, float]] = {
    "number": ("number", 1),
    "bp": ("bp", 1),  # mmHg, systolic/diastolic
    "spo2": ("spo2", 1),  # percent
    "pulse": ("pulse", 1),  # beats a minute
    "breaths": ("breaths", 1),  # a minute
    "fever": ("fever", 1),  # degrees Fahrenheit; Celsius is converted
    "sugar": ("sugar", 1),  # mg/dl
    "mg": ("mg", 1),
    "pills": ("pills", 1),
    "pads": ("pads", 1),
    "times": ("times", 1),
    "gap_seconds": ("gap", 1),
    "year": ("year", 1),
    "minutes": ("duration", 1 / 60),
    "hours": ("duration", 1),
    "days": ("duration", 24),
    "weeks": ("duration", 168),
    "every_minutes": ("every", 1 / 60),
    "ago_hours": ("ago", 1),
}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"(\w+)(>=|<=|>|<)(\d+(?:\.\d+)?)(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number: tokens [start, end). `second` is the lower number of a blood pressure."""

    kind: str
    value: float
    start: int
    end: int
    second: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a pattern asks of a number, such as `hours>=8` or `bp>=180/120` (either number suffices)."""

    kind: str
    operator: str
    value: float
    second: float | None = None

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition; ValueError says what is wrong with it."""
        found = _CONDITION.fullmatch(text)
        if not found or found[1] not in KINDS:
            raise ValueError(f"unknown condition {text!r}; write NAME>=NUMBER with one of: {', '.join(KINDS)}")
        kind, unit = KINDS[found[1]]
        return cls(kind, found[2], float(found[3]) * unit, float(found[4]) if found[4] else None)

    def holds(self, quantity: Quantity) -> bool:
        """Whether a quantity is of this kind and as large or small as asked."""
        if quantity.kind != self.kind:
            return False
        compare = _COMPARE[self.operator]
        both = ((quantity.value, self.value), (quantity.second, self.second))
        # A hair of tolerance: minutes are kept as fractions of an hour.
        slack = 1e-9 if "=" in self.operator else 0.0
        sign = 1 if self.operator.startswith(">") else -1
        return any(a is not None and b is not None and compare(a + sign * slack, b) for a, b in both)


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    start: int
    end: int
    unit: str = ""


_ATTACHED = re.compile(r"(\d+(?:\.\d+)?)([a-z%]+)")
_PAIR = re.compile(r"(\d{2,3})(?:/|over|x)(\d{2,3})")
_PHRASES: Mapping[tuple[str, ...], float] = {
    ("since", "yesterday"): 24,
    ("since", "last", "night"): 10,
    ("since", "monday|tuesday|wednesday|thursday|friday|saturday|sunday"): 24,
    ("all|whole|entire", "day"): 12,
    ("all|whole", "night"): 9,
    ("all|whole|entire", "weekend"): 48,
    ("all|whole|entire", "week"): 120,
    ("for", "days"): 48,
    ("for", "weeks"): 336,
    ("for", "hours"): 3,
    ("desde|dsd", "ayer|antier"): 24,
    ("desde|dsd", "anoche"): 10,
    ("todo", "el", "dia"): 12,
    ("toda", "la", "noche"): 9,
    ("toda", "la", "semana"): 120,
    ("hace", "dias"): 48,
}
_PHRASES_BY_FIRST: dict[str, list[tuple[list[list[str]], float]]] = {}
for _phrase, _hours in _PHRASES.items():
    _parts = [part.split("|") for part in _phrase]
    for _first in _parts[0]:
        _PHRASES_BY_FIRST.setdefault(_first, []).append((_parts, _hours))
# What is measured is said near the number: the kind, its words, and where it is believable.
_NEAR: Sequence[tuple[str, frozenset[str], float, float]] = (
    ("spo2", frozenset("clip oximeter spo2 sp02 o2 sat sats saturation oxygen ox oximetro saturacion oxigeno".split()), 40, 100),
    ("sugar", frozenset("sugar sugars glucose azucar glucosa".split()), 200, 700),
    ("fever", frozenset("fever feverish temp temperature thermometer fiebre calentura temperatura termometro".split()), 37.8, 107),
    ("pulse", frozenset("pulse hr bpm heart heartrate heartbeat pulso latidos corazon watch smartwatch fitbit reloj".split()), 25, 250),
    ("bp", frozenset("bp pressure presion systolic cuff machine monitor top".split()), 140, 290),
)  # fmt: skip
_WINDOW = 6


def quantities(words: Sequence[str]) -> tuple[Quantity, ...]:
    """Everything measured in a tokenised text, in order of appearance."""
    numbers = list(_numbers(words))
    found = [*_pressures(words, numbers), *_phrases(words)]
    for number in numbers:
        found.append(Quantity("number", number.value, number.start, number.end))
        found += _measured(words, number)
    return tuple(sorted(found, key=lambda quantity: quantity.start))


def _numbers(words: Sequence[str]) -> Iterator[_Number]:
    index = 0
    while index < len(words):
        number = _number_at(words, index)
        if number is None:
            index += 1
        else:
            yield number
            index = number.end


def _number_at(words: Sequence[str], index: int) -> _Number | None:
    word = words[index]
    if attached := _ATTACHED.fullmatch(word):
        unit = "times" if attached[2] in ("st", "nd", "rd", "th") else UNITS.get(attached[2], "other")
        return _Number(float(attached[1]), index, index + 1, unit)
    if word in ORDINALS:
        return _Number(ORDINALS[word], index, index + 1, "times")
    if word in ("twice", "thrice"):
        return _Number(2 if word == "twice" else 3, index, index + 1, "times")
    value, end = _value_at(words, index)
    if value is None:
        return None
    unit_at = end + 1 if end < len(words) and words[end] in ("of", "more", "straight", "full", "whole") else end
    unit = UNITS.get(words[unit_at], "") if unit_at < len(words) else ""
    if word in VAGUE and end == index + 1 and unit not in HOURS and word != "one":
        return None
    return _Number(value, index, unit_at + 1 if unit else end, unit)


def _value_at(words: Sequence[str], index: int) -> tuple[float | None, int]:
    word = words[index]
    if re.fullmatch(r"\d+(\.\d+)?", word):
        return float(word), index + 1
    if word in ("a", "an") and words[index + 1 : index + 2] == ("hundred",):
        return _spoken(words, index + 1)
    if word in VAGUE and word != "one":
        return float(VAGUE[word]), index + 1
    return _spoken(words, index)


def _spoken(words: Sequence[str], index: int) -> tuple[float | None, int]:
    """A number in words; voice transcripts say "one ninety eight" for 198."""
    value: float | None = None
    while index < len(words):
        word = words[index]
        if word in TIMES:
            value = (value or 1) * TIMES[word]
        elif word in ("and", "y") and value and words[index + 1 : index + 2] and words[index + 1] in WORDS:
            if value % 10:
                break
        elif word in WORDS:
            joined = _join(value, WORDS[word])
            if joined is None:
                break
            value = joined
        else:
            break
        index += 1
    return value, index


def _join(value: float | None, part: int) -> float | None:
    if value is None:
        return part
    if part < 10 and value % 10 == 0 and value % 100:
        return value + part
    if value in (19, 20) and 10 <= part < 100:  # "twenty fifteen", the year
        return value * 100 + part
    if value < 10 <= part < 100:
        return value * 100 + part
    if value >= 100 and value % 100 == 0 and part < 100:
        return value + part
    return None


def _pressures(words: Sequence[str], numbers: Sequence[_Number]) -> Iterator[Quantity]:
    for index, word in enumerate(words):
        if pair := _PAIR.fullmatch(word):
            yield from _pressure(float(pair[1]), float(pair[2]), index, index + 1)
    for upper, lower in itertools.pairwise(numbers):
        between = words[upper.end : lower.start]
        if between in (("over",), ("/",), ("sobre",), ("-",), ("and",)) or (upper.unit == "times" and not between):
            yield from _pressure(upper.value, lower.value, upper.start, lower.end)


def _pressure(upper: float, lower: float, start: int, end: int) -> Iterator[Quantity]:
    if 70 <= upper <= 300 and 40 <= lower <= 200 and upper > lower:
        yield Quantity("bp", upper, start, end, lower)


def _phrases(words: Sequence[str]) -> Iterator[Quantity]:
    for index, word in enumerate(words):
        for phrase, hours in _PHRASES_BY_FIRST.get(word, ()):
            part = words[index : index + len(phrase)]
            if len(part) == len(phrase) and all(w in p for w, p in zip(part, phrase, strict=True)):
                yield Quantity("duration", hours, index, index + len(phrase))


def _measured(words: Sequence[str], number: _Number) -> Iterator[Quantity]:
    if number.unit in HOURS:
        yield Quantity(_duration_kind(words, number), number.value * HOURS[number.unit], number.start, number.end)
        if number.unit == "second":
            yield Quantity("gap", number.value, number.start, number.end)
    elif number.unit in ("mg", "pill", "pad", "times", "breaths"):
        kind = {"pill": "pills", "pad": "pads"}.get(number.unit, number.unit)
        yield Quantity(kind, number.value, number.start, number.end)
    elif number.unit == "beats":
        yield Quantity("pulse", number.value, number.start, number.end)
    elif not number.unit and 1950 <= number.value <= 2100 and not number.value % 1:
        yield Quantity("year", number.value, number.start, number.end)
    elif number.unit in ("", "percent", "celsius", "fahrenheit", "degrees"):
        yield from _named(words, number)


def _duration_kind(words: Sequence[str], number: _Number) -> str:
    if words[number.end : number.end + 1] and words[number.end] in ("ago", "earlier", "prior", "back"):
        return "ago"
    before = words[max(0, number.start - 1) : number.start]
    return "every" if before and before[0] in ("every", "each", "cada") else "duration"


def _named(words: Sequence[str], number: _Number) -> Iterator[Quantity]:
    """What the words around a bare number say that it measures."""
    near = set(words[max(0, number.start - _WINDOW) : number.end + 3])
    for kind, names, low, high in _NEAR:
        if not near.isdisjoint(names) and low <= number.value <= high and _fits(kind, number):
            value = _fahrenheit(number.value) if kind == "fever" else number.value
            yield Quantity(kind, value, number.start, number.end)
            return
    # 101.8 on its own is a temperature; so is a number with its scale.
    if number.unit in ("celsius", "fahrenheit", "degrees") or (number.value % 1 and 99 < number.value < 107):
        yield Quantity("fever", _fahrenheit(number.value), number.start, number.end)


def _fits(kind: str, number: _Number) -> bool:
    if number.unit == "percent":
        return kind == "spo2"
    scale = number.unit in ("celsius", "fahrenheit", "degrees")
    return kind == "fever" if scale else not (kind == "fever" and 43 < number.value < 98)


def _fahrenheit(value: float) -> float:
    return value * 9 / 5 + 32 if value < 45 else value
