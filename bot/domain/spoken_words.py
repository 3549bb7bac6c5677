"""The words that a telephone voice needs in each language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.language import Language


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """How one language says what is written as figures and signs."""

    website: str
    at: str
    dot: str
    extension: str
    plus: str
    to: str
    over: str
    out_of: str
    either: str
    dollars: str
    noon: str
    midnight: str
    # Said after the hour; {} are the minutes, with a zero before one digit where the language says it.
    minutes: str
    says_zero: bool
    part_of_day: Callable[[int], str]
    fractions: Mapping[tuple[str, str], str]
    units: Mapping[str, str]
    phrases: tuple[tuple[re.Pattern[str], str], ...]
    signs: tuple[tuple[str, str], ...]


def _phrases(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), said) for pattern, said in pairs)


def _spanish_part(hour: int) -> str:
    if hour < 12:
        return "de la mañana"
    return "de la tarde" if hour < 20 else "de la noche"


_ENGLISH = SpokenWords(
    website="our website",
    at="at",
    dot="dot",
    extension="extension",
    plus="plus",
    to="to",
    over="over",
    out_of="out of",
    either="or",
    dollars="dollars",
    noon="12 noon",
    midnight="midnight",
    minutes=" {}",
    says_zero=True,
    part_of_day=lambda hour: "A M" if hour < 12 else "P M",
    fractions={
        ("1", "2"): "one half",
        ("1", "3"): "one third",
        ("1", "4"): "one quarter",
        ("3", "4"): "three quarters",
    },
    units={
        "mg": "milligrams",
        "mcg": "micrograms",
        "mg/kg": "milligrams per kilogram",
        "mcg/kg": "micrograms per kilogram",
        "kg": "kilograms",
        "g": "grams",
        "ml": "milliliters",
        "mmhg": "millimeters of mercury",
        "bpm": "beats per minute",
        "lb": "pounds",
        "lbs": "pounds",
        "h": "hours",
        "hr": "hours",
        "hrs": "hours",
        "min": "minutes",
        "mins": "minutes",
        "cm": "centimeters",
        "deg c": "degrees Celsius",
        "deg f": "degrees Fahrenheit",
    },
    phrases=_phrases(
        (r"\b24\s?/\s?7\b", "24 hours a day, 7 days a week"),
        (r"\be\.\s?g\.,?", "for example,"),
        (r"\bi\.\s?e\.,?", "that is,"),
        (r"\betc\.(?=\s+[A-Z]|$)", "and so on."),
        (r"\betc\.?", "and so on"),
        (r"\bvs?\.(?=\s)", "versus"),
        (r"\bDr\.", "Doctor"),
        (r"\bapprox\.", "about"),
        (r"\band/or\b", "or"),
        (r"\bw/o\b", "without"),
        (r"\bw/(?=\s)", "with"),
        (r"\bno\.\s?(?=\d)", "number "),
    ),
    signs=(
        ("%", " percent"),
        ("&", " and "),
        ("+/-", " plus or minus "),
        (">=", " at least "),
        ("<=", " at most "),
        ("->", ", "),
        (">", " more than "),
        ("<", " less than "),
        ("~", " about "),
        ("+", " plus "),
        ("=", " equals "),
        ("#", " number "),
        ("@", " at "),
    ),
)

_SPANISH = SpokenWords(
    website="nuestra página web",
    at="arroba",
    dot="punto",
    extension="extensión",
    plus="más",
    to="a",
    over="sobre",
    out_of="de",
    either="o",
    dollars="dólares",
    noon="12 del mediodía",
    midnight="12 de la noche",
    minutes=" y {}",
    says_zero=False,
    part_of_day=_spanish_part,
    fractions={("1", "2"): "medio", ("1", "3"): "un tercio", ("1", "4"): "un cuarto", ("3", "4"): "tres cuartos"},
    units={
        "mg": "miligramos",
        "mcg": "microgramos",
        "mg/kg": "miligramos por kilo",
        "mcg/kg": "microgramos por kilo",
        "kg": "kilos",
        "g": "gramos",
        "ml": "mililitros",
        "mmhg": "milímetros de mercurio",
        "bpm": "latidos por minuto",
        "lb": "libras",
        "lbs": "libras",
        "h": "horas",
        "hr": "horas",
        "hrs": "horas",
        "min": "minutos",
        "mins": "minutos",
        "cm": "centímetros",
        "deg c": "grados centígrados",
        "deg f": "grados Fahrenheit",
    },
    phrases=_phrases(
        (r"\b24\s?/\s?7\b", "las 24 horas, los 7 días"),
        (r"\bp\.\s?ej\.,?", "por ejemplo,"),
        (r"\betc\.(?=\s+[A-Z]|$)", "etcétera."),
        (r"\betc\.?", "etcétera"),
        (r"\bDra\.", "Doctora"),
        (r"\bDr\.", "Doctor"),
        (r"\bSra\.", "Señora"),
        (r"\bSr\.", "Señor"),
        (r"\baprox\.", "unos"),
        (r"\by/o\b", "o"),
        (r"\bn\.?\s?o\.?\s?(?=\d)", "número "),
    ),
    signs=(
        ("%", " por ciento"),
        ("&", " y "),
        ("+/-", " más o menos "),
        (">=", " al menos "),
        ("<=", " como máximo "),
        ("->", ", "),
        (">", " más de "),
        ("<", " menos de "),
        ("~", " unos "),
        ("+", " más "),
        ("=", " igual a "),
        ("#", " número "),
        ("@", " arroba "),
    ),
)

WORDS: Mapping[Language, SpokenWords] = {Language.ENGLISH: _ENGLISH, Language.SPANISH: _SPANISH}
