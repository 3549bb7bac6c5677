"""What goes in and out of a conversation."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


class ReplyKind(enum.StrEnum):
    """What a reply is for; channels style it and clients may branch on it."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    FALLBACK = "fallback"
    HANDOFF = "handoff"
    SMALLTALK = "smalltalk"
    SAFETY = "safety"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Source:
    """A document, and the section of it, that an answer rests on."""

    document: str
    section: str


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply: pressing it sends `text` as the patient's own message."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing that the assistant says.

    `short` is the form for SMS and voice (at most 300 characters); without it
    the text itself is short enough. `version` is that of an approved answer:
    see `approved_version`. `position` is its place in the talk once it is stored.
    """

    text: str
    kind: ReplyKind
    topic: str | None = None
    short: str | None = None
    buttons: tuple[Button, ...] = ()
    sources: tuple[Source, ...] = ()
    version: str | None = None
    position: int | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The reply as the database writes it; the chat API adds its position."""
        return {
            "text": self.text,
            "kind": str(self.kind),
            "topic": self.topic,
            "short": self.short,
            "buttons": [{"title": b.title, "text": b.text} for b in self.buttons],
            "sources": [{"document": s.document, "section": s.section} for s in self.sources],
            "version": self.version,
        }

    def approved(self) -> Reply:
        """The reply as an approved answer, with its version: another one when anything of it is changed."""
        sources = [[source.document, source.section] for source in self.sources]
        return replace(self, version=approved_version(self.text, self.short, sources))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reply:
        """Inverse of `to_dict`; raises ValueError for a kind that is not ours."""
        return cls(
            text=data["text"],
            kind=ReplyKind(data["kind"]),
            topic=data.get("topic"),
            short=data.get("short"),
            buttons=tuple(Button(b["title"], b["text"]) for b in data.get("buttons") or ()),
            sources=tuple(Source(s["document"], s["section"]) for s in data.get("sources") or ()),
            version=data.get("version"),
        )


def approved_version(*parts: object) -> str:
    """Eight hex digits of a hash of what an approved answer consists of: values that JSON has."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who texts or calls: the patient's number, and the clinic's that was texted or called, both E.164."""

    number: str = field(repr=False)
    clinic_number: str

    @property
    def key(self) -> str:
        """The same for all messages of this number to this clinic's number. Never for a log."""
        return f"{self.number} {self.clinic_number}"


@dataclass(frozen=True, slots=True)
class Inbound:
    """A patient's message as a channel hands it over.

    `message_id` is the sender's own id of the message: the same one twice is
    one message. `conversation_id` is None for the first message of a talk.
    With a `sender` the talk is the one that this number has with the clinic,
    and the id comes from the provider, so that no patient can choose it.
    """

    channel: str
    text: str = field(repr=False)
    message_id: str
    conversation_id: str | None = None
    sender: Sender | None = None
