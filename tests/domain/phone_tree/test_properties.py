"""Whatever a caller does: an end or an offer in a bounded number of turns, and the emergency number on the way."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.escalation import Tier
from bot.domain.phone_tree.model import (
    Facts,
    Fetch,
    HangUp,
    Heard,
    Listen,
    Meaning,
    Record,
    RingDesk,
    RingPerson,
    Stage,
    State,
)
from bot.domain.phone_tree.tree import LAST_TURN
from tests.harness.caller import (
    ANSWER,
    CHOICE,
    EMERGENCY_CASE,
    LATE,
    LONG,
    LOST,
    NOT_STORED,
    PERSON,
    QUESTION,
    REPORT,
    Caller,
)

HEARD = st.sampled_from(
    [
        ANSWER,
        CHOICE,
        LONG,
        LOST,
        PERSON,
        QUESTION,
        REPORT,
        NOT_STORED,
        LATE,
        Heard(Meaning.LANGUAGE),
        Heard(Meaning.STAFF),
    ]
)
ORDINARY = HEARD.filter(lambda heard: heard.meaning not in (Meaning.REPORT, Meaning.QUESTION))
WORDS = st.sampled_from(
    [
        "yes",
        "no",
        "repeat",
        "main menu",
        "operator",
        "goodbye",
        "español",
        "text me",
        "call me back",
        "leave a message",
        "hm",
    ]
)
KEYS = st.sampled_from([*"0123456789*#", "5550100142", "12"])
NUMBERS = st.sampled_from([None, "+15550100142"])
TURNS = st.one_of(
    st.tuples(st.just("says"), WORDS, HEARD, st.sampled_from([None, 0.2, 0.9]), NUMBERS),
    st.tuples(st.just("presses"), KEYS, HEARD, st.none(), NUMBERS),
    st.tuples(st.just("is_silent")),
)
FACTS = st.builds(
    Facts,
    can_text=st.booleans(),
    agreed=st.booleans(),
    number_known=st.booleans(),
    desk_open=st.booleans(),
    ring=st.sampled_from([{}, {Tier.EMERGENCY: ("noor",), Tier.URGENT: ("noor", "lee")}]),
    case=st.sampled_from([None, EMERGENCY_CASE, replace(EMERGENCY_CASE, acknowledged=True)]),
)


def _goes_on(caller: Caller, turn: tuple[object, ...], answers: bool) -> None:
    """The caller's next turn, or what a provider reports while nobody is listened to."""
    match caller.step.then:
        case RingDesk() | RingPerson():
            caller.phone_rang(answers)
        case Fetch():
            heard = turn[2] if len(turn) > 2 else LATE
            caller.waits(heard if isinstance(heard, Heard) else LATE)
        case Record():
            caller.leaves(3 if answers else 0)
        case _ if turn[0] == "says":
            caller.says(*turn[1:])  # type: ignore[arg-type]
        case _ if turn[0] == "presses":
            caller.presses(str(turn[1]), turn[2], turn[4])  # type: ignore[arg-type]
        case _:
            caller.is_silent()


@settings(max_examples=300, deadline=None)
@given(FACTS, st.lists(st.tuples(TURNS, st.booleans()), min_size=LAST_TURN + 20, max_size=LAST_TURN + 20))
def test_every_call_ends_and_is_told_the_emergency_number_at_its_beginning_and_end(
    facts: Facts, turns: list[tuple[tuple[object, ...], bool]]
) -> None:
    caller = Caller(facts)
    assert "112" in caller.said
    for turn, answers in turns:
        if caller.step.then == HangUp():
            break
        _goes_on(caller, turn, answers)
        assert caller.said
        assert json.loads(json.dumps(caller.state.to_dict())) == caller.state.to_dict()
        assert State.from_dict(caller.state.to_dict()) == caller.state
    assert caller.step.then == HangUp()
    assert "112" in caller.said


@settings(max_examples=200, deadline=None)
@given(
    FACTS.filter(lambda facts: facts.case is None),
    st.lists(TURNS.filter(lambda turn: turn[0] != "is_silent"), max_size=6),
)
def test_whoever_falls_silent_is_offered_something_or_told_goodbye_within_a_few_turns(
    facts: Facts, turns: list[tuple[object, ...]]
) -> None:
    caller = Caller(facts)
    for turn in turns:
        if caller.step.then != HangUp():
            _goes_on(caller, turn, False)
    for _ in range(30):
        if caller.step.then == HangUp():
            return
        _goes_on(caller, ("is_silent",), False)
    raise AssertionError("nobody hangs up")


@settings(max_examples=200, deadline=None)
@given(FACTS, st.lists(TURNS, max_size=8), st.sampled_from([None, 0.05, 0.9]))
def test_a_report_is_met_with_the_safety_text_wherever_the_call_stands(
    facts: Facts, turns: list[tuple[object, ...]], confidence: float | None
) -> None:
    caller = Caller(facts)
    for turn in turns:
        if caller.step.then != HangUp():
            _goes_on(caller, turn, False)
    if isinstance(caller.step.then, Listen):
        assert caller.says("I can't breathe", REPORT, confidence).startswith("Call 112 now.")


@settings(max_examples=200, deadline=None)
@given(FACTS, st.lists(st.tuples(TURNS, st.booleans()), max_size=30))
def test_whoever_holds_hears_the_emergency_number_at_every_turn(
    facts: Facts, turns: list[tuple[tuple[object, ...], bool]]
) -> None:
    caller = Caller(replace(facts, case=EMERGENCY_CASE))
    caller.says("I can't breathe", REPORT)
    for turn, answers in turns:
        if caller.step.then == HangUp():
            break
        _goes_on(caller, turn, answers)
        assert "112" in caller.said or caller.stage is not Stage.HOLD
