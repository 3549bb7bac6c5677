"""What a channel adds to the transactions of a message, while the intake does what is the same for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.messages import Reply
from bot.safety.verdict import Verdict
from bot.services.ports import Conversation, StoredMessage, UnitOfWork
from bot.services.triage import Triaged


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that is stored and screened; nothing was done about it yet."""

    conversation: Conversation
    message: StoredMessage
    verdict: Verdict
    now: datetime


class Exchange:
    """One message and what is said to it. This one adds nothing: the caller shows the replies itself.

    A transaction that lost a race is done again, and so is what happens in it here.
    """

    def meaning(self, uow: UnitOfWork, conversation: Conversation, text: str) -> str:
        """What the patient says by `text`: a button's number stands for its text."""
        return text

    def triage(self, uow: UnitOfWork, heard: Heard, act: Callable[[], Triaged]) -> Triaged:
        """What follows from the message; `act` does what follows on every channel."""
        return act()

    def say(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        message: StoredMessage,
        replies: tuple[Reply, ...],
        now: datetime,
    ) -> tuple[Reply, ...]:
        """Store what is said, and that the message is answered. Returns what was said in the end."""
        return uow.messages.add_replies(message, replies, now)

    def again(self, uow: UnitOfWork, message: StoredMessage) -> None:
        """A message that was answered before came again."""

    def committed(self) -> None:
        """The transaction is through."""

    def unstored(self, text: str) -> Reply | None:
        """What is said when the database is away, to a message that is kept on disk although it is no report."""
        return None
