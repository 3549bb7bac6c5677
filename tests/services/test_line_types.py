"""Which callers can be texted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.services.line_types import LineTypes
from tests.harness.switchboard import ANA


class Lookup:
    """A provider that knows one number."""

    def __init__(self, takes: bool | None) -> None:
        self.takes = takes
        self.asked: list[str] = []

    def takes_texts(self, number: str) -> bool | None:
        """The port's only method that is asked here."""
        self.asked.append(number)
        return self.takes


@pytest.mark.parametrize(("takes", "expected"), [(True, True), (False, False), (None, True)])
def test_only_a_known_landline_is_not_texted(takes: bool | None, expected: bool) -> None:
    hands = ThreadPoolExecutor(1)
    lines = LineTypes(Lookup(takes), hands)  # type: ignore[arg-type]
    lines.look_up(ANA)
    hands.shutdown(wait=True)
    assert lines.takes_texts(ANA) is expected


def test_what_is_not_known_yet_counts_as_a_mobile() -> None:
    assert LineTypes(Lookup(False)).takes_texts(ANA)  # type: ignore[arg-type]


def test_a_number_is_looked_up_once() -> None:
    lookup, hands = Lookup(False), ThreadPoolExecutor(1)
    lines = LineTypes(lookup, hands)  # type: ignore[arg-type]
    for _ in range(3):
        lines.look_up(ANA)
    hands.shutdown(wait=True)
    assert lookup.asked == [ANA]
