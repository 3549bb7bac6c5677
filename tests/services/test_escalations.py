"""One open escalation a conversation, whoever reports and how often."""

from __future__ import annotations

import pytest

from bot.domain.conversation import Mode
from bot.domain.errors import Conflict, StorageUnavailable
from bot.domain.escalation import Escalation, Tier
from bot.services.escalations import Attention, Report
from bot.services.ladder import ACTOR
from bot.storage import tables
from tests.harness.cast import EMERGENCY
from tests.harness.house import House


def _tell(house: House, message_id: str, tier: Tier, *categories: str, sender: str = "U-ana") -> Escalation:
    report = Report(message_id, tier, "screen", categories, {"note": message_id})
    return house.desk.open_for_sender(sender, "slack", report)


def _events(house: House) -> list[str]:
    """What happened to the case, without what its ladder did."""
    return [row.event for row in house.database.rows(tables.escalation_events) if row.actor != ACTOR]


def _steps(house: House) -> list[str]:
    return sorted(row.step for row in house.database.rows(tables.pages))


def test_a_later_report_is_added_to_the_open_escalation(house: House) -> None:
    first = _tell(house, "m-1", Tier.URGENT, "cardiac")
    second = _tell(house, "m-2", Tier.URGENT, "seizure", "cardiac")
    assert (second.id, second.reference) == (first.id, first.reference)
    assert second.categories == ("cardiac", "seizure")
    assert _events(house) == ["opened", "message_added"]


@pytest.mark.parametrize(
    ("first", "then", "tier", "event"),
    [
        (Tier.ROUTINE, Tier.EMERGENCY, Tier.EMERGENCY, "tier_raised"),
        (Tier.URGENT, Tier.EMERGENCY, Tier.EMERGENCY, "tier_raised"),
        (Tier.EMERGENCY, Tier.ROUTINE, Tier.EMERGENCY, "message_added"),
        (Tier.URGENT, Tier.SAME_DAY, Tier.URGENT, "message_added"),
    ],
)
def test_a_tier_only_rises(house: House, first: Tier, then: Tier, tier: Tier, event: str) -> None:
    _tell(house, "m-1", first)
    assert _tell(house, "m-2", then).tier is tier
    assert house.desk.listing()[0].tier is tier
    assert _events(house) == ["opened", event]


def test_a_raised_tier_pages_again(house: House) -> None:
    _tell(house, "m-1", Tier.URGENT)
    _tell(house, "m-2", Tier.EMERGENCY)
    assert _steps(house) == ["1.0.0/noor/0", "2.0.0/noor/0"]


def test_a_second_report_at_the_same_tier_does_not_page_again(house: House) -> None:
    _tell(house, "m-1", Tier.EMERGENCY)
    _tell(house, "m-2", Tier.EMERGENCY)
    assert _steps(house) == ["1.0.0/noor/0"]


@pytest.mark.parametrize(("tier", "mode"), [(Tier.URGENT, Mode.WAITING), (Tier.SAME_DAY, Mode.BOT)])
def test_only_what_wakes_staff_makes_the_conversation_wait_for_them(house: House, tier: Tier, mode: Mode) -> None:
    escalation = _tell(house, "m-1", tier)
    with house.database() as uow:
        assert uow.conversations.get(escalation.conversation_id).mode is mode
    assert bool(_steps(house)) is (mode is Mode.WAITING)


def test_the_reason_of_the_worst_report_is_shown(house: House) -> None:
    house.desk.open_for_sender("U-ana", "slack", Report("m-1", Tier.ROUTINE, "person_requested"))
    house.desk.open_for_sender("U-ana", "slack", Report("m-2", Tier.EMERGENCY, "screen"))
    assert house.desk.open_for_sender("U-ana", "slack", Report("m-3", Tier.ROUTINE, "late")).reason == "screen"


def test_the_same_message_twice_acts_once(house: House) -> None:
    first = _tell(house, "m-1", Tier.URGENT, "cardiac")
    assert _tell(house, "m-1", Tier.URGENT, "cardiac") == first
    assert _events(house) == ["opened"]
    assert _steps(house) == ["1.0.0/noor/0"]


