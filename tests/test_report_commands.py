"""Packets on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_staff_commands import Run, house, reference, run, settings  # noqa: F401 - fixtures


def test_a_packet_has_a_time_line_and_says_what_to_fill_in(run: Run, reference: str) -> None:  # noqa: F811
    code, out, _ = run("packet", reference.lower())
    assert code == 0
    assert "history: whole" in out
    assert "to fill in: Weight" in out
    assert "opened: " in out


def test_a_file_is_checked_and_one_that_was_changed_is_refused(run: Run, reference: str, tmp_path: Path) -> None:  # noqa: F811
    _, out, _ = run("packet", reference, "--json")
    file = tmp_path / "incident.json"
    file.write_text(out, encoding="utf-8")
    code, said, _ = run("packet", "--verify", str(file))
    assert (code, "whole" in said) == (0, True)
    file.write_text(out.replace(reference, "XXXXX"), encoding="utf-8")
    code, _, error = run("packet", "--verify", str(file))
    assert (code, "changed since it was made" in error) == (1, True)


@pytest.mark.parametrize("content", ["no JSON", "[]"])
def test_what_is_no_packet_is_said(run: Run, tmp_path: Path, content: str) -> None:  # noqa: F811
    file = tmp_path / "incident.json"
    file.write_text(content, encoding="utf-8")
    code, _, error = run("packet", "--verify", str(file))
    assert (code, len(error.splitlines())) == (1, 2)


def test_a_dry_run_deletes_nothing_and_a_purge_says_what_it_did(run: Run, reference: str) -> None:  # noqa: F811
    code, out, _ = run("purge", "--dry-run")
    assert (code, out.startswith("would be deleted: 0 talks")) == (0, True)
    code, out, _ = run("purge")
    assert (code, out) == (0, "nothing more is to be deleted\n")
    assert run("packet", reference)[0] == 0
