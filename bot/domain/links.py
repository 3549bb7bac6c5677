"""Links with which staff acknowledge: signed, short-lived, without a word about the patient."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(hours=1)
_SIGNATURE_BYTES = 16


class AcknowledgeLinks:
    """Makes and checks the token of a page's link."""

    def __init__(self, key: bytes, public_url: str) -> None:
        # Of its own, so that a conversation's token can never be taken for a link's.
        self._key = hmac.new(key, b"acknowledge links", hashlib.sha256).digest()
        self._public_url = public_url.rstrip("/")

    def url(self, page_id: str, now: datetime) -> str:
        """Where a page can be acknowledged until an hour from `now`."""
        return f"{self._public_url}/staff/pages/{self.token_for_an_hour(page_id, now)}"

    def token_for_an_hour(self, page_id: str, now: datetime) -> str:
        """The last part of that address."""
        return self.token(page_id, now + LIFETIME)

    def token(self, page_id: str, until: datetime) -> str:
        """Page id, end of its validity, signature."""
        stamp = f"{page_id}.{int(until.timestamp()):x}"
        signature = hmac.new(self._key, stamp.encode(), hashlib.sha256).digest()[:_SIGNATURE_BYTES]
        return f"{stamp}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def open(self, token: str, now: datetime) -> str | None:
        """The page's id; None for a token that we did not make or that is over."""
        if not token.isascii():
            return None
        page_id, _, rest = token.partition(".")
        stamp, _, _ = rest.partition(".")
        try:
            until = datetime.fromtimestamp(int(stamp, 16), UTC)
        except (ValueError, OverflowError, OSError):
            return None
        expected = self.token(page_id, until)
        if not hmac.compare_digest(expected, token) or now > until:
            return None
        return page_id
