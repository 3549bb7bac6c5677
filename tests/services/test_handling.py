"""What staff do: each move leaves its line, is done once, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from bot.domain.conversation import Mode
from bot.domain.errors import AlreadyTaken, Conflict, IllegalMove, NotFound, StorageUnavailable, UnknownConversation
from bot.domain.escalation import Escalation, Outcome, Status
from bot.domain.messages import ReplyKind
from bot.services.live_ports import TYPING, Side
from bot.services.writing import PatientWriting
from bot.storage import tables
from tests.harness.cast import EMERGENCY
from tests.harness.house import House

Move = Callable[[str], Escalation]


@pytest.fixture
async def reference(house: House) -> str:
    """An emergency that nobody has."""
    outcome = await house.hears(EMERGENCY)
    return outcome.escalation.reference


def _moves(house: House, by: str = "noor") -> dict[str, Move]:
    handling = house.handling
    return {
        "acknowledge": lambda reference: handling.acknowledge(reference, by, "console"),
        "take_over": lambda reference: handling.take_over(reference, by),
        "say": lambda reference: handling.say(reference, by, "Hello"),
        "hand_back": lambda reference: handling.hand_back(reference, by),
        "resolve": lambda reference: handling.resolve(reference, by, Outcome.HANDLED),
    }


def _bring_to(house: House, reference: str, status: Status) -> None:
    way = {
        Status.OPEN: [],
        Status.ACKNOWLEDGED: ["acknowledge"],
        Status.WITH_STAFF: ["take_over"],
        Status.RESOLVED: ["resolve"],
    }
    for name in way[status]:
        _moves(house)[name](reference)


def _mode(house: House) -> Mode:
    (row,) = house.database.rows(tables.conversations)
    return Mode(row.mode)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("acknowledge", Status.OPEN, Status.ACKNOWLEDGED),
        ("acknowledge", Status.ACKNOWLEDGED, Status.ACKNOWLEDGED),
        ("acknowledge", Status.WITH_STAFF, Status.WITH_STAFF),
        ("acknowledge", Status.RESOLVED, None),
        ("take_over", Status.OPEN, Status.WITH_STAFF),
        ("take_over", Status.ACKNOWLEDGED, Status.WITH_STAFF),
        ("take_over", Status.WITH_STAFF, Status.WITH_STAFF),
        ("take_over", Status.RESOLVED, None),
        ("say", Status.OPEN, Status.WITH_STAFF),
        ("say", Status.ACKNOWLEDGED, Status.WITH_STAFF),
        ("say", Status.WITH_STAFF, Status.WITH_STAFF),
        ("say", Status.RESOLVED, None),
        ("hand_back", Status.OPEN, None),
        ("hand_back", Status.ACKNOWLEDGED, None),
        ("hand_back", Status.WITH_STAFF, Status.ACKNOWLEDGED),
        ("hand_back", Status.RESOLVED, None),
        ("resolve", Status.OPEN, Status.RESOLVED),
        ("resolve", Status.ACKNOWLEDGED, Status.RESOLVED),
        ("resolve", Status.WITH_STAFF, Status.RESOLVED),
        ("resolve", Status.RESOLVED, None),
    ],
)
async def test_only_legal_moves_are_made(
    house: House, reference: str, name: str, start: Status, end: Status | None
) -> None:
    _bring_to(house, reference, start)
    move = _moves(house)[name]
    if end is None:
        with pytest.raises(IllegalMove):
            move(reference)
    else:
        assert move(reference).status is end
    (row,) = house.database.rows(tables.escalations)
    assert row.status == (end or start)


@pytest.mark.parametrize("status", [Status.ACKNOWLEDGED, Status.WITH_STAFF])
async def test_who_comes_second_is_told_the_first_ones_name(house: House, reference: str, status: Status) -> None:
    _bring_to(house, reference, status)
    with pytest.raises(AlreadyTaken, match=f"{reference} is already with Noor"):
        _moves(house, "lee")["acknowledge"](reference)


@pytest.mark.parametrize("name", ["acknowledge", "take_over", "say", "hand_back", "resolve"])
async def test_a_reference_that_nobody_has_is_said(house: House, name: str) -> None:
    with pytest.raises(NotFound, match="no escalation is called XXXXX"):
        _moves(house)[name]("XXXXX")


@pytest.mark.parametrize(
    ("name", "start", "event", "detail"),
    [
        ("acknowledge", Status.OPEN, "acknowledged", {"way": "console"}),
        ("take_over", Status.OPEN, "taken_over", {}),
        ("say", Status.WITH_STAFF, "wrote", {"characters": 5}),
        ("hand_back", Status.WITH_STAFF, "handed_back", {}),
        ("resolve", Status.OPEN, "resolved", {"outcome": "handled", "reason": ""}),
    ],
)
async def test_each_move_has_its_line_in_the_history(
    house: House, reference: str, name: str, start: Status, event: str, detail: dict[str, object]
) -> None:
    _bring_to(house, reference, start)
    _moves(house)[name](reference)
    line = next(entry for entry in house.desk.history(reference) if entry.event == event)
    assert (line.actor, line.detail, line.at) == ("noor", detail, house.clock())


@pytest.mark.parametrize(
    ("name", "start", "mode"),
    [
        ("acknowledge", Status.OPEN, Mode.WAITING),
        ("take_over", Status.OPEN, Mode.STAFF),
        ("hand_back", Status.WITH_STAFF, Mode.WAITING),
        ("resolve", Status.WITH_STAFF, Mode.BOT),
    ],
)
async def test_each_move_says_who_answers_the_patient(
    house: House, reference: str, name: str, start: Status, mode: Mode
) -> None:
    _bring_to(house, reference, start)
    _moves(house)[name](reference)
    assert _mode(house) is mode


async def test_what_staff_write_stands_in_the_talk_under_their_first_name(house: House, reference: str) -> None:
    house.handling.say(reference, "noor", "I am calling you now.")
    row = house.database.rows(tables.messages)[-1]
    assert (row.author, row.text, row.reply["kind"]) == ("staff:Noor", "I am calling you now.", ReplyKind.HANDOFF)


async def test_what_staff_write_is_not_copied_into_the_history(house: House, reference: str) -> None:
    house.handling.say(reference, "noor", "Take a breath, Ana.")
    assert not any("Ana" in str(entry.detail) for entry in house.desk.history(reference))


async def test_a_reference_may_be_typed_in_any_case(house: House, reference: str) -> None:
    assert house.handling.acknowledge(f" {reference.lower()}\n", "noor", "sms").owner == "noor"


@pytest.mark.parametrize(("conflicts", "works"), [(2, True), (3, False)])
async def test_another_writer_first_is_tried_again_a_few_times(
    house: House, reference: str, monkeypatch: pytest.MonkeyPatch, conflicts: int, works: bool
) -> None:
    real, left = house.notices.seen, [conflicts]

    def busy(*arguments: object) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise Conflict
        real(*arguments)

    monkeypatch.setattr(house.notices, "seen", busy)
    if works:
        assert house.handling.acknowledge(reference, "noor", "link").owner == "noor"
    else:
        with pytest.raises(Conflict):
            house.handling.acknowledge(reference, "noor", "link")


async def test_a_move_that_cannot_be_stored_changes_nothing(house: House, reference: str) -> None:
    house.database.goes_down()
    with pytest.raises(StorageUnavailable):
        house.handling.acknowledge(reference, "noor", "link")
    house.database.comes_back()
    assert house.desk.listing()[0].status is Status.OPEN


# -- while somebody writes -----------------------------------------------------


def _writing_until(house: House, side: Side = Side.STAFF) -> datetime | None:
    (conversation,) = house.database.rows(tables.conversations)
    with house.database() as uow:
        return uow.typing.until(conversation.id, side)


async def test_that_the_owner_writes_is_shown_for_a_while(house: House, reference: str) -> None:
    house.handling.take_over(reference, "noor")
    lines = len(house.desk.history(reference))
    assert house.handling.typing(f" {reference.lower()} ", "noor")
    assert _writing_until(house) == house.clock() + TYPING
    assert len(house.desk.history(reference)) == lines


async def test_whoever_stops_writing_or_sends_it_is_not_writing(house: House, reference: str) -> None:
    house.handling.take_over(reference, "noor")
    for end in (
        lambda: house.handling.typing(reference, "noor", writing=False),
        lambda: house.handling.say(reference, "noor", "Hello"),
    ):
        house.handling.typing(reference, "noor")
        end()
        assert _writing_until(house) is None


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED])
async def test_that_somebody_writes_who_has_not_taken_over_is_not_shown(
    house: House, reference: str, status: Status
) -> None:
    _bring_to(house, reference, status)
    assert not house.handling.typing(reference, "noor")
    assert _writing_until(house) is None


async def test_that_a_colleague_of_the_owner_writes_is_not_shown(house: House, reference: str) -> None:
    house.handling.take_over(reference, "noor")
    assert not house.handling.typing(reference, "lee")


async def test_nobody_writes_about_a_case_that_does_not_exist(house: House) -> None:
    with pytest.raises(NotFound):
        house.handling.typing("XXXXX", "noor")


# -- the patient's side ----------------------------------------------------------


@pytest.fixture
def writing(house: House) -> PatientWriting:
    return PatientWriting(house.database, house.database.reader, house.clock)


async def test_that_the_patient_writes_is_kept_while_staff_have_the_talk(
    house: House, reference: str, writing: PatientWriting
) -> None:
    (conversation,) = house.database.rows(tables.conversations)
    assert not writing.says(conversation.id, True)
    assert _writing_until(house, Side.PATIENT) is None
    house.handling.take_over(reference, "noor")
    assert writing.says(conversation.id, True)
    assert _writing_until(house, Side.PATIENT) == house.clock() + TYPING
    assert writing.says(conversation.id, False)
    assert _writing_until(house, Side.PATIENT) is None


async def test_nobody_writes_in_a_talk_that_does_not_exist(house: House, writing: PatientWriting) -> None:
    with pytest.raises(UnknownConversation):
        writing.says("nobody's", True)
