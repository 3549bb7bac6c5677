"""Greeting, menu, answers, a person: what most calls consist of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.language import Language
from bot.domain.phone_tree.model import (
    ChangeLanguage,
    Command,
    Fetch,
    Heard,
    Line,
    Stage,
    Step,
    Why,
)
from bot.domain.phone_tree.offers import call_back, offer
from bot.domain.phone_tree.reports import MOST_ROUNDS, ask_in_its_language, desk_helps, hold, ring_again, ring_desk
from bot.domain.phone_tree.scene import MOST_MISSES, SAY, Scene, texts_in

# What takes longer than about 40 seconds to say is offered as a text.
MOST_CHARACTERS = 650
# A choice a key, and 0 stays the key for a person.
MOST_CHOICES = 8
MOST_FETCHES = 2


def greet(scene: Scene) -> Step:
    """Who we are, what to do in an emergency, that nobody listens, and the menu; or where a report stands."""
    other = _other(scene)
    lines = (
        scene.line(scene.texts.greeting),
        replace(scene.line(texts_in(other).change_language), language=other),
    )
    return menu(scene, lines) if scene.facts.case is None else hold(scene, lines)


def menu(scene: Scene, before: Iterable[Line] = (), misses: int = 0) -> Step:
    """The clinic's topics by key; answers exist in English, so only there."""
    topics = scene.menu[:MOST_CHOICES] if scene.state.language is Language.ENGLISH else ()
    keys = {str(key): SAY + topic.question for key, topic in enumerate(topics, start=1)}
    lines = [scene.line(scene.texts.ask)]
    if topics:
        items = (
            scene.line(scene.texts.menu_item, key=str(key), title=topic.title).text
            for key, topic in enumerate(topics, start=1)
        )
        lines.append(scene.line(f"{scene.texts.menu} {', '.join(items)}."))
    lines.append(scene.line(scene.texts.menu_end))
    return scene.listen((*before, *lines), Stage.TALK, keys, misses=misses)


def change_language(scene: Scene) -> Step:
    """The call goes on in the other language, with its greeting."""
    other = scene.changed(language=_other(scene))
    if scene.state.stage is Stage.ASKED:
        step = ask_in_its_language(other)
    elif scene.facts.case is not None:
        step = hold(other)
    else:
        step = greet(other)
    return replace(step, does=(ChangeLanguage(other.state.language),))


def _other(scene: Scene) -> Language:
    return Language.SPANISH if scene.state.language is Language.ENGLISH else Language.ENGLISH


def repeat(scene: Scene) -> Step:
    """What was said last, and the same keys again."""
    if not scene.state.said:
        return menu(scene)
    return scene.listen(scene.lines(*scene.state.said), scene.state.stage, scene.state.keys)


def missed(scene: Scene, what: str) -> Step:
    """A turn that was not heard or not understood; two in a row, and a text is offered."""
    misses = scene.state.misses + 1
    if misses < MOST_MISSES:
        lines = scene.lines(what, *(scene.state.said[-1:] or (scene.texts.ask,)))
        return scene.listen(lines, Stage.TALK, scene.state.keys, misses=misses, said=scene.state.said)
    if scene.state.settled:
        return scene.goodbye()
    return offer(scene, Why.UNHEARD)


def answer(scene: Scene, heard: Heard) -> Step:
    """The answer, its choices by key, and whether there is anything else."""
    scene = scene.changed(asked=_turn_of_words(scene), fetches=0)
    lines = scene.lines(*heard.texts)
    if sum(len(line.text) for line in lines) > MOST_CHARACTERS:
        return offer(scene, Why.TOO_LONG)
    if not heard.is_understood:
        scene = scene.changed(misses=scene.state.misses + 1)
        if scene.state.misses >= MOST_MISSES and scene.facts.case is None:
            return offer(scene, Why.UNHEARD)
    if heard.buttons:
        return _choose(scene, lines, heard)
    if scene.facts.case is not None:
        return hold(scene, lines)
    return _anything_else(scene, lines)


def _choose(scene: Scene, lines: Iterable[Line], heard: Heard) -> Step:
    buttons = heard.buttons[:MOST_CHOICES]
    choices = (
        scene.line(scene.texts.choice, key=str(key), title=button.title) for key, button in enumerate(buttons, start=1)
    )
    keys = {str(key): SAY + button.text for key, button in enumerate(buttons, start=1)}
    misses = 0 if heard.is_understood else scene.state.misses
    return scene.listen((*lines, *choices), Stage.TALK, keys, misses=misses)


def _anything_else(scene: Scene, lines: Iterable[Line]) -> Step:
    if not scene.facts.can_text:
        return scene.more(lines)
    said = (*lines, *scene.lines(scene.texts.text_this, scene.texts.anything_else))
    return scene.listen(said, Stage.TALK, {"1": str(Command.TEXT)}, misses=0)


def person(scene: Scene, before: Iterable[Line] = ()) -> Step:
    """Somebody on call while a report is open, else the desk, else a text or a call back."""
    case = scene.facts.case
    if case is not None and not case.acknowledged and scene.state.ring_rounds < MOST_ROUNDS and scene.facts.ring:
        return ring_again(scene, case)
    if desk_helps(scene):
        return ring_desk(scene, before)
    if case is not None:
        return hold(scene, before)
    return offer(scene, Why.NOBODY if scene.state.desk_tried else Why.CLOSED, before)


def down(scene: Scene, heard: Heard) -> Step:
    """Questions cannot be answered just now: somebody else has to."""
    lines = scene.lines(*heard.texts)
    if scene.facts.case is not None:
        return hold(scene, lines)
    return ring_desk(scene, lines) if desk_helps(scene) else call_back(scene, lines)


def other_language(scene: Scene) -> Step:
    """There are no answers in it: a person, or a way to one."""
    lines = scene.lines(scene.texts.why[Why.LANGUAGE])
    if desk_helps(scene):
        return ring_desk(scene, lines)
    return offer(scene, Why.LANGUAGE)


def desk_rang(scene: Scene, answered: bool) -> Step:
    """The talk with the desk is over, or nobody was there."""
    if answered:
        return scene.goodbye(scene.line(scene.texts.desk_done))
    return hold(scene) if scene.facts.case is not None else offer(scene, Why.NOBODY)


def late(scene: Scene) -> Step:
    """The answer is not there yet: a moment, and then not on the telephone any more."""
    fetches = scene.state.fetches + 1
    scene = scene.changed(asked=_turn_of_words(scene), fetches=fetches % (MOST_FETCHES + 1))
    if fetches > MOST_FETCHES:
        return offer(scene, Why.SLOW)
    return scene.step(scene.lines(scene.texts.one_moment), Fetch(), Stage.WAIT)


def _turn_of_words(scene: Scene) -> int | None:
    """The turn whose words are answered: while an answer was waited for, turns went by."""
    return scene.state.asked if scene.state.stage is Stage.WAIT else scene.state.turn
