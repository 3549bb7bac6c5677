"""Chooses the sender by the method of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.domain.errors import PageRefused
from bot.domain.on_call import Contact, Method


class Sender(Protocol):
    """One way in which a page leaves the house."""

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None:
        """Return when it was accepted. Raises PageRefused for good, OSError for now."""
        ...


class Dispatcher:
    """All senders as one."""

    def __init__(self, senders: Mapping[Method, Sender]) -> None:
        self._senders = dict(senders)

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None:
        """Hand the page to the sender of the contact's method; PageRefused when there is none."""
        sender = self._senders.get(contact.method)
        if sender is None:
            raise PageRefused("no_sender")
        sender.send(contact, title, text, token)
