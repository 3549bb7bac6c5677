"""What following talks as they happen needs from storage, as protocols."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

# So long somebody counts as writing after they last said so.
TYPING = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Change:
    """Something of a conversation was changed; ids grow, but may be committed out of order."""

    id: int
    conversation_id: str


class ChangeLog(Protocol):
    """Which conversations were changed. Repositories write it with what they change."""

    def note(self, conversation_id: str) -> None: ...
    def newest(self) -> int: ...
    def after(self, change_id: int, missing: Collection[int], limit: int) -> tuple[Change, ...]: ...
    def prune(self, before: datetime) -> int: ...


class Side(enum.StrEnum):
    """Who is writing."""

    STAFF = "staff"
    PATIENT = "patient"


class Typing(Protocol):
    """Who is writing right now. It ends by itself."""

    def set(self, conversation_id: str, side: Side, until: datetime | None) -> None: ...
    def until(self, conversation_id: str, side: Side) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Rated:
    """An approved answer that was given, as far as feedback on it is concerned."""

    message_id: str
    topic: str | None
    version: str


class Feedback(Protocol):
    """Whether answers were helpful, once for each."""

    def answer(self, conversation_id: str, position: int) -> Rated | None: ...
    def rate(self, rated: Rated, helpful: bool | None, now: datetime) -> None: ...


class Forgetting(Protocol):
    """Talks whose content is deleted because the patient asked for it."""

    def ask(self, conversation_id: str, now: datetime) -> bool: ...
    def is_forgotten(self, conversation_id: str) -> bool: ...
    def is_free(self, conversation_id: str, closed_before: datetime) -> bool: ...
    def due(self, closed_before: datetime, limit: int) -> tuple[str, ...]: ...
    def forget(self, conversation_id: str, now: datetime) -> None: ...
