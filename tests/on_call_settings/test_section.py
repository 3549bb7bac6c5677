"""The section on_call of clinic.yml: what it means, and what is said about one that is wrong."""

from __future__ import annotations

import copy
from datetime import date, time, timedelta
from typing import Any

import pytest
import yaml

from bot.domain.escalation import Tier
from bot.domain.on_call import Contact, Ladder, Limits, Method, OnCall, Person, Step, Window
from bot.on_call_settings.keys import EXPLAINED
from bot.on_call_settings.notes import Notes
from bot.on_call_settings.section import KEYS, LADDER_KEYS, LIMIT_KEYS, PERSON_KEYS, SHORTEST, read_on_call
from tests.harness.on_call import CHICAGO

WHOLE = """
people:
  noor:
    name: Noor
    role: nurse
    contacts: ["call:+15550100101", log]
    hours: ["mon-fri 17:00-08:00"]
    away: ["2026-12-24..2026-12-26"]
  lee: {name: Lee, role: nurse, contacts: ["sms:+15550100102"]}
  kim: {name: Kim, role: medical director, contacts: [log]}
ladder:
  emergency: {steps: [{page: [noor]}, {page: [lee], after: 2}, {page: [kim, lee], after: 0}], rounds: 2, pause: 4}
  urgent: {steps: [{page: [lee], after: 1}, {page: [kim]}]}
last_resort: [kim]
limits:
  emergency: {answer: 7, take_over: 4, first_message: 3, close: 120}
allow_gaps: [urgent]
"""


def _minutes(*minutes: int) -> list[timedelta]:
    return [timedelta(minutes=each) for each in minutes]


def _read(data: Any) -> tuple[OnCall, list[str]]:
    found: list[str] = []
    return read_on_call(data, Notes(found, "on_call: "), CHICAGO, "US", lambda _: "").on_call, found


def _good() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(WHOLE)
    return data


def _changed(path: str, value: Any) -> dict[str, Any]:
    """The good section with one place changed; None takes it out."""
    data = copy.deepcopy(_good())
    part: Any = data
    *way, last = path.split("/")
    for key in way:
        part = part[int(key) if isinstance(part, list) else key]
    if value is None:
        del part[last]
    else:
        part[int(last) if isinstance(part, list) else last] = value
    return data


# -- what it means -------------------------------------------------------------


def test_people_are_read_with_contacts_hours_and_days_away() -> None:
    on_call, found = _read(_good())
    assert found == []
    assert on_call.people["noor"] == Person(
        "noor", "Noor", "nurse", (Contact(Method.CALL, "+15550100101"), Contact(Method.LOG)),
        (Window(frozenset(range(5)), time(17), time(8)),), ((date(2026, 12, 24), date(2026, 12, 26)),),
    )  # fmt: skip
    assert (list(on_call.people), on_call.people["lee"].windows, on_call.zone) == (["noor", "lee", "kim"], (), CHICAGO)


def test_ladders_are_read_in_minutes() -> None:
    zero, two, four = _minutes(0, 2, 4)
    steps = (Step(("noor",), zero), Step(("lee",), two), Step(("kim", "lee"), zero))
    assert _read(_good())[0].ladders[Tier.EMERGENCY] == Ladder(steps, 2, four)


def test_the_last_resort_and_allowed_gaps_are_read() -> None:
    on_call, _ = _read(_good())
    assert (on_call.last_resort, on_call.allowed_gaps) == (("kim",), {Tier.URGENT})


def test_limits_are_read_and_those_left_out_have_defaults() -> None:
    limits = _read(_good())[0].limits
    assert limits == {Tier.EMERGENCY: Limits(*_minutes(7, 4, 3, 120)), Tier.URGENT: Limits(*_minutes(15, 10, 10, 480))}


def test_one_limit_may_be_set_alone() -> None:
    assert _read(_changed("limits", {"emergency": {"close": 60}}))[0].limits[Tier.EMERGENCY] == Limits(
        *_minutes(6, 5, 5, 60)
    )


