"""A drill: a synthetic report goes the whole way, from the front door to an acknowledgement.

It wakes nobody and counts as no patient. What it says about itself is signed:
no client can have a real report taken for a drill.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from bot.domain.errors import AssistantError
from bot.domain.escalation import Outcome

HEADER = "X-Canary"
TEXT = "This is a drill. I can't breathe and my lips are blue."
TIMEOUT_SECONDS = 10.0
NOT_ESCALATED = "the report was not escalated: the screen did not find it, or nothing could be stored"
_PAGE_WITHIN_SECONDS = 15.0


def signature(key: bytes, message_id: str) -> str:
    """What the header holds for a message."""
    return hmac.new(key, f"canary {message_id}".encode(), hashlib.sha256).hexdigest()


def is_canary(key: bytes, message_id: str, header: str | None) -> bool:
    """Whether a message is a drill of our own."""
    return header is not None and header.isascii() and hmac.compare_digest(header, signature(key, message_id))


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain and how long it took; `problem` says what is broken."""

    name: str
    seconds: float
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that is in: the talk's token, the case, and what was answered first."""

    token: str
    reference: str
    first: str


class Front(Protocol):
    """Where a report goes in. Each raises ValueError or requests.RequestException for what is broken."""

    def report(self) -> Reported: ...
    def check(self, reported: Reported) -> None: ...  # what was answered is what must be said
    def told(self) -> None: ...  # what else belongs to telling the patient


class WebFront:
    """The chat."""

    def __init__(self, base_url: str, key: bytes) -> None:
        self._base_url = base_url
        self._key = key

    def report(self) -> Reported:
        """As the chat sends it."""
        message_id = str(uuid.uuid4())
        response = requests.post(
            f"{self._base_url}/api/chat/messages",
            json={"text": TEXT, "message_id": message_id},
            headers={HEADER: signature(self._key, message_id)},
            timeout=TIMEOUT_SECONDS,
        )
        response.raise_for_status()
        body = response.json()
        if not body["escalation"]:
            raise ValueError(NOT_ESCALATED)
        return Reported(body["conversation_id"], body["escalation"]["reference"], body["replies"][0]["kind"])

    def check(self, reported: Reported) -> None:
        """The safety text comes first."""
        if reported.first != "safety":
            raise ValueError("the safety text was not the first reply")

    def told(self) -> None:
        """The talk itself is all."""


class Canary:
    """Runs the drill against a gateway's public address.

    `page_of` finds the sent page of an escalation by its reference, or None;
    `link_of` makes a page's acknowledge link; `resolve` closes the escalation;
    `front` is where the report goes in, and by default the chat.
    """

    def __init__(
        self,
        base_url: str,
        key: bytes,
        page_of: Callable[[str], str | None],
        link_of: Callable[[str], str],
        resolve: Callable[[str, Outcome], object],
        front: Front | None = None,
    ) -> None:
        self._base_url = base_url
        self._front = front or WebFront(base_url, key)
        self._page_of = page_of
        self._link_of = link_of
        self._resolve = resolve

    def run(self) -> Iterator[Link]:
        """Each link as it is tried; the first that is broken is the last."""
        found: dict[str, Any] = {}
        steps: tuple[tuple[str, Callable[[dict[str, Any]], None]], ...] = (
            ("report is taken in, screened and answered", self._report),
            ("page is sent", self._page),
            ("link acknowledges", self._acknowledge),
            ("patient is told", self._told),
            ("case is closed", self._close),
        )
        for name, step in steps:
            began = time.monotonic()
            try:
                step(found)
            except (AssistantError, requests.RequestException, ValueError, KeyError) as error:
                yield Link(name, time.monotonic() - began, str(error) or type(error).__name__)
                self._leave_nothing(found)
                return
            yield Link(name, time.monotonic() - began)

    def _report(self, found: dict[str, Any]) -> None:
        reported = self._front.report()
        found |= {"conversation": reported.token, "reference": reported.reference}
        self._front.check(reported)

    def _page(self, found: dict[str, Any]) -> None:
        deadline = time.monotonic() + _PAGE_WITHIN_SECONDS
        while time.monotonic() < deadline:
            page = self._page_of(found["reference"])
            if page is not None:
                found["page"] = page
                return
            time.sleep(0.2)
        raise ValueError(f"no page was sent within {_PAGE_WITHIN_SECONDS:.0f} s: is the pager running?")

    def _acknowledge(self, found: dict[str, Any]) -> None:
        url = self._link_of(found["page"])
        response = requests.post(url, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()

    def _told(self, found: dict[str, Any]) -> None:
        response = requests.get(
            f"{self._base_url}/api/chat/messages",
            headers={"Authorization": f"Bearer {found['conversation']}"},
            timeout=TIMEOUT_SECONDS,
        )
        response.raise_for_status()
        topics = {(entry["reply"] or {}).get("topic") for entry in response.json()["messages"]}
        missing = {"notice/paged", "notice/seen"} - topics
        if missing:
            raise ValueError(f"the patient was not told: {', '.join(sorted(missing))}")
        self._front.told()

    def _leave_nothing(self, found: dict[str, Any]) -> None:
        """A drill that failed is no open case: its ladder would go on for ever."""
        with contextlib.suppress(AssistantError, KeyError):
            self._close(found)

    def _close(self, found: dict[str, Any]) -> None:
        self._resolve(found["reference"], Outcome.HANDLED)
