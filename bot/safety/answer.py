"""Yes or no: how a patient answers "is this happening right now?", in English and Spanish.

Only an unambiguous no is a no: "no, I mean right now" is a yes, and "no se" is neither.
"""

from __future__ import annotations

import re

_NOT_WORDS = re.compile(r"[^\w' ]+")
_YES = re.compile(
    r"(?:yes|yeah|yea|yep|yup|ya|yess+|y|ye|aye|correct|right now|now|it is|it's happening|happening now|i am|he is|"
    r"she is|they are|still|i think so|i guess so|sort of|kind of|kinda|maybe|a little|a bit|sometimes|not sure|"
    r"i don't know|i dont know|idk|help|please|"
    r"sí|si|sip|claro|ahora|ahorita|así es|asi es|creo que sí|creo que si|tal vez|quizás|quizas|un poco|no sé|no se|"
    r"ayuda|por favor)\b"
)
_NO = re.compile(
    r"(?:no|nope|nah|naw|n|negative|not|never|none|neither|false alarm|just asking|just curious|just wondering|"
    r"i was just|was just|i'm fine|im fine|i am fine|i'm ok|im ok|i'm okay|im okay|it's gone|its gone|gone now|"
    r"it was|all good|nada|para nada|solo pregunto|sólo pregunto|solo preguntaba|sólo preguntaba|"
    r"solo curiosidad|estoy bien|ya pasó|ya paso)\b"
)
# After a "no" these take it back.
_TAKES_BACK = re.compile(
    r"\b(?:right now|rn|happening|but|however|i mean now|getting worse|worse|it is|still|"
    r"pero|ahora mismo|ahorita|sigue|sigo|empeora|peor)\b"
)
_STANDS = re.compile(
    r"\b(?:not (?:happening|right now|now|rn|at the moment|anymore|any more)|isn't happening|isnt happening|"
    r"nothing is happening|not happening right now|"
    r"no está pasando|no esta pasando|no ahora|ahora no|ahorita no|ya no)\b"
)


def answer_of(text: str) -> bool | None:
    """True for yes (or "I don't know": then a person looks), False for a plain no, None for neither."""
    words = " ".join(_NOT_WORDS.sub(" ", text.lower().replace("\u2019", "'")).split())
    if _STANDS.search(words) and not re.search(r"\b(?:but|pero)\b", words):
        return False
    if words in ("no se", "no sé") or _YES.match(words):
        return True
    if _NO.match(words):
        return bool(_TAKES_BACK.search(words))
    return None
