"""Spoken commands: whole utterances that mean something to the tree itself, in English and Spanish.

A word inside a sentence commands nothing: "I can't stop", "tell my wife goodbye".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.phone_tree.model import Command

_NOT_WORDS = re.compile(r"[^\w' ]+")
# Around a command they change nothing.
_POLITE = re.compile(r"^(?:please|um+|uh+|hi|hello|okay|ok|por favor|eh|hola) | (?:please|por favor|thanks|gracias)$")

_SAID: Mapping[Command, str] = {
    Command.YES: "yes|yeah|yep|yes please|sure|okay|ok|correct|right|that's right|sí|si|claro|correcto|así es|está bien",
    Command.NO: "no|nope|no thank you|no thanks|no gracias",
    Command.TEXT: "text me|text|send me a text|send it to me|text it to me|send a text|text message|mensaje de texto|"
    "mándeme un mensaje|mándeme un texto|envíeme un mensaje|texto",
    Command.CALL_BACK: "call me back|call back|callback|have someone call me|have somebody call me|llámeme|que me llamen|"
    "llámenme",
    Command.MESSAGE: "leave a message|leave a voicemail|voicemail|take a message|dejar un mensaje|buzón|buzón de voz",
    Command.MENU: "main menu|menu|start over|go back|options|what are my options|menú|menú principal|volver|opciones",
    Command.REPEAT: "repeat|repeat that|say that again|say it again|again|pardon|pardon me|what|what was that|come again|"
    "can you repeat that|could you repeat that|repita|repítalo|otra vez|de nuevo|cómo|puede repetir",
    Command.PERSON: "operator|person|a person|human|agent|representative|receptionist|front desk|reception|real person|"
    "speak to a person|talk to a person|speak to someone|talk to someone|speak with someone|talk to somebody|"
    "speak to somebody|i want to talk to a person|i want to speak to a person|can i talk to a person|"
    "operador|operadora|persona|una persona|recepción|representante|agente|hablar con una persona|"
    "quiero hablar con una persona|hablar con alguien|quiero hablar con alguien",
    Command.LANGUAGE: "spanish|español|espanol|en español|habla español|hablo español|english|inglés|in english",
    Command.GOODBYE: "goodbye|good bye|bye|bye bye|that's all|that is all|that's it|nothing else|nothing|i'm done|i am done|"
    "adiós|adios|eso es todo|nada más|nada mas|hasta luego",
}
_COMMANDS = {utterance: command for command, said in _SAID.items() for utterance in said.split("|")}


def command_of(text: str) -> Command | None:
    """The command that a whole utterance is; None for everything else."""
    words = " ".join(_NOT_WORDS.sub(" ", text.lower().replace("\u2019", "'")).split())
    if words in _COMMANDS:
        return _COMMANDS[words]
    return _COMMANDS.get(_POLITE.sub("", _POLITE.sub("", words)))
