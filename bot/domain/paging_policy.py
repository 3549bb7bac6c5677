"""Which step of the ladder is due: a pure function of the policy, the position and the time.

The rules are those of the trusted paging systems (ordered steps with delays,
repeated until somebody acknowledges, never a silent end); `docs/reliability.md`
names where each comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.escalation import Tier
from bot.domain.on_call import Ladder, OnCall


@dataclass(frozen=True, slots=True)
class Position:
    """The step that is due next: rounds and steps count from 0."""

    round: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """What to do now: whom to page for which position, and when the next step is due.

    `last_resort` when the ladder was run through often enough without an
    answer, even where the clinic names nobody for that.
    """

    taken: Position
    people: tuple[str, ...]
    last_resort: bool
    following: Position
    due_at: datetime


def advance(on_call: OnCall, tier: Tier, position: Position, at: datetime, reached: bool = True) -> Move:
    """Take the step that is due. A step with nobody on call is skipped at once.

    `reached`: whether any page of this round was accepted by whoever carries it.
    Raises KeyError for a tier without a ladder: such an escalation has no timer.
    """
    ladder = on_call.ladders[tier]
    for step in range(position.step, len(ladder.steps)):
        people = on_call.on(ladder.steps[step].people, at)
        if people:
            taken = Position(position.round, step)
            following, wait = _after(ladder, taken)
            return Move(taken, people, False, following, at + wait)
    return _end_of_round(on_call, tier, position, at, reached)


def _end_of_round(on_call: OnCall, tier: Tier, position: Position, at: datetime, reached: bool) -> Move:
    """Nobody is left to page in this round: once that is often enough, the last resort is told, too.

    A round that could reach nobody is often enough.
    """
    ladder = on_call.ladders[tier]
    taken = Position(position.round, len(ladder.steps))
    through = not reached or not on_call.paged(tier, at) or position.round + 1 >= ladder.rounds
    # Who is told in the end is told at any hour: the hours are those of the ladder.
    people = on_call.last_resort if through else ()
    return Move(taken, people, through, Position(position.round + 1, 0), at + ladder.pause)


def _after(ladder: Ladder, taken: Position) -> tuple[Position, timedelta]:
    """What follows a step that reached somebody, and how long they have until then."""
    following = taken.step + 1
    if following < len(ladder.steps):
        return Position(taken.round, following), ladder.steps[following].after
    if taken.round + 1 < ladder.rounds:
        return Position(taken.round + 1, 0), ladder.pause
    # The last resort is next, and is told as late as the step before it was.
    return Position(taken.round, following), ladder.steps[-1].after or ladder.pause
