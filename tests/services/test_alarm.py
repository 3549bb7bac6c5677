"""The alarm: one page without a database, to whoever is there, by whatever way takes it."""

from __future__ import annotations

import pytest

from bot.domain.escalation import Tier
from bot.domain.on_call import OnCall
from bot.services.alarm import Alarm
from tests.harness.cast import CLINIC, ON_CALL
from tests.harness.clock import FakeClock
from tests.harness.pager import FakePager

NOOR, NOOR_AGAIN, LEE, KIM, OLGA = ("+15550100101", "+15550100102", "+15550100111", "+15550100121", "+15550100131")


@pytest.fixture
def pager() -> FakePager:
    return FakePager()


def _alarm(pager: FakePager, on_call: OnCall = ON_CALL) -> Alarm:
    return Alarm(pager, on_call, CLINIC, FakeClock())


def test_the_first_step_is_reached_and_nobody_else(pager: FakePager) -> None:
    assert _alarm(pager).sound("talk", Tier.EMERGENCY)
    assert pager.reached == [NOOR]


def test_it_sounds_once_a_conversation_and_tier(pager: FakePager) -> None:
    alarm = _alarm(pager)
    sounded = [alarm.sound(talk, tier) for talk in ("a", "b") for tier in (Tier.EMERGENCY, Tier.URGENT) for _ in "12"]
    assert sounded == [True, False] * 4


@pytest.mark.parametrize("tier", [Tier.SAME_DAY, Tier.ROUTINE])
def test_what_wakes_nobody_sounds_no_alarm(pager: FakePager, tier: Tier) -> None:
    assert not _alarm(pager).sound("talk", tier)
    assert pager.tries == 0


@pytest.mark.parametrize(
    ("refusing", "reached"),
    [
        ({NOOR}, [NOOR_AGAIN]),
        ({NOOR, NOOR_AGAIN}, [LEE]),
        ({NOOR, NOOR_AGAIN, LEE}, [KIM]),
        ({NOOR, NOOR_AGAIN, LEE, KIM}, [OLGA]),
    ],
)
@pytest.mark.parametrize("kind", ["refusing", "down"])
def test_a_way_that_is_closed_gives_way_to_the_next(
    pager: FakePager, kind: str, refusing: set[str], reached: list[str]
) -> None:
    setattr(pager, kind, refusing)
    assert _alarm(pager).sound("talk", Tier.EMERGENCY)
    assert pager.reached == reached


def test_an_alarm_that_reached_nobody_is_loud_and_tried_again(
    pager: FakePager, caplog: pytest.LogCaptureFixture
) -> None:
    alarm = _alarm(pager)
    pager.failing = ConnectionError()
    assert not alarm.sound("talk", Tier.URGENT)
    assert "alarm_reached_nobody" in caplog.text
    pager.failing = None
    assert alarm.sound("talk", Tier.URGENT)


def test_it_says_nothing_of_the_patient_and_claims_nothing(pager: FakePager) -> None:
    _alarm(pager).sound("0123456789abcdef", Tier.EMERGENCY)
    (page,) = pager.pages
    assert page.title == f"{CLINIC.name}: emergency report, database unavailable"
    assert "0123456789abcdef" not in page.text
    assert "has no reference yet" in page.text


def test_it_sounds_in_the_background(pager: FakePager) -> None:
    pager.hanging = {NOOR}
    alarm = _alarm(pager)
    sounding = alarm.start("talk", Tier.EMERGENCY, kept=True)
    assert not sounding.done()
    pager.released.set()
    assert sounding.result()
