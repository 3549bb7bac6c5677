"""Packets of incidents: complete, honest about what is not known, and provable."""

from __future__ import annotations

import copy
import json

import pytest
import sqlalchemy as sa

from bot.domain.audit import Action
from bot.domain.errors import NotFound
from bot.domain.escalation import Outcome
from bot.services.incident import IncidentDesk, Maker, NotOwner, Packet, PacketRefused, signature, verify
from bot.storage import staff_tables
from tests.harness.cast import BENIGN, CLINIC, EMERGENCY
from tests.harness.house import House
from tests.harness.settings import SECRET

KEY = SECRET.encode()
AUDITOR = Maker("mara@example.org")


@pytest.fixture
def desk(house: House) -> IncidentDesk:
    """Packets of the house."""
    return IncidentDesk(house.database, house.on_call, CLINIC, house.clock, KEY)


@pytest.fixture
async def reference(house: House) -> str:
    """A report that was paged, taken over, answered and closed."""
    talk = await house.talk()
    outcome = await house.hears(EMERGENCY, talk)
    assert outcome.escalation is not None
    reference = outcome.escalation.reference
    house.clock.move(seconds=5)
    house.paging.tick()
    house.clock.move(seconds=55)
    house.handling.acknowledge(reference, "noor", "sms")
    house.handling.say(reference, "noor", "Are you sitting upright?")
    house.handling.note(reference, "noor", "Her husband is with her.")
    house.handling.resolve(reference, "noor", Outcome.SENT_TO_EMERGENCY, "by ambulance")
    return reference


@pytest.fixture
def packet(desk: IncidentDesk, reference: str) -> Packet:
    """As a file has it."""
    made: Packet = json.loads(json.dumps(desk.make(reference, AUDITOR)))
    return made


def test_the_time_line_has_what_was_said_and_done_in_order(packet: Packet) -> None:
    whats = [line["what"] for line in packet["time_line"]]
    for part in ("opened", "page sent", "acknowledged", "wrote", "noted", "resolved"):
        assert any(part in what for what in whats), part
    assert [line["at"] for line in packet["time_line"]] == sorted(line["at"] for line in packet["time_line"])


def test_the_talk_is_in_it_with_what_the_screen_found(packet: Packet) -> None:
    reported = [each for each in packet["messages"] if each["reported"]]
    assert [each["text"] for each in reported] == [EMERGENCY]
    assert reported[0]["screening"]["evidence"]
    assert any(each["text"] == "Are you sitting upright?" for each in packet["messages"])
    assert packet["safety_texts"]


def test_it_says_whom_pages_went_to_and_how(packet: Packet) -> None:
    page = packet["pages"][0]
    assert (page["name"], page["method"], page["state"]) == ("Noor", "call", "sent")
    assert "+15550100101" not in json.dumps(packet), "a number of staff"


def test_times_are_counted_from_the_report(packet: Packet) -> None:
    assert packet["times"]["to_acknowledge"] == 60.0
    assert packet["times"]["to_page"] < 60.0


def test_nothing_is_claimed_that_is_not_known(packet: Packet) -> None:
    fields = {each["label"]: each for each in packet["form"]}
    for label in ("Patient identifier", "Sex", "Weight", "Name, strength and manufacturer", "Type of report"):
        assert (fields[label]["value"], fields[label]["standing"]) == ("", "fill_in")
    assert fields["Outcomes attributed to the event"]["value"] == ""
    assert EMERGENCY in fields["Description of the event"]["value"]
    assert fields["Description of the event"]["standing"] == "confirm"
    assert fields["Organisation"]["value"] == CLINIC.name


def test_a_file_proves_itself(packet: Packet) -> None:
    assert packet["history_check"] == {
        "whole": True,
        "lines": len(packet["history"]),
        "lines_without_hash": 0,
        "problem": "",
    }
    assert verify(packet, KEY) == len(packet["history"])


@pytest.mark.parametrize("path", [("messages", 0, "text"), ("form", 0, "value"), ("escalation", "outcome")])
def test_a_file_that_was_changed_is_refused(packet: Packet, path: tuple[str | int, ...]) -> None:
    changed = target = copy.deepcopy(packet)
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = "something else"
    with pytest.raises(PacketRefused, match="changed since it was made"):
        verify(changed, KEY)


def test_a_history_that_was_changed_before_it_was_signed_is_refused(packet: Packet) -> None:
    packet["history"][1]["actor"] = "olga"
    packet["signature"] = signature(KEY, packet)
    with pytest.raises(PacketRefused, match=r"line \d+ of the history"):
        verify(packet, KEY)


def test_a_line_that_was_taken_out_is_missed(packet: Packet) -> None:
    del packet["history"][1]
    packet["signature"] = signature(KEY, packet)
    with pytest.raises(PacketRefused, match=r"line \d+ of the history"):
        verify(packet, KEY)


def test_another_key_proves_nothing(packet: Packet) -> None:
    with pytest.raises(PacketRefused, match="another SECRET_KEY"):
        verify(packet, b"x" * 32)


@pytest.mark.parametrize("data", [[], {}, {"format": "other"}, "text"])
def test_what_is_no_packet_is_said(data: object) -> None:
    with pytest.raises(PacketRefused, match="export it again"):
        verify(data, KEY)


def test_a_history_that_was_changed_in_the_database_is_named(desk: IncidentDesk, reference: str, house: House) -> None:
    with house.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE escalation_events SET actor = 'olga' WHERE event = 'acknowledged'"))
    check = desk.make(reference, AUDITOR)["history_check"]
    assert (check["whole"], "acknowledged" in check["problem"]) == (False, True)


def test_whoever_makes_one_stands_in_the_audit_with_its_signature(packet: Packet, reference: str, house: House) -> None:
    line = house.database.rows(staff_tables.audit)[-1]
    assert (line.actor, line.action, line.subject) == (AUDITOR.actor, Action.PACKET_MADE, reference)
    assert line.detail == {"signature": packet["signature"]}


def test_a_nurse_makes_those_of_her_own(desk: IncidentDesk, reference: str) -> None:
    assert desk.make(reference, Maker("noor", owns="noor"))["signature"]
    with pytest.raises(NotOwner):
        desk.make(reference, Maker("lee", owns="lee"))


def test_a_reference_that_nobody_has_is_said(desk: IncidentDesk) -> None:
    with pytest.raises(NotFound):
        desk.make("XXXXX", AUDITOR)


async def test_what_was_said_long_before_is_not_in_it(house: House, desk: IncidentDesk) -> None:
    talk = await house.talk()
    await house.hears(BENIGN, talk)
    house.clock.move(days=30)
    outcome = await house.hears(EMERGENCY, talk)
    assert outcome.escalation is not None
    packet = desk.make(outcome.escalation.reference, AUDITOR)
    assert BENIGN not in json.dumps(packet)
    assert packet["messages_left_out"] == 4


def test_a_talk_that_was_forgotten_stays_provable(house: House, desk: IncidentDesk, reference: str) -> None:
    with house.database() as uow:
        found = uow.escalations.by_reference(reference)
        assert found is not None
        uow.forgetting.ask(found.conversation_id, house.clock())
        uow.forgetting.forget(found.conversation_id, house.clock())
        uow.commit()
    packet = json.loads(json.dumps(desk.make(reference, AUDITOR)))
    assert verify(packet, KEY) == len(packet["history"])
    assert packet["messages"] == []
    assert EMERGENCY not in json.dumps(packet)
