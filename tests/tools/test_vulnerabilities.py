"""No known weakness is in the lock files without a judgement for that version."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ROOT
from tools import sbom, vulnerabilities
from tools.vulnerabilities import LOCKS, pins, problems

JUDGED: dict[str, Any] = {
    "version": "1.0",
    "reachable": False,
    "why": "never imported",
    "replaced_by": "2.0",
    "date": date(2026, 11, 22),
}
ENTRY: dict[str, Any] = {
    "id": "EXAMPLE-1",
    "package": "example",
    "affected": "<2.0",
    "source": "an invented one",
    "what": "an example",
    "judged": JUDGED,
}


def test_every_known_weakness_in_the_lock_is_judged_for_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert vulnerabilities.main() == 0, capsys.readouterr().out


def test_what_is_judged_for_this_version_is_fine() -> None:
    assert list(problems([ENTRY], {"example": "1.0"})) == []


@pytest.mark.parametrize(
    ("changed", "version", "says"),
    [
        ({"judged": None}, "1.0", "judge it"),
        ({}, "1.1", "judge it again"),
        ({"judged": {**JUDGED, "reachable": "maybe"}}, "1.0", "true or false"),
        ({"affected": "some"}, "1.0", "no range"),
    ],
)
def test_what_is_not_judged_is_named(changed: dict[str, Any], version: str, says: str) -> None:
    (problem,) = problems([{**ENTRY, **changed}], {"example": version})
    assert says in problem
    assert "EXAMPLE-1" in problem


def test_what_lacks_something_is_named() -> None:
    (problem,) = problems([{"id": "EXAMPLE-1", "package": "example"}], {})
    assert "affected, source, what" in problem


@pytest.mark.parametrize("versions", [{"example": "2.0"}, {}])
def test_a_version_without_it_needs_no_judgement(versions: dict[str, str]) -> None:
    assert list(problems([{**ENTRY, "judged": None}], versions)) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_of_the_lock_has_a_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))
    pinned = [entry for entry in entries if "==" in entry.split("\n")[0]]
    assert len(pinned) == len(pins(lock))
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_the_list_of_what_is_installed_has_every_package_with_its_version(tmp_path: Path) -> None:
    sbom.main([str(tmp_path / "sbom.json")])
    listed = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    assert {part["name"]: part["version"] for part in listed["components"]} == pins(ROOT / "requirements.lock")
