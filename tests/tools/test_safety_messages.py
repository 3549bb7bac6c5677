"""Files of labelled messages are read, and what is wrong with one is said without its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.evaluation.safety.messages import UnreadableMessages, messages

ENTRY = {"text": "my chest hurts", "tier": "emergency", "category": "cardiac", "kind": "first_person", "lang": "en"}
LINE = json.dumps(ENTRY | {"channel": "sms", "turns": ["hello"]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "messages.jsonl"


def test_a_line_is_a_message_with_its_labels_and_turns(file: Path) -> None:
    file.write_text(f"{LINE}\n\n", encoding="utf-8")
    (message,) = messages(file)
    assert (message.text, message.turns, message.tier) == ("my chest hurts", ("hello",), "emergency")
    assert message.labels["channel"] == "sms"
    assert message.is_report
    assert "chest" not in repr(message)


@pytest.mark.parametrize("line", ["my chest hurts", json.dumps(ENTRY), json.dumps(["my chest hurts"])])
def test_a_line_that_is_none_is_named_but_not_quoted(file: Path, line: str) -> None:
    file.write_text(f"{LINE}\n{line}\n", encoding="utf-8")
    with pytest.raises(UnreadableMessages, match=r"messages\.jsonl, line 2: it needs to be .* channel") as raised:
        messages(file)
    assert "hurts" not in str(raised.value)


def test_a_file_that_is_not_there_or_empty_is_refused(file: Path) -> None:
    with pytest.raises(UnreadableMessages, match="cannot be read: No such file"):
        messages(file)
    file.touch()
    with pytest.raises(UnreadableMessages, match="has no messages"):
        messages(file)
