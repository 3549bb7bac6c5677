"""Keys of the project's own, one for each use, from the one secret that an operator keeps."""

from __future__ import annotations

import hashlib
import hmac

BETWEEN_PROCESSES = "between our processes"
SECRET_HEADER = "X-Assistant-Secret"  # noqa: S105 - its name, not the secret


def derived(secret_key: bytes, label: str) -> bytes:
    """32 bytes for one use; who knows them learns nothing of the others."""
    return hmac.new(secret_key, label.encode(), hashlib.sha256).digest()


def shared_secret(secret_key: bytes) -> str:
    """What the gateway, Rasa and the action server show each other, in the header `SECRET_HEADER`."""
    return derived(secret_key, BETWEEN_PROCESSES).hex()


def is_shared_secret(secret_key: bytes, shown: str | None) -> bool:
    """Whether a request comes from one of our own processes."""
    return shown is not None and hmac.compare_digest(shown.encode(), shared_secret(secret_key).encode())
