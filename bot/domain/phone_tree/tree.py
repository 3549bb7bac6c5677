"""The phone tree: what a caller does or says leads to what is said and done next. Pure: nothing is stored or sent here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.clinic import Clinic
from bot.domain.phone_tree import offers, reports, talk
from bot.domain.phone_tree.model import (
    Ask,
    Command,
    Event,
    Facts,
    Heard,
    Left,
    Meaning,
    Pressed,
    Rang,
    Spoke,
    Stage,
    State,
    Step,
    Topic,
    Why,
)
from bot.domain.phone_tree.scene import SAY, Scene
from bot.domain.phone_tree.words import command_of
from bot.domain.texts import TEXTS

# Words heard with less than this are only screened.
LEAST_CONFIDENCE = 0.45
# A call that goes on and on is brought to an end that helps.
MOST_TURNS = 40
LAST_TURN = 60


@dataclass(frozen=True, slots=True)
class PhoneTree:
    """One clinic's tree. `menu` is in the order of the keys from 1."""

    clinic: Clinic
    menu: tuple[Topic, ...] = ()

    def begin(self, facts: Facts, state: State | None = None) -> Step:
        """The call is answered."""
        return talk.greet(self._scene(state or State(), facts))

    def after(self, state: State, event: Event, facts: Facts) -> Step | Ask:
        """What follows from what the caller did; words come back to be taken in first."""
        scene = self._scene(state, facts)
        match event:
            case Spoke(text=text) if text.strip():
                return _words(state, event)
            case Pressed(digits=digits) if digits:
                return self._pressed(scene, event)
            case Rang(answered=answered):
                return reports.rang(scene, answered) if state.stage is Stage.RING else talk.desk_rang(scene, answered)
            case Left(seconds=seconds) if seconds > 0:
                return offers.message_left(scene, event)
        return _ended(scene) or _silence(scene)

    def told(self, state: State, ask: Ask, heard: Heard, facts: Facts) -> Step:
        """What follows once the caller's words were taken in."""
        scene = self._scene(state, facts)
        if heard.meaning is Meaning.REPORT:
            return reports.report(scene, heard)
        if heard.meaning is Meaning.QUESTION:
            return reports.asked(scene, heard)
        if (ended := _ended(scene)) is not None:
            return ended
        if ask.command is not None:
            return _do(scene, ask.command, offers.SAID_YES)
        if state.stage is Stage.NUMBER:
            return offers.number_given(scene, ask.number)
        if ask.unclear or ask.screen_only:
            return _lost(scene, scene.texts.not_understood)
        return _said(scene, heard)

    def _scene(self, state: State, facts: Facts) -> Scene:
        return Scene(self.clinic, self.menu, state, facts)

    def _pressed(self, scene: Scene, event: Pressed) -> Step | Ask:
        if scene.state.stage is Stage.NUMBER:
            return _ended(scene) or offers.number_given(scene, event.number)
        meaning = scene.means(event.digits)
        if meaning is None:
            return _lost(scene, scene.texts.not_understood)
        if meaning.startswith(SAY):
            return Ask(meaning.removeprefix(SAY))
        command = Command(meaning)
        if scene.state.stage is Stage.ASKED and command in (Command.YES, Command.NO):
            texts = TEXTS[scene.state.language]
            return Ask(texts.ask_back_yes if command is Command.YES else texts.ask_back_no)
        return _ended(scene) or _do(scene, command, offers.PRESSED_KEY)


def _words(state: State, spoke: Spoke) -> Ask:
    unclear = spoke.confidence is not None and 0 < spoke.confidence < LEAST_CONFIDENCE
    if state.stage is Stage.MESSAGE:
        return Ask(spoke.text, Command.MESSAGE, screen_only=True)
    command = None if unclear else command_of(spoke.text)
    is_choice = any(meaning.startswith(SAY) for meaning in state.keys.values())
    if command in (Command.YES, Command.NO) and (is_choice or state.stage is Stage.ASKED):
        command = None  # an answer to a question of the dialogue
    screen_only = unclear or command is not None or state.stage in (Stage.NUMBER, Stage.CHECK)
    return Ask(spoke.text, command, unclear, spoke.number, screen_only)


def _ended(scene: Scene) -> Step | None:
    """A call that goes on and on ends in something that helps; None while it may go on."""
    state, case = scene.state, scene.facts.case
    if state.turn >= LAST_TURN:
        return reports.end(scene, case) if case else scene.goodbye()
    if state.turn >= MOST_TURNS and state.stage is Stage.TALK and case is None:
        return scene.goodbye() if state.settled else offers.offer(scene, Why.ENOUGH)
    return None


