"""Turns of the phone tree as TwiML."""

from __future__ import annotations

from urllib.parse import quote

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from bot.domain.language import Language
from bot.domain.phone_tree.model import Fetch, HangUp, Line, Listen, Record, RingDesk, RingPerson
from bot.domain.phone_tree.scene import texts_in
from bot.domain.spoken import spoken
from bot.services.spoken_turn import SpokenTurn
from bot.twilio.paths import VOICE

TURN = f"{VOICE}/turn"
WHISPER = f"{VOICE}/whisper"
TRANSCRIPT = f"{VOICE}/transcript"

# Seconds without a sound that end what somebody says: whoever is short of breath, or looks for words, pauses.
_SPEECH_PAUSE = "2"
# Seconds that a phone rings, shorter than it takes most voicemails to pick up; and who talks may talk.
_RING_SECONDS = 20
_LONGEST_TALK_SECONDS = 4 * 60 * 60
# Longer ones are not transcribed.
_LONGEST_MESSAGE_SECONDS = 120
_SILENCE_SECONDS = 5


def document(turn: SpokenTurn) -> str:
    """What the provider is to do next."""
    response = VoiceResponse()
    action = f"{TURN}/{turn.turn}"
    match turn.then:
        case Listen() as listen:
            gather = _gather(turn, listen, action)
            _say(gather, turn)
            response.append(gather)
            # Silence, where the provider does not post it as an empty result.
            response.redirect(action, method="POST")
            return str(response)
        case _:
            _say(response, turn)
    match turn.then:
        case RingDesk() | RingPerson():
            _dial(response, turn, action)
        case Record():
            _record(response, action)
        case Fetch():
            response.pause(length=1)
            response.redirect(action, method="POST")
        case HangUp():
            response.hangup()
    return str(response)


def _gather(turn: SpokenTurn, listen: Listen, action: str) -> Gather:
    texts = texts_in(turn.language)
    return Gather(
        input="dtmf speech",
        action=action,
        method="POST",
        timeout=listen.seconds,
        speech_timeout=_SPEECH_PAUSE,
        num_digits=listen.keys,
        # A single key may be any, star and pound too; a number ends with pound.
        finish_on_key="#" if listen.keys is None else "",
        language=texts.code,
        hints=", ".join(texts.hints),
        # Stars in place of words hide a report.
        profanity_filter=False,
        barge_in=True,
        action_on_empty_result=True,
    )


def _say(onto: VoiceResponse | Gather, turn: SpokenTurn) -> None:
    for line in turn.says:
        language = line.language or turn.language
        onto.say(spoken(line.text, language), language=texts_in(language).code)


def _dial(response: VoiceResponse, turn: SpokenTurn, action: str) -> None:
    if turn.number is None:
        response.redirect(action, method="POST")
        return
    incoming, person = turn.incoming, turn.then if isinstance(turn.then, RingPerson) else None
    # The desk sees who calls; somebody on call sees that it is the clinic.
    own = person is not None or incoming.sender is None
    dial = Dial(
        action=action,
        method="POST",
        timeout=_RING_SECONDS,
        time_limit=_LONGEST_TALK_SECONDS,
        answer_on_bridge=True,
        caller_id=incoming.clinic_number if own else None,
    )
    url = f"{WHISPER}/{quote(incoming.call_id)}/{quote(person.person)}" if person else None
    dial.number(turn.number, url=url, method="POST" if url else None)
    response.append(dial)


def _record(response: VoiceResponse, action: str) -> None:
    response.record(
        action=action,
        method="POST",
        timeout=_SILENCE_SECONDS,
        finish_on_key="#",
        max_length=_LONGEST_MESSAGE_SECONDS,
        play_beep=True,
        trim="do-not-trim",
        transcribe=True,
        transcribe_callback=TRANSCRIPT,
    )
    response.redirect(action, method="POST")


# -- the on-call person's end ----------------------------------------------------------


def whisper(text: str, again: str, action: str, seconds: int) -> str:
    """What it is about, and a key to take it; without one, no connection."""
    response = VoiceResponse()
    for words in (text, again):
        gather = Gather(input="dtmf", num_digits=1, timeout=seconds, finish_on_key="", action=action, method="POST")
        gather.say(spoken(words), language=texts_in(Language.ENGLISH).code)
        response.append(gather)
    response.hangup()
    return str(response)


def words(*lines: Line, hang_up: bool) -> str:
    """Sentences, and then the end or, on the other end of a transfer, the connection."""
    response = VoiceResponse()
    for line in lines:
        response.say(spoken(line.text), language=texts_in(Language.ENGLISH).code)
    if hang_up:
        response.hangup()
    return str(response)
