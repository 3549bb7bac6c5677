"""Compares requirements.lock with the known weaknesses in docs/vulnerabilities.yml.

    python -m tools.vulnerabilities

Prints each one that the lock file has without a judgement for exactly that version, and exits with 1; else says how
many were judged. The list is kept by hand, since a clinic's network may reach no service of advisories.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.settings import ROOT

LIST = ROOT / "docs" / "vulnerabilities.yml"
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
_KEYS = {"id", "package", "affected", "source", "what"}
_JUDGED = {"version", "reachable", "why", "replaced_by", "date"}

Entry = Mapping[str, Any]


def main() -> int:
    """The command."""
    entries = read()
    found = list(problems(entries, {**pins(LOCKS[1]), **pins(LOCKS[0])}))
    for problem in found:
        print(problem)
    if not found:
        print(f"assistant: {len(entries)} known weaknesses, each judged where the lock files have it")
    return bool(found)


def read(path: Path = LIST) -> list[Entry]:
    """The list."""
    return list(yaml.safe_load(path.read_text(encoding="utf-8"))["vulnerabilities"])


def pins(lock: Path) -> dict[str, str]:
    """The version of each package in a lock file."""
    lines = (line.split()[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line)
    return {name.partition("[")[0].lower(): version for name, _, version in (line.partition("==") for line in lines)}


def problems(entries: list[Entry], versions: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the list, and what the lock files have that nobody has judged."""
    for entry in entries:
        name = f"{entry.get('id', '?')} in {entry.get('package', '?')}"
        if missing := _KEYS - entry.keys():
            yield f"{name}: {', '.join(sorted(missing))} is missing"
            continue
        try:
            affected = SpecifierSet(entry["affected"])
        except InvalidSpecifier:
            yield f"{name}: affected is no range of versions, as in '<2.13'"
            continue
        version = versions.get(entry["package"])
        if version and affected.contains(version, prereleases=True):
            yield from _unjudged(name, version, entry.get("judged") or {})


def _unjudged(name: str, version: str, judged: Entry) -> Iterator[str]:
    if missing := _JUDGED - judged.keys():
        yield f"{name}: the lock has {version}; judge it: {', '.join(sorted(missing))}"
    elif str(judged["version"]) != version:
        yield f"{name}: judged for {judged['version']}, the lock has {version}: judge it again"
    elif not isinstance(judged["reachable"], bool) or not isinstance(judged["date"], date):
        yield f"{name}: reachable is true or false, date is like 2026-11-22"


if __name__ == "__main__":
    sys.exit(main())
