"""The script as it is served: small, whole, and with nothing in it that a strict page forbids."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from typing import Any

import pytest

from bot.widget.assemble import texts, widget_script
from tests.harness.cast import CLINIC

LIMIT_BYTES = 20_000
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def script() -> str:
    """For the cast's clinic."""
    return widget_script(CLINIC, 4000).decode()


def test_it_is_small(script: str) -> None:
    assert len(gzip.compress(script.encode(), mtime=0)) <= LIMIT_BYTES


def test_it_has_the_clinics_numbers(script: str) -> None:
    for number in (CLINIC.phone, CLINIC.emergency_number, CLINIC.crisis_number, CLINIC.name):
        assert f'"{number}"' in script


def test_a_clinics_name_cannot_end_a_string() -> None:
    name = 'A "clinic" \\ </script> \u2028 `${x}`'
    script = widget_script(replace(CLINIC, name=name), 4000).decode()
    assert 'A \\"clinic\\" \\\\ </script>' in script


def test_it_holds_nothing_that_makes_markup_or_code_of_words(script: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|\.cssText|setAttribute\(\"style"
    assert re.findall(forbidden, script) == []


def test_it_names_no_other_server(script: str) -> None:
    assert set(re.findall(r"https?://[\w.]+", script)) == {
        "http://www.w3.org"
    }  # the name of SVG, which nobody asks for


def test_comments_stay_at_home(script: str) -> None:
    assert re.findall(r"^\s*(?://|/\*|\*)", script, re.MULTILINE) == []


def test_every_language_has_every_text_with_the_same_places() -> None:
    def places(value: Any) -> Any:
        return sorted(PLACEHOLDER.findall(value)) if isinstance(value, str) else type(value)

    known = texts()
    assert set(known) == {"en", "es"}
    english = {name: places(value) for name, value in known["en"].items()}
    for language in known.values():
        assert {name: places(value) for name, value in language.items()} == english


def test_every_text_is_used(script: str) -> None:
    code = "\n".join(line for line in script.splitlines() if not line.startswith("const TEXTS"))
    unused = [name for name in texts()["en"] if f'"{name}"' not in code and f".{name}" not in code]
    assert unused == []
