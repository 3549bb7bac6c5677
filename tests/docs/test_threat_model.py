"""The threat model names tests that exist, and says what is open."""

from __future__ import annotations

import ast
import re

import pytest

from bot.settings import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
SAFEGUARDS = (
    "(a)(1)", "(a)(2)(i)", "(a)(2)(ii)", "(a)(2)(iii)", "(a)(2)(iv)",
    "(b)", "(c)(1)", "(c)(2)", "(d)", "(e)(1)", "(e)(2)(i)", "(e)(2)(ii)",
)  # fmt: skip


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_every_test_that_is_named_exists(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert test in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_threat_has_a_test_or_is_said_to_be_open() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| [STRIDE] \|", line)]
    assert rows
    assert [row for row in rows if "::test_" not in row and "**open**" not in row] == []


@pytest.mark.parametrize("safeguard", SAFEGUARDS)
def test_every_safeguard_has_a_test_and_the_clinics_part(safeguard: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {safeguard} ")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 4
    assert all(cells)
    assert "::test_" in cells[2]
