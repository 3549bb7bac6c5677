"""The page of settings is the settings."""

from __future__ import annotations

import pytest

from bot.settings import CLINIC_SCHEMA, SETTINGS
from tools import settings_doc


def test_the_page_in_the_repository_is_the_one_that_is_made() -> None:
    made = settings_doc.render()
    assert settings_doc.PATH.read_text(encoding="utf-8") == made, "run: python -m tools.settings_doc"


@pytest.mark.parametrize("name", [*(setting.name for setting in SETTINGS), *CLINIC_SCHEMA["properties"]])
def test_every_setting_is_in_it(name: str) -> None:
    assert f"| `{name}` |" in settings_doc.render()
