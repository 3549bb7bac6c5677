"""Lines that hold each other: each has a keyed hash over itself and the hash before, so that none can be changed,
taken out or put in by somebody without the key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

START = "0" * 64


class Chain:
    """Makes the hashes of one kind of lines; `label` keeps those of different kinds apart."""

    def __init__(self, secret_key: bytes, label: str) -> None:
        self._key = hmac.new(secret_key, f"chain of {label}".encode(), hashlib.sha256).digest()

    def hash(self, previous: str, line: Mapping[str, Any]) -> str:
        """The hash of a line that follows the one with the hash `previous`. Values: JSON, and aware datetimes."""
        content = json.dumps([previous, line], sort_keys=True, separators=(",", ":"), default=_moment)
        return hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()

    def holds(self, previous: str, line: Mapping[str, Any], found: str) -> bool:
        """Whether a line is as it was written."""
        return hmac.compare_digest(self.hash(previous, line), found)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"a {type(value).__name__} cannot be part of a line")
