"""Password hashes: argon2id."""

from __future__ import annotations

import functools
import secrets

import argon2

from bot.domain.passwords import normalised


class Argon2Hasher:
    """Argon2id; `memory_kib` and `time` are what a guess costs, and every sign-in."""

    def __init__(self, memory_kib: int = 64 * 1024, time: int = 3, lanes: int = 2) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=time, memory_cost=memory_kib, parallelism=lanes)

    def hash(self, password: str) -> str:
        """The hash to store, with its salt and costs in it."""
        return self._hasher.hash(normalised(password))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password. Where there is none it takes as long, and is never right."""
        try:
            self._hasher.verify(password_hash or self._nobodys, normalised(password))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
        return password_hash is not None

    def is_old(self, password_hash: str) -> bool:
        """Whether it was made at other costs: it is made again when the password is given."""
        return self._hasher.check_needs_rehash(password_hash)

    @functools.cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(32))
