"""The clinic's names and numbers in approved texts."""

from __future__ import annotations

import pytest

from tests.harness.cast import CLINIC


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Call [clinic phone].", f"Call {CLINIC.phone}."),
        ("[clinic name], [clinic name]", f"{CLINIC.name}, {CLINIC.name}"),
        ("[emergency number] or [crisis number]", f"{CLINIC.emergency_number} or {CLINIC.crisis_number}"),
        ("no placeholder {here} [either]", "no placeholder {here} [either]"),
        ("", ""),
    ],
)
def test_placeholders_become_the_clinics_own(text: str, filled: str) -> None:
    assert CLINIC.fill(text) == filled