def test_times_are_those_of_the_clock(house: House) -> None:
    opened = _tell(house, "m-1", Tier.URGENT)
    later = house.clock.move(minutes=7)
    added = _tell(house, "m-2", Tier.URGENT)
    assert (added.opened_at, added.updated_at) == (opened.opened_at, later)


def test_a_sender_of_rasas_own_channels_keeps_one_conversation(house: House) -> None:
    anas = [_tell(house, f"m-{n}", Tier.ROUTINE).conversation_id for n in range(2)]
    bens = _tell(house, "m-9", Tier.ROUTINE, sender="U-ben").conversation_id
    assert anas[0] == anas[1] != bens


def test_the_same_name_on_two_channels_is_two_people(house: House) -> None:
    report = Report("m-1", Tier.ROUTINE, "person_requested")
    ids = {house.desk.open_for_sender("7", channel, report).conversation_id for channel in ("slack", "telegram")}
    assert len(ids) == 2


async def test_behind_the_gateway_the_sender_is_the_conversation(house: House) -> None:
    talk = await house.talk()
    assert _tell(house, "m-1", Tier.ROUTINE, sender=talk).conversation_id == talk
    assert house.database.count(tables.conversations) == 1


@pytest.mark.parametrize(("conflicts", "works"), [(1, True), (2, True), (3, False)])
def test_another_writer_first_is_tried_again_a_few_times(
    house: House, monkeypatch: pytest.MonkeyPatch, conflicts: int, works: bool
) -> None:
    real, left = house.desk._open_for_sender, [conflicts]

    def busy(*arguments: object) -> Escalation:
        left[0] -= 1
        if left[0] >= 0:
            raise Conflict
        return real(*arguments)

    monkeypatch.setattr(house.desk, "_open_for_sender", busy)
    if works:
        assert _tell(house, "m-1", Tier.URGENT).tier is Tier.URGENT
    else:
        with pytest.raises(Conflict):
            _tell(house, "m-1", Tier.URGENT)


def test_a_database_that_is_away_is_said(house: House) -> None:
    house.database.goes_down()
    with pytest.raises(StorageUnavailable):
        _tell(house, "m-1", Tier.EMERGENCY)


def test_staff_see_the_most_serious_first(house: House) -> None:
    for sender, tier in (("a", Tier.ROUTINE), ("b", Tier.EMERGENCY), ("c", Tier.SAME_DAY)):
        _tell(house, "m-1", tier, sender=sender)
    assert [e.tier for e in house.desk.listing()] == [Tier.EMERGENCY, Tier.SAME_DAY, Tier.ROUTINE]


def test_a_report_does_not_show_its_evidence_when_printed() -> None:
    assert "chest" not in repr(Report("m-1", Tier.URGENT, "screen", evidence={"words": "my chest hurts"}))


# -- what is being done for a patient's safety ----------------------------------


async def test_an_open_severe_report_has_the_staffs_attention(house: House) -> None:
    talk = (await house.hears(EMERGENCY)).conversation_id
    assert house.desk.attention(talk, "gateway") is Attention.REPORTED


async def test_an_open_question_back_has_the_gateways_attention(house: House) -> None:
    house.screen.doubts_about("my chest feels odd")
    talk = (await house.hears("my chest feels odd")).conversation_id
    assert house.desk.attention(talk, "gateway") is Attention.ASKED


async def test_an_ordinary_talk_or_a_request_for_the_queue_has_none(house: House) -> None:
    talk = await house.talk()
    house.desk.open_for_sender(talk, "gateway", Report("message-1", Tier.ROUTINE, "person_requested"))
    assert house.desk.attention(talk, "gateway") is Attention.NONE
    assert house.desk.attention("never-seen", "slack") is Attention.NONE


def test_whoever_rasa_alone_knows_is_found_by_channel_and_sender(house: House) -> None:
    house.desk.open_for_sender("U-ana", "slack", Report("message-1", Tier.URGENT, "screen"))
    assert house.desk.attention("U-ana", "slack") is Attention.REPORTED
    assert house.desk.attention("U-ana", "sms") is Attention.NONE
