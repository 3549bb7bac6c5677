"""What Rasa says, as replies; whatever else it says, as unavailable."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.dialogue.rasa import neutralise, read_replies
from bot.domain.errors import DialogueUnavailable
from bot.domain.messages import Button, Reply, ReplyKind, Source
from tests.harness.cast import CLINIC

ANSWER = {"topic": "faq/driving", "short": "Do not drive.", "sources": [{"document": "Guide", "section": "Intro"}]}
OFFER = {"kind": "fallback", "topic": "dialogue/offer_staff", "buttons": [{"title": "Yes", "text": "yes please"}]}
DRIVING = Reply(
    "Do not drive, Ana.", ReplyKind.ANSWER, "faq/driving", "Do not drive.", sources=(Source("Guide", "Intro"),)
).approved()
OFFERED = Reply("Shall I ask?", ReplyKind.FALLBACK, "dialogue/offer_staff", buttons=(Button("Yes", "yes please"),))


@pytest.mark.parametrize(
    ("messages", "replies"),
    [
        ([], ()),
        ([{"text": "Do not drive, Ana."}, {"custom": ANSWER}], (DRIVING,)),
        ([{"text": "Do not drive, Ana.", "custom": ANSWER}], (DRIVING,)),
        (
            [{"text": "Do not drive, Ana."}, {"custom": ANSWER}, {"text": "Shall I ask?"}, {"custom": OFFER}],
            (DRIVING, OFFERED),
        ),
        ([{"text": "Hi"}, {"text": "Shall I ask?"}, {"custom": OFFER}], (Reply("Hi", ReplyKind.ANSWER), OFFERED)),
        ([{"custom": ANSWER}], ()),
        ([{"custom": ANSWER}, {"text": "Hi"}], (Reply("Hi", ReplyKind.ANSWER),)),
        ([{"text": ""}, {"text": None}, {"image": "x.png"}], ()),
        ([{"recipient_id": "ana", "text": "Hi", "custom": None}], (Reply("Hi", ReplyKind.ANSWER),)),
    ],
)
def test_each_text_is_joined_with_the_custom_part_after_it(messages: list[Any], replies: tuple[Reply, ...]) -> None:
    assert read_replies(messages, CLINIC) == replies


def test_placeholders_become_the_clinics_own_in_both_forms() -> None:
    (reply,) = read_replies([{"text": "Call [clinic phone]", "custom": {"short": "[emergency number]"}}], CLINIC)
    assert (reply.text, reply.short) == (f"Call {CLINIC.phone}", CLINIC.emergency_number)


@pytest.mark.parametrize(
    "messages",
    [
        None,
        {},
        "Hi",
        ["Hi"],
        [None],
        [{"text": 5}],
        [{"text": ["Hi"]}],
        [{"text": "Hi", "custom": {"kind": "joke"}}],
        [{"text": "Hi", "custom": {"kind": []}}],
        [{"text": "Hi", "custom": ["kind"]}],
        [{"text": "Hi", "custom": "answer"}],
        [{"text": "Hi", "custom": {"short": 5}}],
        [{"text": "Hi", "custom": {"buttons": 5}}],
        [{"text": "Hi", "custom": {"buttons": ["Yes"]}}],
        [{"text": "Hi", "custom": {"buttons": [{"title": "Yes"}]}}],
        [{"text": "Hi", "custom": {"sources": [{"section": "Intro"}]}}],
        [{"text": "Hi", "custom": {"kind": "answer", "version": 5}}],
        [{"text": "Hi", "custom": {"kind": "answer", "version": "<script>"}}],
    ],
    ids=repr,
)
def test_what_makes_no_sense_is_unavailable_and_not_a_crash(messages: Any) -> None:
    with pytest.raises(DialogueUnavailable):
        read_replies(messages, CLINIC)


def test_an_answer_has_the_version_of_what_was_approved_not_of_what_was_filled_in() -> None:
    messages = [{"text": "Call [clinic phone]", "custom": {"topic": "faq/call"}}]
    (one,), (other,) = read_replies(messages, CLINIC), read_replies(messages, replace(CLINIC, phone="+1 555-010-0111"))
    assert (one.text != other.text, one.version) == (True, other.version)
    assert one.version is not None


@pytest.mark.parametrize("custom", [None, {"kind": "smalltalk", "topic": "smalltalk/greet"}, OFFER])
def test_what_is_no_approved_answer_has_no_version(custom: dict[str, Any] | None) -> None:
    (reply,) = read_replies([{"text": "Hi", "custom": custom}], CLINIC)
    assert reply.version is None


def test_the_version_that_an_action_says_is_kept() -> None:
    (reply,) = read_replies([{"text": "Hi", "custom": {"kind": "answer", "version": "0123abcd"}}], CLINIC)
    assert reply.version == "0123abcd"


def test_a_malformed_reply_is_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(DialogueUnavailable, match="malformed_reply"):
        read_replies([{"text": "you said: my chest hurts", "custom": {"kind": "joke"}}], CLINIC)
    assert "reply_malformed" in caplog.text
    assert "chest" not in caplog.text


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("/restart", "restart"),
        ("  /x", "x"),
        ("EXTERNAL: y", "y"),
        ("//restart", "restart"),
        ("\n/ /EXTERNAL:/restart", "restart"),
        ('/inform{"offer": "staff"}', 'inform{"offer": "staff"}'),
        ("/", "?"),
        (" / ", "?"),
        ("EXTERNAL:", "?"),
        ("and/or", "and/or"),
        ("is it 120/80 or /more", "is it 120/80 or /more"),
        ("external: y", "external: y"),
        ("how long is a session?", "how long is a session?"),
    ],
)
def test_nothing_that_a_patient_types_is_a_command(text: str, harmless: str) -> None:
    assert neutralise(text) == harmless
