"""What a browser keeps for us for a moment: readable to it, and not to be changed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta


class Signer:
    """Signs small notes; one made for a purpose is worth nothing for another, and nothing after its time."""

    def __init__(self, secret_key: bytes) -> None:
        self._key = hmac.new(secret_key, b"console notes", hashlib.sha256).digest()

    def sign(self, purpose: str, content: Mapping[str, str], now: datetime, lifetime: timedelta) -> str:
        """The note as a cookie or a field holds it."""
        until = int((now + lifetime).timestamp())
        body = base64.urlsafe_b64encode(json.dumps([until, content]).encode()).decode().rstrip("=")
        return f"{body}.{self._signature(purpose, body)}"

    def open(self, purpose: str, note: str, now: datetime) -> dict[str, str] | None:
        """What was signed; None for what we did not sign for this, or is over."""
        body, _, signature = note.partition(".")
        if not hmac.compare_digest(signature.encode(errors="replace"), self._signature(purpose, body).encode()):
            return None
        until, content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return dict(content) if now.timestamp() < until else None

    def _signature(self, purpose: str, body: str) -> str:
        content = f"{purpose}:{body}".encode(errors="replace")
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()
