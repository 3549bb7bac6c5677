"""Who speaks in a conversation, and the tokens that prove whose it is."""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import uuid

from bot.domain.errors import UnknownConversation

_SIGNATURE_BYTES = 16


class Mode(enum.StrEnum):
    """Who answers the patient's next message."""

    BOT = "bot"
    WAITING = "waiting"  # a severe report is open: the bot still answers, staff are due
    STAFF = "staff"  # a person has taken over: the bot is silent


def new_id() -> str:
    """An id for anything stored; random, so that it tells nothing."""
    return uuid.uuid4().hex


class ConversationTokens:
    """Makes and checks the conversation ids that leave the house.

    A token is the internal id with a keyed signature. It can be made again
    from the id (a lost reply can be repeated), and a copy of the database
    without the key opens nobody's conversation.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the key that signs conversation ids needs at least 32 bytes")
        self._key = key

    def issue(self, conversation_id: str) -> str:
        """The public token of an internal id."""
        signature = hmac.new(self._key, conversation_id.encode(), hashlib.sha256).digest()
        return conversation_id + "." + base64.urlsafe_b64encode(signature[:_SIGNATURE_BYTES]).decode().rstrip("=")

    def open(self, token: str) -> str:
        """The internal id of a token; UnknownConversation if we did not issue it."""
        conversation_id, _, _ = token.partition(".")
        if not token.isascii() or not hmac.compare_digest(self.issue(conversation_id).encode(), token.encode()):
            raise UnknownConversation
        return conversation_id
