"""Training lines as their files have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.training_lines import files, labelled, lines_of, normal


@pytest.mark.parametrize(
    ("line", "compared"), [(" Why?! ", "why"), ("a\t b  c.", "a b c"), ("e.g. 5.5 mg", "e.g. 5.5 mg"), ("", "")]
)
def test_case_outer_punctuation_and_spaces_do_not_count(line: str, compared: str) -> None:
    assert normal(line) == compared


def test_the_lines_of_an_entry_are_read_without_dashes() -> None:
    assert lines_of({"examples": "- one\n\n-  two - three\n"}) == ["one", "two - three"]


def test_each_line_of_a_file_comes_with_its_label(tmp_path: Path) -> None:
    for name, line in (("b", "may Ben drive"), ("a", "may Ana drive")):
        path = tmp_path / "faq" / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"nlu: [{{intent: faq/{name}, examples: '- {line}'}}]", encoding="utf-8")
    assert list(labelled(files(tmp_path))) == [("faq/a", "may Ana drive"), ("faq/b", "may Ben drive")]
