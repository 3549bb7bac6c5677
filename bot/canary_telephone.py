"""A drill over the telephone provider's webhooks: signed as the provider signs, and answered by our own gateway.

Nobody is called and no text leaves: the drill says so in a mark that only we can
make, and what goes to it stays here.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

import requests

from bot import canary
from bot.canary import HEADER, NOT_ESCALATED, TIMEOUT_SECONDS, Reported, signature
from bot.domain.drill import drill_sender
from bot.domain.messages import Sender
from bot.domain.telephone import Account
from bot.twilio import paths
from bot.twilio.signature import HEADER as PROVIDER_HEADER
from bot.twilio.signature import sign

_TEXT_WITHIN_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Line:
    """How the provider would reach us, and what is looked up in our own storage.

    `public_url` is what is signed, `own_url` where it is posted. `case_of`: the
    token of the talk and the open case of a sender, or None. `has_pending`:
    whether a text to a sender has not left yet.
    """

    own_url: str
    public_url: str
    account: Account
    number: str
    key: bytes = field(repr=False)
    emergency_number: str
    case_of: Callable[[Sender], tuple[str, str] | None]
    has_pending: Callable[[Sender], bool]

    def post(self, path: str, form: Mapping[str, str], mark_of: str) -> str:
        """A webhook, marked as the drill's; returns the document that answers it."""
        fields = {"AccountSid": self.account.sid, "From": self.number, "To": self.number, **form}
        response = requests.post(
            f"{self.own_url}{path}",
            data=fields,
            headers={
                PROVIDER_HEADER: sign(f"{self.public_url}{path}", fields, self.account.tokens[0]),
                HEADER: signature(self.key, mark_of),
            },
            timeout=TIMEOUT_SECONDS,
        )
        response.raise_for_status()
        return response.text

    def reported(self, name: str, first: str) -> Reported:
        """The case that the drill has opened. Raises ValueError where there is none."""
        case = self.case_of(drill_sender(name, self.number))
        if case is None:
            raise ValueError(NOT_ESCALATED)
        return Reported(*case, first)

    def check(self, reported: Reported) -> None:
        """The safety text comes first, with the number to call and the reference."""
        said = _letters(reported.first)
        for what, wanted in (("emergency number", self.emergency_number), ("reference", reported.reference)):
            if _letters(wanted) not in said:
                raise ValueError(f"the answer does not begin with the safety text: the {what} is not in it")


class TextFront:
    """A text message."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sid = _sid("SM")

    def report(self) -> Reported:
        """As the provider hands it over; the texts that answer it are confirmed as it confirms them."""
        form = {"MessageSid": self._sid, "Body": canary.TEXT, "NumMedia": "0"}
        texts = _document(self._line.post(paths.SMS, form, self._sid))
        reported = self._line.reported(self._sid, _words(texts[0]) if len(texts) else "")
        for text in texts:
            if callback := text.get("statusCallback"):
                self._confirm(callback)
        return reported

    def _confirm(self, callback: str) -> None:
        form = {"MessageSid": _sid("SM"), "MessageStatus": "delivered"}
        self._line.post(callback.removeprefix(self._line.public_url), form, self._sid)

    def check(self, reported: Reported) -> None:
        """What the first text says."""
        self._line.check(reported)

    def told(self) -> None:
        """What is texted later leaves the outbox."""
        deadline = time.monotonic() + _TEXT_WITHIN_SECONDS
        while self._line.has_pending(drill_sender(self._sid, self._line.number)):
            if time.monotonic() > deadline:
                raise ValueError(f"a text did not leave within {_TEXT_WITHIN_SECONDS:.0f} s: is the pager running?")
            time.sleep(0.2)


class CallFront:
    """A call: the greeting, the words, the end."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sid = _sid("CA")

    def report(self) -> Reported:
        """Call, wait for the greeting, and say it."""
        if self._line.emergency_number not in _letters(self._turn(paths.VOICE, "ringing")):
            raise ValueError("the greeting does not name the emergency number")
        spoken = {"SpeechResult": canary.TEXT, "Confidence": "0.95"}
        said = self._turn(f"{paths.VOICE}/turn/1", "in-progress", **spoken)
        return self._line.reported(self._sid, said)

    def _turn(self, path: str, status: str, **fields: str) -> str:
        document = _document(self._line.post(path, self._form(status, **fields), self._sid))
        return " ".join(_words(verb) for verb in document)

    def _form(self, status: str, **fields: str) -> dict[str, str]:
        return {"CallSid": self._sid, "CallStatus": status, "Direction": "inbound", **fields}

    def check(self, reported: Reported) -> None:
        """What is said first."""
        self._line.check(reported)

    def told(self) -> None:
        """The line is put down."""
        self._line.post(f"{paths.VOICE}/status", self._form("completed"), self._sid)


def _sid(kind: str) -> str:
    return f"{kind}{secrets.token_hex(16)}"


def _document(answer: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(answer)  # noqa: S314 - our own gateway's answer
    except ElementTree.ParseError:
        raise ValueError("the answer is no document that the provider could read") from None


def _words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _letters(text: str) -> str:
    """Without the spaces and commas by which a number is spelled out."""
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()
