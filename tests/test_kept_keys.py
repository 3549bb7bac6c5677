"""Keys in files: made once, private, and read again when they change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.kept_keys import DataKeyFile, kept, new_data_key, parse_data_keys

FIRST, SECOND = "A" * 43 + "=", "B" * 42 + "E="


def test_a_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "data.keys"
    assert kept(path, lambda: "first") == kept(path, lambda: "second") == b"first"
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_a_new_key_is_a_key_and_another_one_each_time() -> None:
    keys = new_data_key(), new_data_key()
    assert parse_data_keys(" ".join(keys)) == keys
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    "text", [f"{FIRST},{SECOND}", f"{FIRST}\n{SECOND}\n", f"# new\n  {FIRST} ,\r\n\n# old\n{SECOND}"]
)
def test_keys_are_told_apart_by_commas_or_lines(text: str) -> None:
    assert parse_data_keys(text) == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no key"),
        ("# nothing but words", "holds no key"),
        (f"{FIRST},{SECOND[:-1]}", "key 2 of 2"),
        ("short", "key 1 of 1"),
        ("ä" * 44, "key 1 of 1"),
        (f"{FIRST}{SECOND}", "key 1 of 1"),
    ],
)
def test_what_is_no_key_is_named_by_its_place_alone(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        parse_data_keys(text)
    assert not text or text not in str(caught.value)


def _replace(path: Path, text: str) -> None:
    """As an editor does: another file in its place."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def test_a_file_of_keys_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "data.keys"
    _replace(path, FIRST)
    keys = DataKeyFile(path, (SECOND,))
    assert keys() == keys() == (FIRST,)
    _replace(path, f"{SECOND}\n{FIRST}")
    assert keys() == (SECOND, FIRST)


@pytest.mark.parametrize("trouble", ["gone", "", "torn"])
def test_keys_stay_while_their_file_cannot_be_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    path = tmp_path / "data.keys"
    _replace(path, FIRST)
    keys = DataKeyFile(path, (FIRST,))
    keys()
    path.unlink() if trouble == "gone" else _replace(path, trouble)
    assert keys() == keys() == (FIRST,)
    assert caplog.text.count("data_keys_unreadable") == 1
    _replace(path, SECOND)
    assert keys() == (SECOND,)
