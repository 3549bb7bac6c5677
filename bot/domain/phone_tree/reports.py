"""A severe report on the telephone: said first, then people are rung, then who called stays on the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain import wording
from bot.domain.escalation import Tier
from bot.domain.phone_tree.model import (
    Case,
    Command,
    HangUp,
    Heard,
    Line,
    Listen,
    RingDesk,
    RingPerson,
    Stage,
    Step,
    Unanswered,
)
from bot.domain.phone_tree.scene import MOST_MISSES, Scene

# How often everybody is rung for one caller, and how many times the safety text is said while nothing else happens.
MOST_ROUNDS = 2
MOST_HOLDS = 8

_HOLDING = Listen(seconds=15)


def report(scene: Scene, heard: Heard) -> Step:
    """The safety text, then whoever is on call."""
    says = scene.lines(*heard.texts)
    return _ring_all(scene, says, heard.case.tier if heard.case else Tier.EMERGENCY)


def ring_again(scene: Scene, case: Case) -> Step:
    """The caller asks for somebody while the report is open."""
    return _ring_all(scene, (), case.tier)


def _ring_all(scene: Scene, says: Iterable[Line], tier: Tier) -> Step:
    rounds = scene.state.ring_rounds + 1
    people = scene.facts.ring.get(tier, ()) if rounds <= MOST_ROUNDS else ()
    scene = scene.changed(ring=people, ring_rounds=rounds, misses=0)
    return _ring_next(scene, says, scene.texts.connecting_person)


def _ring_next(scene: Scene, says: Iterable[Line], connecting: str) -> Step:
    if not scene.state.ring:
        return hold(scene, says)
    first, *rest = scene.state.ring
    lines = (*says, scene.line(connecting))
    return scene.step(lines, RingPerson(first), Stage.RING, ring=tuple(rest), ringing=first)


def rang(scene: Scene, answered: bool) -> Step:
    """Somebody took it, and the talk between the two is over; or the next phone rings."""
    if answered:
        return scene.goodbye(scene.line(scene.texts.staff_done))
    if scene.facts.case is not None and scene.facts.case.acknowledged:
        return hold(scene)
    return _ring_next(scene, (), scene.texts.connecting_next)


def end(scene: Scene, case: Case) -> Step:
    """Nobody can stay on the line for ever: the report stays open, and the caller knows what to do."""
    return scene.step(scene.lines(scene.texts.hold_end, reference=case.reference), HangUp(), Stage.OVER)


def hold(scene: Scene, before: Iterable[Line] = ()) -> Step:
    """Where the report stands, and what to do meanwhile; again and again while the caller stays."""
    case = scene.facts.case
    if case is None:  # closed meanwhile, or it could not be stored
        return ring_desk(scene, before) if desk_helps(scene) else scene.more(before)
    if scene.state.holds >= MOST_HOLDS:
        ended = end(scene, case)
        return replace(ended, says=(*before, *ended.says))
    lines = [*before, standing(scene, case)]
    keys: dict[str, str] = {}
    if scene.facts.can_text and not scene.state.settled:
        lines.append(scene.line(scene.texts.offer_text))
        keys["1"] = str(Command.TEXT)
    if not scene.facts.number_known and not scene.state.settled:
        lines.append(scene.line(scene.texts.hold_number))
        keys["2"] = str(Command.CALL_BACK)
    lines.append(scene.line(scene.texts.hold_keys))
    return scene.listen(lines, Stage.HOLD, keys, listen=_HOLDING, holds=scene.state.holds + 1, misses=0)


def ask_in_its_language(scene: Scene) -> Step:
    """The question back, in the language that the caller changed to."""
    question = wording.ask_back_reply(scene.clinic, scene.state.language, again=True).text
    return _ask(scene, scene.lines(question, scene.texts.yes_or_no), scene.state.misses)


def desk_helps(scene: Scene) -> bool:
    """Whether somebody may be at the desk who was not tried."""
    return scene.facts.desk_open and not scene.state.desk_tried


def ring_desk(scene: Scene, before: Iterable[Line] = ()) -> Step:
    """Put the caller through to it."""
    lines = (*before, scene.line(scene.texts.connecting_desk))
    return scene.step(lines, RingDesk(), Stage.DESK, desk_tried=True)


def standing(scene: Scene, case: Case) -> Line:
    """Nobody yet, or who has it."""
    if not case.acknowledged:
        return scene.line(scene.texts.paged if case.paged else scene.texts.stored, reference=case.reference)
    who = ", ".join(case.seen_by) if case.seen_by else scene.texts.somebody
    return scene.line(scene.texts.seen, reference=case.reference, who=who)


# -- "is this happening right now?" --------------------------------------------------


def asked(scene: Scene, heard: Heard) -> Step:
    """The question back, by keys or in words; the second time, staff look at it."""
    question = scene.lines(*heard.texts, scene.texts.yes_or_no)
    if scene.state.stage is Stage.ASKED:
        return not_answered(scene, question)
    return _ask(scene, question, misses=0)


def not_answered(scene: Scene, question: Iterable[Line] = ()) -> Step:
    """Neither yes nor no: asked again, then somebody looks at it, as for whoever does not answer in writing."""
    misses = scene.state.misses + 1
    if misses < MOST_MISSES:
        return _ask(scene, question or scene.lines(*scene.state.said), misses)
    case = scene.facts.case or Case("{reference}", Tier.URGENT)  # filled in when it is stored
    scene = replace(scene, facts=replace(scene.facts, case=case))
    rung = _ring_all(scene, scene.lines(scene.texts.no_answer), case.tier)
    return replace(rung, does=(Unanswered(),))


def _ask(scene: Scene, question: Iterable[Line], misses: int) -> Step:
    keys = {"1": str(Command.YES), "2": str(Command.NO)}
    return scene.listen(question, Stage.ASKED, keys, misses=misses)
