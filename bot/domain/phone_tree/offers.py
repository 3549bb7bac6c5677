"""When talking does not help: a text, a call back, a message for the staff. Each way ends in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.language import Language
from bot.domain.phone_tree.model import (
    CallBack,
    Command,
    Effect,
    Left,
    Line,
    Listen,
    Record,
    Stage,
    Step,
    TextMe,
    Why,
)
from bot.domain.phone_tree.reports import hold
from bot.domain.phone_tree.scene import MOST_MISSES, Scene

PRESSED_KEY, SAID_YES = "pressed_key", "said_yes"
_REASON = "callback_requested"
_NUMBER = Listen(keys=None, seconds=10)


def offer(scene: Scene, why: Why, before: Iterable[Line] = (), misses: int = 0) -> Step:
    """Offer a text where one can be sent; else the staff call back, without further questions."""
    lead = (*before, scene.line(scene.texts.why[why]))
    scene = scene.changed(why=why, misses=misses)
    if not scene.facts.can_text:
        return call_back(scene, lead)
    keys = {"1": Command.TEXT, "2": Command.CALL_BACK}
    lines = (*lead, *scene.lines(scene.texts.offer_text, scene.texts.offer_callback))
    if not scene.facts.desk_open:
        keys["3"] = Command.MESSAGE
        lines = (*lines, scene.line(scene.texts.offer_message))
    return scene.listen(lines, Stage.OFFER, {key: str(command) for key, command in keys.items()})


def not_taken(scene: Scene) -> Step:
    """Silence, or words that answer nothing: the offer once more, then the staff call back and the call ends."""
    misses = scene.state.misses + 1
    if misses < MOST_MISSES:
        return offer(scene, scene.state.why, misses=misses)
    if scene.facts.number_known:
        return _ended(scene, scene.line(scene.texts.will_call_back), CallBack(_REASON))
    return ask_number(scene)


def accepted(scene: Scene, how: str, words: str) -> Step:
    """The caller agreed to texts, in words that were said."""
    agreed = TextMe(how, scene.line(words).text)
    return _settled(scene, scene.lines(scene.texts.text_is_coming), agreed)


def _settled(scene: Scene, says: Iterable[Line], *does: Effect) -> Step:
    """Something was arranged; whoever has a report open goes on holding."""
    if scene.facts.case is None:
        return scene.more(says, *does, settled=True)
    return replace(hold(scene.changed(settled=True), says), does=does)


def _ended(scene: Scene, says: Line, *does: Effect) -> Step:
    """Nothing more can be done; but nobody with an open report is hung up on."""
    step = scene.goodbye(says) if scene.facts.case is None else hold(scene.changed(settled=True), (says,))
    return replace(step, does=does)


def declined(scene: Scene) -> Step:
    """No text. Whoever needed one is called back; whoever only might have liked one is asked what else."""
    if scene.state.why is Why.ASKED:
        return scene.more(())
    return call_back(scene)


def call_back(scene: Scene, before: Iterable[Line] = ()) -> Step:
    """Staff call back where the caller is known to be, or at a number that is asked for."""
    if not scene.facts.number_known:
        return ask_number(scene, before)
    return _settled(scene, (*before, scene.line(scene.texts.will_call_back)), CallBack(_REASON))


def ask_number(scene: Scene, before: Iterable[Line] = (), misses: int = 0) -> Step:
    """By keys: digits are misheard."""
    lines = (*before, scene.line(scene.texts.ask_number))
    return scene.listen(lines, Stage.NUMBER, {}, listen=_NUMBER, misses=misses, number=None)


def number_given(scene: Scene, number: str | None) -> Step:
    """It is said again before anybody relies on it."""
    return no_number(scene) if number is None else _check(scene, number)


def _check(scene: Scene, number: str) -> Step:
    keys = {"1": str(Command.YES), "2": str(Command.NO)}
    lines = scene.lines(scene.texts.check_number, number=number)
    return scene.listen(lines, Stage.CHECK, keys, number=number)


def number_is_right(scene: Scene) -> Step:
    """Staff call back there."""
    number = scene.state.number
    if number is None:
        return ask_number(scene)
    said = scene.lines(scene.texts.will_call_number, number=number)
    return _settled(scene, said, CallBack(_REASON, number))


def no_number(scene: Scene) -> Step:
    """None, or an impossible one: asked once more, then the truth that nobody can call."""
    misses = scene.state.misses + 1
    if misses < MOST_MISSES:
        return ask_number(scene, scene.lines(scene.texts.wrong_number), misses)
    return _ended(scene, scene.line(scene.texts.no_number))


def number_not_confirmed(scene: Scene) -> Step:
    """Silence after a possible number: better one that may be wrong than none."""
    misses = scene.state.misses + 1
    if misses < MOST_MISSES and scene.state.number is not None:
        return _check(scene.changed(misses=misses), scene.state.number)
    right = number_is_right(scene)
    return _ended(scene, right.says[0], *right.does)


def leave_message(scene: Scene) -> Step:
    """Recorded and transcribed; in Spanish, which is not transcribed, listened to at once."""
    if scene.state.language is Language.ENGLISH:
        return scene.step(scene.lines(scene.texts.record), Record(), Stage.MESSAGE)
    return scene.listen(scene.lines(scene.texts.say_message), Stage.MESSAGE, {}, misses=0)


def message_left(scene: Scene, event: Left | None = None) -> Step:
    """It is kept for the staff before anything else is asked."""
    kept = CallBack("voicemail", recording=event.recording, seconds=event.seconds) if event else CallBack("message")
    says = scene.lines(scene.texts.message_kept)
    if scene.facts.number_known:
        return _settled(scene, says, kept)
    return replace(ask_number(scene, says), does=(kept,))
