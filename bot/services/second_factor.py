"""Codes of an authenticator app (TOTP), and recovery codes for who has lost it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

import pyotp

from bot.services.account_ports import Account

_STEP_SECONDS: Final = 30
# A clock that is half a minute off is forgiven.
_STEPS_EITHER_WAY: Final = 1
_RECOVERY_CODES: Final = 10
# No letters and digits that look alike.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF: Final = 5


def new_secret() -> str:
    """What the app and we share, as base32."""
    return pyotp.random_base32()


def address(secret: str, user_name: str, clinic: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_name, issuer_name=clinic)


def taken(account: Account, code: str, now: datetime) -> Account | None:
    """The account after a right code, which is used up with it; None for one that is wrong, old, or was taken."""
    step = None if account.totp_secret is None else matching_step(account.totp_secret, code, now)
    if step is None or step <= account.totp_step:
        return None
    return replace(account, totp_step=step)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, if it is one of now."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=_STEP_SECONDS)
    present = int(now.timestamp()) // _STEP_SECONDS
    found = None
    # All of them, found or not: the time that it takes says nothing.
    for step in range(present - _STEPS_EITHER_WAY, present + _STEPS_EITHER_WAY + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            found = step
    return found


def new_recovery_codes() -> tuple[str, ...]:
    """Codes to print and keep: each works once, about 49 bits."""
    return tuple(f"{_letters()}-{_letters()}" for _ in range(_RECOVERY_CODES))


def looks_like_recovery(code: str) -> bool:
    """Whether it cannot be a code of the app."""
    return not "".join(code.split()).isdigit()


def recovery_hash(key: bytes, code: str) -> str:
    """What is stored of one, however it is typed."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


def _letters() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_HALF))
