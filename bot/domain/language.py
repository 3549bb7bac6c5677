"""Which language a patient writes: English or Spanish, by their commonest words.

Standard library only, so that the fixed texts come in the right language
whatever else is broken. A wrong guess is harmless: every text holds the numbers.
"""

from __future__ import annotations

import enum
import re

_WORD = re.compile(r"[^\W\d_]+")
_SPANISH_MARKS = re.compile(r"[ñ¿¡]")
# Words that the other language does not have, or hardly ever.
_SPANISH = frozenset(
    """
    el los las un una unos unas de del al y que qué como cómo cuando cuándo cuanto cuánto cuánta cuántas donde dónde por
    porque para con sin pero más muy también ya hoy ayer ahora mañana noche día días hora horas yo tú usted ustedes mi mis
    su sus se le les lo nos esto eso esta este está están estoy estás estamos fue era tengo tiene tienen tenía siento siente
    quiero quiere quieren puedo puede pueden puedes necesito necesita hace hacer hago voy va van soy eres somos hay desde
    hasta después antes nada nadie nunca siempre todo toda todos todas otra otro mucho mucha poco bien mal gracias hola sí
    buenos buenas ayuda ayúdenme ayudenme favor esposo esposa hijo hija mamá papá hermano hermana novio novia niño niña bebé
    doctor doctora clínica dolor cabeza pecho respirar respira respiro respirando vivir morir morirme matarme muero duele
    tomé tomó tome tratamiento infusión sesión dosis pastilla pastillas sangre vómito vomitando mareo mareado mareada
    """.split()
)
_ENGLISH = frozenset(
    """
    the a an of and that what how when where why because for with without but more very also already today yesterday now
    tomorrow night day days hour hours i you he she it we they my your his her its our their this these those is are was were
    am be been have has had do does did can can't could will would should need needs feel feels felt want wants since until
    after before nothing nobody never always all some any not don't doesn't didn't isn't im i'm it's thanks hello hi yes
    please help husband wife son daughter mom dad brother sister pain head chest breathe breathing live die kill hurts took
    take treatment infusion session dose pill pills blood
    """.split()
)


class Language(enum.StrEnum):
    """A language that the fixed texts exist in."""

    ENGLISH = "en"
    SPANISH = "es"


def language_of(text: str) -> Language | None:
    """The language of a message; None when its words do not tell ("ok", "911", an emoji)."""
    lowered = text.lower()
    words = _WORD.findall(lowered)
    spanish = sum(word in _SPANISH for word in words) + 2 * bool(_SPANISH_MARKS.search(lowered))
    english = sum(word in _ENGLISH for word in words)
    if spanish == english:
        return None
    return Language.SPANISH if spanish > english else Language.ENGLISH
