"""The tool that measures what encryption costs compares like with like."""

from __future__ import annotations

import sys

import pytest

from tools import sealing_cost


def test_both_sides_are_measured_in_one_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sealing_cost", "--messages", "4"])
    sealing_cost.main()
    out = capsys.readouterr().out
    assert out.startswith("4 messages on sqlite")
    assert out.count("ratio") == 4  # the heading, and storing, reading, both
