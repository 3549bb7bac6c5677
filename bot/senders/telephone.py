"""Pages to staff over the clinic's own number: as a text that is answered with the reference, as a call that is answered with a key."""

from __future__ import annotations

from datetime import datetime

from bot.domain.clock import Clock, utc_now
from bot.domain.errors import PageRefused, PageUnsent
from bot.domain.on_call import Contact
from bot.domain.sms_text import plain
from bot.services.telephone_ports import Telephony, TextRefused, TextUnsure
from bot.twilio import paths


class SmsSender:
    """Texts a page to a contact of the method `sms`."""

    def __init__(self, telephony: Telephony, sender: str, clock: Clock = utc_now) -> None:
        """`sender`: the clinic's number, as E.164."""
        self._telephony = telephony
        self._sender = sender
        self._clock = clock

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None:
        """Return when the provider accepted it. Raises PageRefused for good, OSError for now."""
        started, body = self._clock(), plain(text)
        try:
            self._telephony.send_text(self._sender, contact.address, body, paths.page_text_status(token or "alarm"))
        except TextRefused as error:
            raise PageRefused(error.reason) from None
        except TextUnsure:
            # Asked at once, since the next try has other words: it waited longer.
            if not self._was_sent(contact.address, body, started):
                raise PageUnsent("no_answer") from None

    def _was_sent(self, to: str, body: str, since: datetime) -> bool:
        try:
            return self._telephony.was_sent(self._sender, to, body, since) is not None
        except OSError:
            return False


class CallSender:
    """Calls a contact of the method `call`; what is said is fetched when somebody answers."""

    def __init__(self, telephony: Telephony, sender: str) -> None:
        """`sender`: the clinic's number, as E.164."""
        self._telephony = telephony
        self._sender = sender

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None:
        """Return when the provider is going to call. Raises PageRefused for good, OSError for now."""
        path = paths.page_call(token) if token else paths.alarm_call(text)
        try:
            self._telephony.place_call(self._sender, contact.address, path)
        except TextRefused as error:
            raise PageRefused(error.reason) from None
        except TextUnsure:
            raise PageUnsent("no_answer") from None