# -- silence ------------------------------------------------------------------------


def _silence(scene: Scene) -> Step:
    in_stage = _IN_SILENCE.get(scene.state.stage)
    return in_stage(scene) if in_stage else talk.missed(scene, scene.texts.unheard)


_IN_SILENCE: Mapping[Stage, Callable[[Scene], Step]] = {
    Stage.ASKED: reports.not_answered,
    Stage.OFFER: offers.not_taken,
    Stage.MESSAGE: offers.not_taken,
    Stage.NUMBER: offers.no_number,
    Stage.CHECK: offers.number_not_confirmed,
    Stage.HOLD: reports.hold,
    Stage.RING: reports.hold,
    Stage.OVER: Scene.goodbye,
}


def _lost(scene: Scene, what: str) -> Step:
    """Words or keys that lead nowhere, where the caller is."""
    if scene.state.stage in (Stage.TALK, Stage.WAIT, Stage.DESK, Stage.OVER):
        return talk.missed(scene, what)
    return _silence(scene)


# -- commands -----------------------------------------------------------------------


def _do(scene: Scene, command: Command, how: str) -> Step:
    if scene.state.stage is Stage.ASKED and command not in _WHILE_ASKED:
        return reports.not_answered(scene)
    if command is Command.TEXT or (command is Command.YES and scene.state.stage is Stage.OFFER):
        return _text(scene, how)
    return _DONE[command](scene)


_WHILE_ASKED = (Command.PERSON, Command.LANGUAGE, Command.REPEAT)


def _text(scene: Scene, how: str) -> Step:
    """The words that are agreed to have to be heard first, once."""
    if not scene.facts.can_text and scene.facts.case is not None:
        return reports.hold(scene, scene.lines(scene.texts.text_refused))
    heard_words = scene.state.stage in (Stage.OFFER, Stage.HOLD)
    if not scene.facts.can_text or not (heard_words or scene.facts.agreed):
        return offers.offer(scene, Why.ASKED)
    return offers.accepted(scene, how, scene.texts.offer_text if heard_words else scene.texts.text_this)


def _yes(scene: Scene) -> Step:
    if scene.state.stage is Stage.CHECK:
        return offers.number_is_right(scene)
    if scene.state.stage is Stage.HOLD:
        return reports.hold(scene)
    return scene.listen(scene.lines(scene.texts.ask), scene.state.stage, scene.state.keys)


def _no(scene: Scene) -> Step:
    match scene.state.stage:
        case Stage.OFFER:
            return offers.declined(scene)
        case Stage.CHECK:
            return offers.ask_number(scene, misses=scene.state.misses)
        case Stage.HOLD:
            return reports.hold(scene)
    return scene.goodbye()


def _message(scene: Scene) -> Step:
    if scene.state.stage is Stage.MESSAGE:
        return offers.message_left(scene)
    return offers.leave_message(scene)


def _goodbye(scene: Scene) -> Step:
    """Whoever reported something severe is told once more what to do."""
    case = scene.facts.case
    return scene.goodbye(*((reports.standing(scene, case),) if case else ()))


_DONE: Mapping[Command, Callable[[Scene], Step]] = {
    Command.YES: _yes,
    Command.NO: _no,
    Command.CALL_BACK: offers.call_back,
    Command.MESSAGE: _message,
    Command.MENU: talk.menu,
    Command.REPEAT: talk.repeat,
    Command.PERSON: talk.person,
    Command.LANGUAGE: talk.change_language,
    Command.GOODBYE: _goodbye,
}


# -- words that were taken in ---------------------------------------------------------


def _said(scene: Scene, heard: Heard) -> Step:
    match heard.meaning:
        case Meaning.PERSON:
            return talk.person(scene.changed(settled=True), scene.lines(*heard.texts))
        case Meaning.DOWN:
            return talk.down(scene, heard)
        case Meaning.LANGUAGE:
            return talk.other_language(scene)
        case Meaning.STAFF:
            return scene.more(scene.lines(scene.texts.with_staff))
        case Meaning.LATE:
            return talk.late(scene)
        case Meaning.LOST:
            return _lost(scene, " ".join(heard.texts) or scene.texts.not_understood)
    return talk.answer(scene, heard)
