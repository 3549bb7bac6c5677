"""The section `retention` of clinic.yml."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml

from bot.domain.retention import Retention
from bot.on_call_settings.notes import Notes
from bot.retention_settings import EXAMPLE, EXPLAINED, read_retention


def _problems(data: Any) -> list[str]:
    found: list[str] = []
    read_retention(data, Notes(found, "retention: "))
    return found


def test_without_the_section_the_defaults_hold() -> None:
    assert read_retention(None, Notes([], "")) == Retention()


def test_the_example_is_the_defaults_and_has_all_keys() -> None:
    section = yaml.safe_load(EXAMPLE)["retention"]
    assert read_retention(section, Notes([], "")) == Retention()
    assert list(section) == [key for key, _, _ in EXPLAINED]


def test_a_key_changes_what_it_names() -> None:
    assert read_retention({"talks": 90}, Notes([], "")) == Retention(talks=timedelta(days=90))


@pytest.mark.parametrize("days", [0, -1, 6, 36501, "90", 1.5, True, None])
def test_days_that_cannot_be_are_named(days: Any) -> None:
    (problem,) = _problems({"talks": days})
    assert problem.startswith("retention: talks: ")


def test_all_problems_are_named_at_once() -> None:
    assert len(_problems({"talks": 1, "reports": 30, "audits": 5})) == 3
