"""What patients of the day write."""

from __future__ import annotations

import functools
from random import Random

import yaml

from bot.settings import ROOT
from tools.torture.patients import REPORTS

FOLLOW_UPS = ("shorter please", "tell me more", "where does that come from", "and the day after?", "thank you", "hello")
__all__ = ["FOLLOW_UPS", "REPORTS", "question"]


def question(random: Random) -> str:
    """One that a button of the assistant would ask."""
    return random.choice(_questions())


@functools.cache
def _questions() -> tuple[str, ...]:
    found = []
    for path in sorted((ROOT / "data/nlu/faq").glob("*.yml")):
        responses = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
        found += [variant["custom"]["question"] for variants in responses.values() for variant in variants]
    return tuple(found)
