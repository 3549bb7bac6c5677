"""Tiers and references."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from bot.domain.escalation import REFERENCE_LENGTH, Tier, new_reference

ORDER = [Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY, Tier.ROUTINE]


@pytest.mark.parametrize(("worse", "milder"), pairwise(ORDER))
def test_the_more_serious_tier_wins_from_both_sides(worse: Tier, milder: Tier) -> None:
    assert worse.worst(milder) is worse
    assert milder.worst(worse) is worse


@pytest.mark.parametrize(("one", "other"), product(ORDER, ORDER))
def test_the_worst_of_two_is_never_milder_than_either(one: Tier, other: Tier) -> None:
    assert one.worst(other).rank <= min(one.rank, other.rank)


@pytest.mark.parametrize(
    ("tier", "wakes"),
    [(Tier.EMERGENCY, True), (Tier.URGENT, True), (Tier.SAME_DAY, False), (Tier.ROUTINE, False)],
)
def test_only_what_cannot_wait_wakes_staff(tier: Tier, wakes: bool) -> None:
    assert tier.wakes_staff is wakes


def test_a_reference_has_no_letter_that_is_misheard_or_misread() -> None:
    letters = set("".join(new_reference() for _ in range(500)))
    assert not letters & set("0O1ILS52ZB8UV")
    assert all(letter.isupper() or letter.isdigit() for letter in letters)


def test_a_reference_is_short_enough_to_say() -> None:
    assert {len(new_reference()) for _ in range(50)} == {REFERENCE_LENGTH}


def test_references_rarely_repeat() -> None:
    assert len({new_reference() for _ in range(300)}) > 295
