"""Replies as the API and the database write them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.messages import Button, Inbound, Reply, ReplyKind, Source

FULL = Reply(
    "Two hours, Ana.",
    ReplyKind.ANSWER,
    topic="faq/session_length",
    short="2 h",
    buttons=(Button("Yes", "yes please"), Button("No", "no")),
    sources=(Source("A Guide", "Introduction"), Source("A Guide", "Conclusion")),
)


@pytest.mark.parametrize("reply", [FULL, *(Reply("Hi Ben", kind) for kind in ReplyKind)], ids=lambda r: str(r.kind))
def test_a_reply_survives_the_trip_through_json(reply: Reply) -> None:
    assert Reply.from_dict(json.loads(json.dumps(reply.to_dict()))) == reply


def test_the_order_of_buttons_and_sources_is_kept() -> None:
    data = FULL.to_dict()
    assert [button["text"] for button in data["buttons"]] == ["yes please", "no"]
    assert [source["section"] for source in data["sources"]] == ["Introduction", "Conclusion"]


def test_the_version_of_an_approved_answer_survives_the_trip_through_json() -> None:
    approved = FULL.approved()
    assert Reply.from_dict(json.loads(json.dumps(approved.to_dict()))).version == approved.version
    assert (FULL.version, approved.text) == (None, FULL.text)


@pytest.mark.parametrize("change", [{"text": "Three hours."}, {"short": "3 h"}, {"short": None}, {"sources": ()}])
def test_another_answer_has_another_version(change: dict[str, Any]) -> None:
    changed = replace(FULL, **change)
    assert changed.approved().version != FULL.approved().version == FULL.approved().version


@pytest.mark.parametrize("change", [{"topic": "faq/other"}, {"buttons": ()}, {"position": 5}])
def test_what_is_no_part_of_the_answer_does_not_change_its_version(change: dict[str, Any]) -> None:
    assert replace(FULL, **change).approved().version == FULL.approved().version


def test_a_reply_needs_only_text_and_kind() -> None:
    assert Reply.from_dict({"text": "Hi", "kind": "smalltalk"}) == Reply("Hi", ReplyKind.SMALLTALK)


@pytest.mark.parametrize("kind", ["", "ANSWER", "joke", None])
def test_a_kind_that_is_not_ours_is_refused(kind: str | None) -> None:
    with pytest.raises(ValueError, match="not a valid ReplyKind"):
        Reply.from_dict({"text": "Hi", "kind": kind})


def test_a_patients_words_do_not_show_when_a_message_is_printed() -> None:
    assert "chest" not in repr(Inbound("web", "my chest hurts", "m-1"))
