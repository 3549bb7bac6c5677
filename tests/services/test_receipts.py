"""Receipts come in any order and any number of times; what is true in the end is what the staff are told."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.services.receipts import Fate, Receipt
from bot.storage import tables
from tests.harness.cast import BENIGN, EMERGENCY
from tests.harness.house import House
from tests.harness.telephony import SentText
from tests.harness.texter import Texter

OFF = {"reason": "code_30003", "may_arrive_later": True}
LANDLINE = {"reason": "landline"}
STOPPED = {"reason": "stopped", "stopped": True}


@pytest.fixture
async def ana(house: House) -> Texter:
    """Ana, with an emergency; the last thing that she was told is who we are."""
    ana = Texter(house)
    await ana.writes(EMERGENCY)
    return ana


@pytest.fixture
def safety(ana: Texter) -> SentText:
    """The safety text on her phone."""
    return ana.inbox[0]


def phoned(ana: Texter) -> list[str]:
    """Why staff are told to phone."""
    return [reason for _, reason in ana.history() if reason == "text_not_delivered"]


def state(ana: Texter) -> str:
    """How far the safety text has got."""
    return ana.states()[0]


def test_a_receipt_says_how_far_a_text_has_got(ana: Texter, safety: SentText) -> None:
    seen = []
    for fate in (Fate.ON_THE_WAY, Fate.DELIVERED):
        assert ana.receipt(safety, fate)
        seen.append(state(ana))
    assert seen == ["sent", "delivered"]


def test_staff_see_that_the_safety_text_has_arrived(ana: Texter, safety: SentText) -> None:
    ana.receipt(safety, Fate.DELIVERED)
    ana.receipt(safety, Fate.DELIVERED)
    assert [event for event, _ in ana.history()].count("text_delivered") == 1


async def test_an_answer_that_arrives_is_no_news_for_staff(ana: Texter) -> None:
    await ana.writes(BENIGN)
    ana.receipt(ana.inbox[-1], Fate.DELIVERED)
    assert "text_delivered" not in [event for event, _ in ana.history()]


def test_a_receipt_that_is_late_takes_nothing_back(ana: Texter, safety: SentText) -> None:
    ana.receipt(safety, Fate.DELIVERED)
    ana.receipt(safety, Fate.ON_THE_WAY)
    ana.receipt(safety, Fate.FAILED, **LANDLINE)
    assert (state(ana), phoned(ana)) == ("delivered", [])


def test_a_text_that_did_not_arrive_lets_staff_phone_once(ana: Texter, safety: SentText) -> None:
    for _ in range(3):
        ana.receipt(safety, Fate.FAILED, **LANDLINE)
    assert (state(ana), phoned(ana)) == ("failed", ["text_not_delivered"])


async def test_an_answer_that_did_not_arrive_is_kept_as_failed(house: House) -> None:
    ana = Texter(house)
    await ana.writes(BENIGN)
    ana.receipt(ana.inbox[-1], Fate.FAILED, **LANDLINE)
    assert (ana.states()[-1], house.desk.listing()) == ("failed", ())


def test_an_opt_out_in_a_receipt_is_recorded(ana: Texter, safety: SentText) -> None:
    ana.receipt(safety, Fate.FAILED, **STOPPED)
    assert ana.address.stopped
    assert ana.consents()[-1] == ("stopped", "provider_refused", "")
    assert phoned(ana) == ["text_not_delivered"]


async def test_a_provider_that_blocks_a_number_of_which_we_thought_only_we_did_is_known_then(house: House) -> None:
    ana = Texter(house)
    await ana.writes("STOP")
    ana.receipt(ana.inbox[-1], Fate.FAILED, **STOPPED)
    assert ana.consents()[-1] == ("stopped", "provider_refused", "")
    assert await ana.writes(EMERGENCY) == []


def test_a_phone_that_is_off_is_tried_again_and_then_staff_phone(ana: Texter, safety: SentText) -> None:
    ana.receipt(ana.inbox[1], Fate.DELIVERED)
    last = safety
    for _ in range(2):
        ana.receipt(last, Fate.FAILED, **OFF)
        assert ana.receives() == []
        ana.house.clock.move(minutes=2)
        assert ana.receives() == [safety.body]
        last = ana.inbox[-1]
    ana.receipt(last, Fate.FAILED, **OFF)
    assert (state(ana), phoned(ana)) == ("failed", ["text_not_delivered"])


def test_a_receipt_of_an_earlier_try_says_nothing_about_the_next(ana: Texter, safety: SentText) -> None:
    ana.receipt(safety, Fate.FAILED, **OFF)
    ana.receipt(safety, Fate.ON_THE_WAY)
    assert state(ana) == "pending"
    ana.house.clock.move(minutes=2)
    ana.receives()
    ana.receipt(safety, Fate.FAILED, **OFF)
    assert state(ana) == "sent"


def test_a_text_that_arrived_by_the_first_try_after_all_is_not_sent_again(ana: Texter, safety: SentText) -> None:
    ana.receipt(safety, Fate.FAILED, **OFF)
    ana.receipt(safety, Fate.DELIVERED)
    ana.house.clock.move(minutes=2)
    assert safety.body not in ana.receives()


async def test_a_receipt_proves_that_a_text_was_taken_whose_answer_was_lost(ana: Texter) -> None:
    (case,) = ana.house.desk.listing()
    ana.house.handling.say(case.reference, "noor", "How are you now?")
    ana.house.telephony.lost = 1
    ana.receives()
    ana.receipt(ana.inbox[-1], Fate.ON_THE_WAY)
    ana.house.clock.move(seconds=5)
    ana.receives()
    assert (ana.house.telephony.tries, ana.house.telephony.looks) == (1, 0)


def test_a_receipt_of_a_text_that_is_not_ours_is_known_as_that(ana: Texter) -> None:
    assert not ana.house.receipts.take(Receipt("nobody", "SM0", Fate.DELIVERED))


def test_a_receipt_finds_its_text_by_what_the_provider_calls_it(ana: Texter, safety: SentText) -> None:
    ana.receipt(safety, Fate.ON_THE_WAY)
    assert ana.house.receipts.take(Receipt("lost-on-the-way", safety.id, Fate.DELIVERED))
    assert state(ana) == "delivered"


@pytest.mark.parametrize("order", list(itertools.permutations([Fate.ON_THE_WAY, Fate.ON_THE_WAY, Fate.DELIVERED]))[::2])
def test_in_any_order_a_delivered_text_is_delivered(ana: Texter, safety: SentText, order: tuple[Fate, ...]) -> None:
    for fate in order:
        ana.receipt(safety, fate)
    assert state(ana) == "delivered"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=st.lists(st.sampled_from([Fate.ON_THE_WAY, Fate.FAILED]), min_size=1, max_size=6))
async def test_in_any_order_a_text_that_fails_for_good_has_failed(house: House, fates: list[Fate]) -> None:
    ana = Texter(house)
    await ana.writes(EMERGENCY)
    text = ana.inbox[-1]
    for fate in fates:
        ana.receipt(text, fate, **(LANDLINE if fate is Fate.FAILED else {}))
    row = next(row for row in house.database.rows(tables.texts) if row.provider_id == text.id)
    assert row.state == ("failed" if Fate.FAILED in fates else "sent")