@pytest.mark.parametrize(
    ("tier", "delays", "pause"), [(Tier.EMERGENCY, (0, 3, 3, 3), 5), (Tier.URGENT, (0, 5, 5, 5), 10)]
)
def test_delays_rounds_and_pause_have_defaults_by_tier(tier: Tier, delays: tuple[int, ...], pause: int) -> None:
    on_call, found = _read(_changed(f"ladder/{tier}", {"steps": [{"page": ["lee"]}] * 4}))
    taken = on_call.ladders[tier]
    assert [step.after for step in taken.steps] == _minutes(*delays)
    assert (taken.rounds, [taken.pause], found) == (3, _minutes(pause), [])


def test_the_shortest_section_that_is_shown_will_do() -> None:
    on_call, found = _read(yaml.safe_load(SHORTEST)["on_call"])
    assert found == []
    assert set(on_call.ladders) == set(on_call.limits) == {Tier.EMERGENCY, Tier.URGENT}


# -- what is wrong with it -----------------------------------------------------


def test_a_missing_section_is_one_problem_with_the_shortest_that_would_do() -> None:
    (problem,) = _read(None)[1]
    assert problem.startswith("on_call: is missing, so nobody would be paged.")
    shown = problem.partition("\n")[2]
    assert yaml.safe_load(shown) == yaml.safe_load(SHORTEST)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("peple", {}, "on_call: there is no key 'peple'; did you mean people?"),
        ("zzz", 1, "on_call: there is no key 'zzz'; known: people, ladder, last_resort, limits, allow_gaps"),
        ("people/lee/hour", [], "on_call: people: lee: there is no key 'hour'; did you mean hours?"),
        ("people/lee/name", None, "on_call: people: lee: name: an empty value cannot be said: give the first name"),
        ("people/lee/name", "L" * 41, "on_call: people: lee: name: "),
        ("people/lee/name", "Lee\nof", "on_call: people: lee: name: "),
        ("people/lee/name", "{Lee}", "on_call: people: lee: name: "),
        ("people/lee/role", " ", "on_call: people: lee: role: ' ' cannot be said: give what patients are told they are"),
        ("people/lee/contacts", None, "on_call: people: lee: contacts: there are none, so nobody could be reached"),
        ("people/lee/contacts", ["sms:1"], "on_call: people: lee: contacts: 1: '1' is not a telephone number"),
        ("people/lee/hours", ["soon"], "on_call: people: lee: hours: 'soon' is not readable"),
        ("people/lee/away", ["soon"], "on_call: people: lee: away: 'soon' is not readable"),
        ("people/lee", "Lee", "on_call: people: lee: 'Lee' is not readable: write it as {name: Noor"),
        ("people/Lee B", {"name": "Lee", "role": "nurse", "contacts": ["log"]}, "on_call: people: Lee B: is not an id"),
        ("ladder/same_day", {}, "on_call: ladder: same_day has no ladder"),
        ("ladder/urgnt", {}, "on_call: ladder: there is no tier 'urgnt'; did you mean urgent?"),
        ("ladder/urgent", None, "on_call: ladder: urgent is missing: write urgent: {steps: [{page: [noor]}]}"),
        ("ladder/urgent", [], "on_call: ladder: urgent: '[]' is not readable: write it as {steps:"),
        ("ladder/urgent/step", [], "on_call: ladder: urgent: there is no key 'step'; did you mean steps?"),
        ("ladder/urgent/steps", [], "on_call: ladder: urgent: steps: there are none, so nobody would be paged"),
        ("ladder/urgent/steps", None, "on_call: ladder: urgent: steps: there are none, so nobody would be paged"),
        ("ladder/urgent/steps", "lee", "on_call: ladder: urgent: steps: 'lee' is not a list"),
        ("ladder/urgent/steps/0", "lee", "on_call: ladder: urgent: steps: 1: 'lee' is not readable: write it as {page:"),
        ("ladder/urgent/steps/0", {}, "on_call: ladder: urgent: steps: 1: page: there is nobody: name whom to page"),
        ("ladder/urgent/steps/0/page", [], "on_call: ladder: urgent: steps: 1: page: there is nobody: name whom to page"),
        ("ladder/urgent/steps/0/page", "lee", "on_call: ladder: urgent: steps: 1: page: 'lee' is not a list"),
        ("ladder/urgent/steps/1/page", ["nor"], "on_call: ladder: urgent: steps: 2: page: there is no person 'nor'; did you mean noor?"),
        ("ladder/urgent/steps/1/page", [{"a": 1}], "on_call: ladder: urgent: steps: 2: page: there is no person "),
        ("ladder/urgent/steps/1/page", ["lee", "lee"], "on_call: ladder: urgent: steps: 2: page: 'lee' is there twice"),
        ("ladder/urgent/steps/1/after", 61, "on_call: ladder: urgent: steps: 2: after: '61' is not possible: give a whole number of minutes from 0 to 60"),
        ("ladder/urgent/steps/1/after", -1, "on_call: ladder: urgent: steps: 2: after: '-1' is not possible"),
        ("ladder/urgent/steps/1/after", 2.5, "on_call: ladder: urgent: steps: 2: after: '2.5' is not possible"),
        ("ladder/urgent/steps/1/after", True, "on_call: ladder: urgent: steps: 2: after: 'True' is not possible"),
        ("ladder/urgent/rounds", 0, "on_call: ladder: urgent: rounds: '0' is not possible: give a whole number of rounds from 1 to 10"),
        ("ladder/urgent/rounds", 11, "on_call: ladder: urgent: rounds: '11' is not possible"),
        ("ladder/urgent/pause", 0, "on_call: ladder: urgent: pause: '0' is not possible: give a whole number of minutes from 1 to 60"),
        ("last_resort", ["zed"], "on_call: last_resort: there is no person 'zed'; known: noor, lee, kim"),
        ("last_resort", "kim", "on_call: last_resort: 'kim' is not a list"),
        ("limits/routine", {}, "on_call: limits: routine has no limits"),
        ("limits/emergency/anser", 5, "on_call: limits: emergency: there is no key 'anser'; did you mean answer?"),
        ("limits/emergency/answer", 0, "on_call: limits: emergency: answer: '0' is not possible: give a whole number of minutes from 1 to 10080"),
        ("allow_gaps", ["routine"], "on_call: allow_gaps: 'routine' has no ladder: name emergency or urgent"),
        ("allow_gaps", True, "on_call: allow_gaps: 'True' is not a list: write it as [urgent]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_problem_with_its_place_and_what_to_do(path: str, value: Any, problem: str) -> None:
    (said,) = _read(_changed(path, value))[1]
    assert said.startswith(problem)


@pytest.mark.parametrize("value", [0, 60])
def test_a_delay_at_the_limit_is_allowed(value: int) -> None:
    on_call, found = _read(_changed("ladder/urgent/steps/1/after", value))
    assert ([on_call.ladders[Tier.URGENT].steps[1].after], found) == (_minutes(value), [])


@pytest.mark.parametrize("value", [1, 10])
def test_rounds_at_the_limit_are_allowed(value: int) -> None:
    on_call, found = _read(_changed("ladder/urgent/rounds", value))
    assert (on_call.ladders[Tier.URGENT].rounds, found) == (value, [])


def test_an_id_that_yaml_reads_as_false_is_shown_how_to_write() -> None:
    data = _good()
    data["people"] |= yaml.safe_load("no: {name: Noa, role: nurse, contacts: [log]}")
    assert _read(data)[1] == [
        "on_call: people: the key False is not a word (YAML reads no, on and yes as true or false): put it in quotes"
    ]


def test_a_person_who_is_wrong_does_not_make_the_steps_wrong_that_name_them() -> None:
    assert len(_read(_changed("people/kim/contacts", []))[1]) == 1


def test_all_problems_are_named_at_once() -> None:
    data = _changed("people/lee/contacts", [])
    data |= {"last_resort": ["nobody"], "allow_gaps": ["soon"], "limits": {"urgent": {"close": 0}}, "colour": "blue"}
    data["ladder"] = {"emergency": {"steps": [{"page": ["zed"]}]}}
    assert len(_read(data)[1]) == 7


@pytest.mark.parametrize("data", ["Noor", ["noor"], 5, {}, {"people": {}}, {"people": [], "ladder": []}])
def test_a_section_of_another_form_is_refused_and_nothing_breaks(data: Any) -> None:
    assert _read(data)[1]


# -- its explanation -----------------------------------------------------------


def test_every_key_is_explained() -> None:
    explained = {key.rpartition(": ")[2] for key, _, _ in EXPLAINED}
    assert explained == {*KEYS, *PERSON_KEYS, *LADDER_KEYS, *LIMIT_KEYS, "page", "after"} - {"limits"}
