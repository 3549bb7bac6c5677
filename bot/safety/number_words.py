"""Number words and units of English and Spanish, as patients type and say them."""

from __future__ import annotations

_ONES = {
    word: value
    for value, words in enumerate(
        "zero/cero one/un/una/uno two/dos three/tres four/cuatro five/cinco six/seis seven/siete eight/ocho nine/nueve "
        "ten/diez eleven/once twelve/doce thirteen/trece fourteen/catorce fifteen/quince sixteen/dieciseis "
        "seventeen/diecisiete eighteen/dieciocho nineteen/diecinueve".split()
    )
    for word in words.split("/")
}
_TENS = {
    word: 10 * value
    for value, words in enumerate(
        "twenty/veinte thirty/treinta forty/fourty/cuarenta fifty/cincuenta sixty/sesenta seventy/setenta eighty/ochenta "
        "ninety/noventa".split(),
        2,
    )
    for word in words.split("/")
}
_HUNDREDS = {"ciento": 100, "cien": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400}
# "once" is Spanish eleven and an English adverb, "un" and "una" are articles: they
# count only before a unit.
VAGUE = {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 3, "half": 0.5, "un": 1, "una": 1, "once": 11, "one": 1}
TIMES = {"hundred": 100, "thousand": 1000, "mil": 1000}
WORDS = {**_ONES, **_TENS, **_HUNDREDS}
UNITS = {
    word: unit
    for unit, words in {
        "hour": "hour hours hr hrs h hora horas",
        "minute": "minute minutes min mins minuto minutos",
        "second": "second seconds sec secs segundo segundos",
        "day": "day days dia dias",
        "week": "week weeks wk wks semana semanas",
        "month": "month months mes meses",
        "year": "year years yr yrs ano anos",
        "mg": "mg mgs milligram milligrams miligramos",
        "pill": "pill pills tablet tablets capsule capsules pastilla pastillas tableta tabletas troche troches lozenge lozenges",
        "pad": "pad pads toalla toallas",
        "times": "time times x veces vez",
        "percent": "% percent pct",
        "beats": "bpm beats latidos lpm",
        "breaths": "breaths breath breathe respiraciones",
        "celsius": "c celsius",
        "fahrenheit": "f fahrenheit",
        "degrees": "degrees grados degree",
        "clock": "am pm o'clock",
        "dollars": "dollars bucks usd",
    }.items()
    for word in words.split()
}
# One of each unit of time, in hours.
HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0, "month": 720.0, "year": 8760.0}
ORDINALS = {w: n for n, w in enumerate("third fourth fifth sixth seventh eighth ninth tenth".split(), 3)} | {
    "tercera": 3, "cuarta": 4, "quinta": 5, "sexta": 6, "septima": 7, "octava": 8,
}  # fmt: skip
