"""Text messages as the company keeps them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any


def new_sid(kind: str) -> str:
    """An id such as "SM…" or "CA…"."""
    return kind + secrets.token_hex(16)


@dataclass
class TextMessage:
    """A text in either direction. `media`: addresses of pictures."""

    sender: str
    to: str
    body: str
    direction: str  # inbound, outbound-api, outbound-reply
    created: datetime
    callback: str = ""
    media: tuple[str, ...] = ()
    status: str = "queued"
    error_code: int | None = None
    sid: str = field(default_factory=lambda: new_sid("SM"))

    @property
    def segments(self) -> int:
        """How many parts the carrier makes of it."""
        if all(letter in _GSM_7 for letter in self.body):
            units, one, more = sum(2 if letter in _TWO_UNITS else 1 for letter in self.body), 160, 153
        else:
            units, one, more = len(self.body.encode("utf-16-be")) // 2, 70, 67
        return 1 if units <= one else -(-units // more)

    def as_json(self, account: str) -> dict[str, Any]:
        """As the REST API shows it."""
        return {
            "sid": self.sid, "account_sid": account, "from": self.sender, "to": self.to, "body": self.body,
            "direction": self.direction, "status": self.status, "error_code": self.error_code, "error_message": None,
            "num_segments": str(self.segments), "num_media": str(len(self.media)), "api_version": "2010-04-01",
            "date_created": _date(self.created), "date_updated": _date(self.created),
            "date_sent": None if self.status == "queued" else _date(self.created),
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{self.sid}.json",
        }  # fmt: skip


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0))


_TWO_UNITS = "^{}\\[~]|€\f"
_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà" + _TWO_UNITS
)
