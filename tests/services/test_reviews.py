"""The staff decide about borderline messages."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from bot.domain.escalation import Tier
from bot.services.reviews import ReviewProblem
from tests.harness.house import House

UNSURE = "my chest does a thing sometimes"


async def _kept(house: House) -> str:
    house.screen.doubts_about(UNSURE)
    await house.hears(UNSURE)
    return house.reviews.listing()[0].reference


def _examples(house: House) -> Path:
    return house.spool_folder.parent / "reviewed.jsonl"


async def test_a_report_is_escalated_and_becomes_an_example(house: House) -> None:
    escalation = house.reviews.decide(await _kept(house), "Noor", is_report=True, tier=Tier.URGENT)
    assert escalation is not None
    assert (escalation.tier, escalation.categories, escalation.reason) == (Tier.URGENT, ("cardiac",), "staff_review")
    (line,) = _examples(house).read_text(encoding="utf-8").splitlines()
    example = json.loads(line)
    assert (example["text"], example["tier"], example["category"]) == (UNSURE, "urgent", "cardiac")


async def test_what_is_not_a_report_becomes_an_example_of_none(house: House) -> None:
    assert house.reviews.decide(await _kept(house), "Noor", is_report=False) is None
    assert json.loads(_examples(house).read_text(encoding="utf-8"))["tier"] == "none"
    assert house.reviews.listing() == ()
    assert [kept.decision for kept in house.reviews.listing(include_decided=True)] == ["not_a_report"]


async def test_a_message_is_decided_once(house: House) -> None:
    reference = await _kept(house)
    house.reviews.decide(reference, "Noor", is_report=False)
    with pytest.raises(ReviewProblem, match="decided before"):
        house.reviews.decide(reference, "Sam", is_report=True)
    assert len(_examples(house).read_text(encoding="utf-8").splitlines()) == 1


async def test_an_unknown_reference_is_named_with_what_to_do(house: House) -> None:
    with pytest.raises(ReviewProblem, match="borderline list"):
        house.reviews.decide("XXXXX", "Noor", is_report=True)


async def test_a_decision_that_cannot_become_an_example_is_not_stored(house: House) -> None:
    reference = await _kept(house)
    _examples(house).mkdir()
    with pytest.raises(OSError, match=r"reviewed\.jsonl"):
        house.reviews.decide(reference, "Noor", is_report=True)
    assert len(house.reviews.listing()) == 1
    assert house.desk.listing() == ()


async def test_only_the_clinics_own_account_can_read_the_examples(house: House) -> None:
    house.reviews.decide(await _kept(house), "Noor", is_report=False)
    assert stat.S_IMODE(_examples(house).stat().st_mode) == 0o600
