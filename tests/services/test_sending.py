"""Texts leave the outbox: in order, at the number's pace, never twice, and staff hear of what does not arrive."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.escalation import Tier
from bot.domain.messages import Reply, ReplyKind
from bot.domain.telephone import ClinicNumber, Telephone
from bot.services.outgoing import queue
from bot.services.receipts import Fate
from bot.services.sending import SendingService
from bot.services.telephone_ports import Purpose, TextRefused, TextUnsure
from tests.harness.cast import BENIGN, EMERGENCY
from tests.harness.house import House
from tests.harness.telephony import CLINIC_NUMBER
from tests.harness.texter import BENS, Texter


@pytest.fixture
async def ana(house: House) -> Texter:
    """Ana, who has been greeted and answered, with receipts."""
    ana = Texter(house)
    await ana.writes(BENIGN)
    for text in ana.inbox:
        ana.receipt(text, Fate.DELIVERED)
    return ana


@pytest.fixture
async def reported(ana: Texter) -> Texter:
    """Ana, who has an emergency open; the safety text has arrived."""
    await ana.writes(EMERGENCY)
    ana.receipt(ana.inbox[-1], Fate.DELIVERED)
    return ana


def says(ana: Texter, *bodies: str, purpose: Purpose = Purpose.ANSWER) -> None:
    """Texts for a patient, one after the other, into the outbox."""
    talk = ana.talk
    with ana.house.database() as uow:
        address = uow.addresses.find(ana.number, ana.clinic_number)
        for body in bodies:
            reply = Reply(body, ReplyKind.CLARIFY)
            placed = uow.messages.add_notice(talk, f"{body} {purpose}", "bot", reply, ana.house.clock())
            queue(uow, address, placed, uow.conversations.get(talk).language, ana.house.clock(), purpose)
        uow.commit()


def callbacks(ana: Texter) -> list[str]:
    """Why staff were told to phone, in order."""
    talk = ana.talk
    with ana.house.database() as uow:
        found = uow.escalations.latest_for(talk)
        entries = uow.escalations.history(found.id) if found else ()
    return [entry.detail["why"] for entry in entries if entry.detail.get("reason") == "text_not_delivered"]


# -- order and pace ------------------------------------------------------------


async def test_texts_to_one_patient_leave_one_at_a_time_in_order(ana: Texter) -> None:
    says(ana, "one", "two", "three")
    assert [ana.receives() for _ in range(4)] == [["one"], ["two"], ["three"], []]


async def test_nothing_overtakes_a_text_that_waits_for_another_try(ana: Texter) -> None:
    says(ana, "one", "two")
    ana.house.telephony.errors = [OSError()]
    assert [ana.receives(), ana.receives()] == [[], []]
    ana.house.clock.move(seconds=5)
    assert [ana.receives(), ana.receives()] == [["one"], ["two"]]


async def test_what_is_said_about_safety_overtakes_an_answer_that_waits(ana: Texter) -> None:
    says(ana, "one")
    ana.house.telephony.errors = [OSError()]
    ana.receives()
    says(ana, "danger", purpose=Purpose.SAFETY)
    assert ana.receives() == ["danger"]


async def test_patients_do_not_wait_for_each_other(ana: Texter, house: House) -> None:
    ben = Texter(house, BENS)
    await ben.writes(BENIGN)
    says(ana, "to ana")
    says(ben, "to ben")
    assert house.sending.tick() == 2


@pytest.mark.parametrize(("per_second", "first", "a_second_later"), [(1.0, 1, 1), (3.0, 3, 3), (0.5, 1, 0)])
async def test_a_number_sends_no_faster_than_its_carrier_takes(
    house: House, per_second: float, first: int, a_second_later: int
) -> None:
    for number in range(10):
        texter = Texter(house, f"+1555010{number:04}")
        await texter.writes(BENIGN)
        says(texter, "hello")
    house.clock.move(seconds=10)
    sending = _at_a_pace(house, per_second)
    assert [sending.tick(), sending.tick()] == [first, 0]
    house.clock.move(seconds=1)
    assert sending.tick() == a_second_later


def _at_a_pace(house: House, per_second: float) -> SendingService:
    telephone = Telephone(numbers=(ClinicNumber(CLINIC_NUMBER, per_second),))
    return SendingService(replace(house.sending_parts, telephone=telephone), house.patience)


async def test_answers_to_webhooks_count_for_the_pace(house: House) -> None:
    ana = Texter(house)
    await ana.writes(BENIGN)
    says(ana, "hello")
    assert _at_a_pace(house, 2.0).tick() == 0


async def test_one_number_that_is_full_holds_up_no_other(ana: Texter, house: House) -> None:
    telephone = Telephone(numbers=(ClinicNumber(CLINIC_NUMBER, 1.0), ClinicNumber("+15550100151", 1.0)))
    sending = SendingService(replace(house.sending_parts, telephone=telephone), house.patience)
    other = Texter(house, BENS, "+15550100151")
    await other.writes(BENIGN)
    house.clock.move(seconds=10)
    await ana.writes(BENIGN)
    says(ana, "waits")
    says(other, "leaves")
    assert sending.tick() == 1
    assert house.telephony.bodies[-1] == "leaves"


async def test_a_number_that_is_set_no_more_still_sends_what_it_has(house: House) -> None:
    old = Texter(house, clinic_number="+15550100159")
    await old.writes(BENIGN, ours=False)
    says(old, "hello")
    assert old.receives() == ["hello"]


# -- never twice, never not ----------------------------------------------------


async def test_a_text_whose_answer_was_lost_is_looked_for_and_not_sent_again(ana: Texter) -> None:
    says(ana, "one")
    ana.house.telephony.lost = 1
    assert ana.receives() == ["one"]
    ana.house.clock.move(seconds=5)
    assert ana.receives() == []
    assert (ana.house.telephony.tries, ana.states()[-1]) == (1, "sent")


async def test_a_text_that_never_came_to_the_provider_is_sent_again(ana: Texter) -> None:
    says(ana, "one")
    ana.house.telephony.errors = [TextUnsure()]
    assert ana.receives() == []
    ana.house.clock.move(seconds=5)
    assert ana.receives() == ["one"]
    assert (ana.house.telephony.tries, ana.house.telephony.looks) == (2, 1)


async def test_the_same_words_that_were_sent_before_are_another_text(ana: Texter) -> None:
    says(ana, "yes")
    assert ana.receives() == ["yes"]
    says(ana, "yes", purpose=Purpose.STAFF)
    ana.house.telephony.errors = [TextUnsure()]
    ana.receives()
    ana.house.clock.move(seconds=5)
    assert ana.receives() == ["yes"]


async def test_while_the_list_cannot_be_read_nothing_is_sent_again(ana: Texter) -> None:
    says(ana, "one")
    ana.house.telephony.errors = [TextUnsure()]
    ana.house.telephony.list_error = ConnectionError()
    ana.receives()
    ana.house.clock.move(seconds=5)
    assert ana.receives() == []
    ana.house.telephony.list_error = None
    ana.house.clock.move(seconds=10)
    assert ana.receives() == ["one"]


async def test_a_sender_that_dies_while_sending_leaves_no_text_behind(ana: Texter) -> None:
    says(ana, "one")
    ana.house.database.goes_down(after_transactions=2)  # leased, and then the pager is gone
    ana.receives()
    ana.house.database.comes_back()
    another = SendingService(ana.house.sending_parts, ana.house.patience)
    ana.house.clock.move(seconds=61)
    assert another.tick() == 1
    assert (ana.house.telephony.tries, ana.states()[-1]) == (1, "sent")


async def test_a_result_that_cannot_be_stored_waits_and_nothing_more_is_sent(ana: Texter) -> None:
    says(ana, "one", "two")
    ana.house.telephony.meanwhile = lambda _: ana.house.database.goes_down()
    ana.receives()
    ana.house.telephony.meanwhile = None
    ana.house.database.comes_back()
    ana.house.clock.move(minutes=10)
    assert ana.receives() == ["two"]
    assert ana.house.telephony.bodies.count("one") == 1


async def test_a_provider_that_hangs_holds_up_no_turn(house: House) -> None:
    house.patience = 0.05
    house.build_texting()
    ana = Texter(house)
    await ana.writes(BENIGN)
    says(ana, "one")
    house.telephony.hangs = True
    assert house.sending.tick() == 0
    house.clock.move(seconds=61)
    assert house.sending.tick() == 0  # its lease is over, and it is not sent beside itself
    house.telephony.hangs = False
    house.telephony.released.set()
    while ana.states()[-1] != "sent":
        house.sending.tick()
    assert house.telephony.tries == 1


async def test_two_senders_at_once_send_each_text_once(ana: Texter) -> None:
    says(ana, "one")
    another = SendingService(ana.house.sending_parts, ana.house.patience)
    ana.house.telephony.meanwhile = lambda _: _nothing_left(another)
    assert ana.receives() == ["one"]


def _nothing_left(another: SendingService) -> None:
    assert another.tick() == 0


# -- numbers that have stopped -------------------------------------------------


async def test_nothing_leaves_to_a_number_that_has_stopped(ana: Texter) -> None:
    says(ana, "one")
    await ana.writes("stop texting me")
    tries = ana.house.telephony.tries
    ana.receives()
    assert ana.house.telephony.tries == tries
    assert "refused" in ana.states()


async def test_the_confirmation_of_a_stop_still_leaves(ana: Texter) -> None:
    says(ana, "one")
    assert await ana.writes("STOP") == []  # "one" waits before it
    ana.receives()
    (confirmation,) = ana.receives()
    assert "no more texts" in confirmation


async def test_an_opt_out_with_the_provider_is_recorded(ana: Texter) -> None:
    says(ana, "one")
    ana.house.telephony.opted_out = {ana.number}
    assert ana.receives() == []
    assert ana.address.stopped
    assert ana.consents()[-1] == ("stopped", "provider_refused", "")


async def test_a_message_of_staff_to_a_stopped_number_tells_them_to_phone(reported: Texter) -> None:
    (case,) = reported.house.desk.listing()
    await reported.writes("STOP")
    reported.house.handling.say(case.reference, "noor", "How are you now?")
    assert reported.receives() == []
    assert callbacks(reported) == ["stopped"]


# -- what does not arrive ------------------------------------------------------


async def test_staff_are_told_once_when_a_text_about_safety_does_not_leave(ana: Texter) -> None:
    says(ana, "danger", purpose=Purpose.SAFETY)
    ana.house.telephony.errors = [OSError() for _ in range(6)]
    for _ in range(6):
        ana.receives()
        ana.house.clock.move(minutes=1)
    assert callbacks(ana) == ["provider_away"]
    (opened,) = ana.house.desk.listing()
    assert (opened.tier, opened.categories) == (Tier.SAME_DAY, ("callback",))
    assert ana.receives() == ["danger"]


async def test_what_will_never_leave_is_given_up_after_twenty_minutes(ana: Texter) -> None:
    says(ana, "answer")
    ana.house.telephony.errors = [OSError() for _ in range(100)]
    while ana.states()[-1] == "pending":
        ana.receives()
        ana.house.clock.move(minutes=1)
    assert (ana.states()[-1], ana.house.telephony.tries) == ("failed", 24)
    assert ana.house.desk.listing() == ()


@pytest.mark.parametrize("purpose", [Purpose.SAFETY, Purpose.STAFF])
async def test_a_number_that_takes_no_texts_lets_staff_phone(ana: Texter, purpose: Purpose) -> None:
    says(ana, "to a landline", purpose=purpose)
    ana.house.telephony.errors = [TextRefused("landline")]
    ana.receives()
    assert (ana.states()[-1], callbacks(ana)) == ("refused", ["landline"])


async def test_whoever_has_an_open_case_is_paged_when_the_patient_cannot_be_texted(reported: Texter) -> None:
    (case,) = reported.house.desk.listing()
    reported.house.handling.say(case.reference, "noor", "How are you now?")
    reported.house.telephony.errors = [TextRefused("landline")]
    reported.receives()
    reported.house.paging.tick()
    assert reported.house.desk.listing()[0].tier is Tier.EMERGENCY
    assert "has a new report" in reported.house.pager.sent[-1]


async def test_a_module_that_is_broken_is_tried_again_and_keeps_nobody_waiting(ana: Texter, house: House) -> None:
    ben = Texter(house, BENS)
    await ben.writes(BENIGN)
    says(ana, "to ana")
    says(ben, "to ben")
    house.telephony.errors = [KeyError("sid")]
    assert house.sending.tick() == 1
    house.clock.move(seconds=5)
    assert house.sending.tick() == 1


# -- answers to webhooks that may be lost ---------------------------------------


async def test_an_answer_without_a_receipt_that_the_provider_has_is_not_sent_again(house: House) -> None:
    ana = Texter(house)
    await ana.writes(BENIGN)
    house.clock.move(seconds=61)
    assert ana.receives() == []
    assert (ana.states(), house.telephony.tries) == (["sent", "sent"], 0)


async def test_an_answer_that_was_lost_is_sent_once(house: House) -> None:
    ana = Texter(house)
    given = await ana.hands_in(EMERGENCY)
    house.clock.move(seconds=59)
    assert ana.receives() == []
    house.clock.move(seconds=6)
    received = [body for _ in range(4) for body in ana.receives()]
    assert received == [text.body for text in given]


async def test_the_same_answer_twice_without_any_receipt_is_sent_no_third_time(house: House) -> None:
    ana = Texter(house)
    await ana.writes(BENIGN)
    await ana.writes(BENIGN)
    house.clock.move(seconds=61)
    for _ in range(4):
        ana.receives()
        house.clock.move(seconds=6)
    assert (house.telephony.tries, set(ana.states())) == (0, {"sent"})


async def test_a_lost_safety_text_to_a_number_that_has_stopped_lets_staff_phone(ana: Texter) -> None:
    await ana.writes("STOP")
    await ana.hands_in(EMERGENCY)  # the provider drops what is in the answer
    ana.house.clock.move(seconds=61)
    for _ in range(2):
        ana.receives()
    assert callbacks(ana) == ["stopped"]


async def test_while_the_list_cannot_be_read_it_is_asked_again_after_a_while(house: House) -> None:
    ana = Texter(house)
    given = await ana.hands_in(BENIGN)
    house.telephony.list_error = ConnectionError()
    house.clock.move(seconds=61)
    for _ in range(3):
        house.sending.tick()
    assert house.telephony.looks == 2
    house.clock.move(seconds=5)
    house.telephony.list_error = None
    received = [body for _ in range(4) for body in ana.receives()]
    assert received == [text.body for text in given]
