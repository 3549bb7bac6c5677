"""How patients ask in Spanish to get no more texts. Small letters, no accents; "ñ" reads as "n"."""

from __future__ import annotations

from bot.domain.opt_out.grammar import Grammar, one_of

# Words for texts, and what stands before them ("más de sus mensajes").
_TEXT = r"(?:mensaj(?:es?|itos?)(?: de texto)?|textos?|sms|notificaciones|avisos|recordatorios|alertas)"
_TEXTS = r"(?:mensaj(?:es|itos)(?: de texto)?|textos|sms)"
_SOME = "(?:(?:los|las|estos|estas|esos|esas|sus|tus|mas|de|tantos|tantas|todos|todas|ningun|mis|el|un|otro|otros) )*"
_NUMBER = "(?:mi|este|ese|nuestro) (?:numero|telefono|celular|movil)(?: de (?:telefono|celular))?"
_TO_ME = f"(?: (?:a {_NUMBER}|a mi|aqui))?"
_LIST = (
    "(?:(?:de|la|su|sus|tu|esta|esa|las|los|todas|todos) )+"
    "(?:listas?|mensajes|textos|contactos|base de datos|notificaciones|sistema|registros)(?: de (?:mensajes|textos|contactos|texto))?"
)

# Ending, sending, and the commands not to: "no me escriben" (they don't write) is none.
_END = "(?:dej(?:e|a|en|ad|es|ar|aran?)|par(?:e|a|en|es|ar)|ces(?:e|en)|terminen?|basta)"
_WRITE = "(?:escribir|textear|mensajear|contactar|molestar)"
_SEND = "(?:mandar|enviar)"
_NOT_WRITE = "(?:llam(?:e|en|es) ni (?:me )?)?(?:escrib(?:a|an|as)|(?:texte|mensaje|contact|molest)(?:e|en|es)|escribir|textear|contactar)"
_NOT_SEND = "(?:mand(?:e|en|es)|envi(?:e|en|es)|mandar|enviar)"
_NO = "(?:ya )?(?:no|nunca|jamas)(?: mas)?"
_AGAIN = "(?:vuelv(?:a|an|as) a )?"
_REMOVE = "(?:quit|borr|elimin|retir)(?:e|en|a|ar)|saqu(?:e|en)|sacar?|remuev(?:a|an)|olvid(?:e|en)"

_CLAUSES = (
    # dejen de escribirme; deje de mandarme mensajes; dejar de recibir mensajes
    f"{_END} de {_WRITE}(?:me|nos)?{_TO_ME}",
    f"{_END} de {_SEND}(?:me|nos)? {_SOME}{_TEXT}{_TO_ME}",
    f"{_END} de {_SEND}(?:me|nos) (?:esto|eso|cosas)",
    f"{_END} de recibir {_SOME}{_TEXT}",
    f"(?:basta|paren?) (?:con|de) {_SOME}{_TEXT}",
    # no me escriban más; no manden mensajes a este número
    f"{_NO} (?:me |nos ){_AGAIN}{_NOT_WRITE}",
    f"{_NO} {_AGAIN}{_NOT_WRITE} a {_NUMBER}",
    f"{_NO} (?:me |nos )?{_AGAIN}{_NOT_SEND}(?:me|nos)? {_SOME}{_TEXT}{_TO_ME}",
    f"{_NO} (?:me |nos ){_NOT_SEND} (?:mas )?(?:nada|cosas|esto|eso)",
    # no quiero más mensajes; no más textos; cancelar los mensajes
    f"{_NO} (?:quiero|deseo|queremos|autorizo|acepto|necesito)"
    "(?: que (?:me|nos) (?:manden?|envien?|lleguen|sigan (?:mandando|enviando))| (?:seguir )?recib(?:ir|iendo))?"
    f" {_SOME}{_TEXT}",
    f"{_NO} (?:quiero|deseo|queremos) que (?:me|nos) {_NOT_WRITE}",
    f"(?:no|ni|alto a|fin a) {_SOME}{_TEXTS}",
    "(?:cancel(?:e|en|a|o|ar)|deteng(?:a|an)|detener|par(?:e|en|ar)|suspend(?:a|an|er)|desactiv(?:e|en|ar)|quit(?:e|en|ar)|"
    f"bloque(?:e|en|ar)) {_SOME}{_TEXT}",
    "cancel(?:o|ar) (?:la|mi) suscripcion",
    # quíteme de su lista; borren mi número; deme de baja
    f"(?:{_REMOVE})(?:me|nos) {_LIST}",
    f"me (?:{_REMOVE}) {_LIST}",
    f"(?:{_REMOVE}) {_NUMBER}(?: {_LIST})?",
    f"(?:me )?(?:de|den|da|dar|doy|dame|deme|denme|darme|darnos|dennos) de baja(?: (?:(?:a |de )?{_NUMBER}|{_LIST}))?",
    "desuscrib(?:ame|anme|irme)",
    f"(?:retiro|revoco) mi (?:consentimiento|permiso)(?: (?:para|de|a)(?: recibir)? {_SOME}{_TEXT})?",
)

# Manners, and who asks whom.
_BEFORE = one_of(
    "hola|buen(?:o|a)s (?:dias|tardes|noches)|buenas|oigan?|oye|miren?|senor|senora|senores|disculpen?|perdon|por ?favor|porfa",
    "favor de|ya|y|pero|si|no gracias|de nuevo|otra vez|inmediatamente|numero equivocado",
    "(?:(?:ya )?(?:les?|te) )?(?:pido|pedi|dije|digo|ruego|exijo|suplico|agradeceria|repito|he dicho)(?: ya)?(?: que)?",
    "(?:quiero|queremos|necesito|quisiera|deseo|me gustaria|espero|solicito)(?: que)?(?: me)?",
    "(?:me )?(?:puede|pueden|puedes|podria|podrian|podrias)(?: me)?|puedo|quieren?|hagan? el favor de",
    "(?:como|donde) (?:puedo|se puede|hago para|podria|le hago para)|como",
)
_AFTER = one_of(
    "por ?favor|porfa|gracias|muchas gracias|pero gracias|ya|ahora|ahora mismo|mas|nunca|nunca mas|jamas|de una vez",
    "inmediatamente|ya mismo|hoy|aqui|a mi|suyos|ok|si|desde ahora|en el futuro|para siempre|tampoco|nada",
    f"a {_NUMBER}|de (?:ustedes|usted|la clinica|su clinica|este numero)|(?:ya )?no soy (?:su )?paciente|numero equivocado",
    "porque .*|o .*",
)

GRAMMAR = Grammar(before=_BEFORE, clauses=_CLAUSES, after=_AFTER)
