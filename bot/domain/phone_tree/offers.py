"""When talking does not help: a text, a call back, a message for the staff. Each way ends in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.language import Language
from bot.domain.phone_tree.model import (
    CallBack,
    Command,
    Left,
    Line,
    Listen,
    Record,
    Stage,
    Step,
    TextMe,
    Why,
)
from bot.domain.phone_tree.scene import Scene

PRESSED_KEY, SAID_YES = "pressed_key", "said_yes"
# After so many turns in a row that brought nothing, the next way is taken without being asked for.
MOST_MISSES = 2

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
        return replace(scene.goodbye(scene.line(scene.texts.will_call_back)), does=(CallBack(_REASON),))
    return ask_number(scene)


def accepted(scene: Scene, how: str) -> Step:
    """The caller agreed to texts, in the words that were said."""
    words = scene.line(scene.texts.offer_text).text
    return scene.more(scene.lines(scene.texts.text_is_coming), TextMe(how, words), settled=True)


def declined(scene: Scene) -> Step:
    """No text. Whoever needed one is called back; whoever only might have liked one is asked what else."""
    if scene.state.why is Why.ASKED:
        return scene.more(())
    return call_back(scene)


def call_back(scene: Scene, before: Iterable[Line] = ()) -> Step:
    """Staff call back where the caller is known to be, or at a number that is asked for."""
    if not scene.facts.number_known:
        return ask_number(scene, before)
    return scene.more((*before, scene.line(scene.texts.will_call_back)), CallBack(_REASON), settled=True)


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
    return scene.more(said, CallBack(_REASON, number), settled=True)


def no_number(scene: Scene) -> Step:
    """None, or an impossible one: asked once more, then the truth that nobody can call."""
    misses = scene.state.misses + 1
    if misses < MOST_MISSES:
        return ask_number(scene, scene.lines(scene.texts.wrong_number), misses)
    return scene.goodbye(scene.line(scene.texts.no_number))


def number_not_confirmed(scene: Scene) -> Step:
    """Silence after a possible number: better one that may be wrong than none."""
    misses = scene.state.misses + 1
    if misses < MOST_MISSES and scene.state.number is not None:
        return _check(scene.changed(misses=misses), scene.state.number)
    right = number_is_right(scene)
    return replace(scene.goodbye(right.says[0]), does=right.does)


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
        return scene.more(says, kept, settled=True)
    return replace(ask_number(scene, says), does=(kept,))
