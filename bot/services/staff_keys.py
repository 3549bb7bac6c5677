"""Keys and tokens of the console, all derived from one secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class StaffKeys:
    """Each purpose has its own key: what is made for one is worth nothing for another."""

    def __init__(self, secret_key: bytes) -> None:
        self._attempts = _derived(secret_key, b"console sign-in attempts")
        self._devices = _derived(secret_key, b"console known browsers")
        self.recovery = _derived(secret_key, b"console recovery codes")

    def attempt(self, kind: str, value: str) -> str:
        """Under what tries are counted; what was typed is not kept: somebody types a password there one day."""
        return hmac.new(self._attempts, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()

    def device(self, staff_id: str) -> str:
        """A cookie that says: this browser has signed in to this account before."""
        mark = secrets.token_urlsafe(18)
        return f"{mark}.{self._device_signature(staff_id, mark)}"

    def device_mark(self, cookie: str, staff_id: str) -> str | None:
        """Which browser it is, if it has signed in to this account before."""
        mark, _, signature = cookie.partition(".")
        expected = self._device_signature(staff_id, mark)
        return mark if hmac.compare_digest(expected.encode(), signature.encode()) else None

    def _device_signature(self, staff_id: str, mark: str) -> str:
        return hmac.new(self._devices, f"{staff_id}:{mark}".encode(), hashlib.sha256).hexdigest()


def new_token() -> str:
    """256 bits, for a cookie or a link."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of one: a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def _derived(secret_key: bytes, label: bytes) -> bytes:
    return hmac.new(secret_key, label, hashlib.sha256).digest()
