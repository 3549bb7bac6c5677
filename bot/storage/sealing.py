"""Encryption of what is stored: sealed before it is written, opened after it is read."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.domain.chain import Chain
from bot.domain.errors import CannotOpen

# What is sealed says so: rows of earlier versions are plain, and stay readable.
_MARK = "sealed:"
# Every Fernet token begins so: a patient may well have written "sealed:".
_BEGINS = _MARK + "gAAAAA"
_LOOKUP = b"look-up of what is stored sealed"


def is_sealed(value: object) -> bool:
    """Whether this is what `Sealer.seal` makes."""
    return isinstance(value, str) and value.startswith(_BEGINS)


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made of the keys."""

    keys: tuple[str, ...]
    first: Fernet
    all: MultiFernet


class Sealer:
    """Seals and opens text and JSON, and makes the keyed hash that a number or name is looked up by.

    `keys` gives Fernet keys, of which the first seals and all open; it is asked
    each time, so that a key can be changed while everything runs.
    """

    def __init__(self, keys: Callable[[], tuple[str, ...]], secret_key: bytes) -> None:
        self._keys = keys
        self._last: _Made | None = None
        self._secret_key = secret_key
        self._lookup_key = hmac.new(secret_key, _LOOKUP, hashlib.sha256).digest()

    def seal(self, text: str) -> str:
        """Encrypted, with a mark. Any text goes in, lone surrogates and NUL as well."""
        return _MARK + self._made().all.encrypt(text.encode("utf-8", "surrogatepass")).decode("ascii")

    def open(self, stored: str) -> str:
        """What was sealed; text that is not sealed is what it is. Raises CannotOpen when its key is not here."""
        if not is_sealed(stored):
            return stored
        try:
            opened = self._made().all.decrypt(stored.removeprefix(_MARK))
        except (InvalidToken, ValueError):  # ValueError: not even ASCII
            raise CannotOpen from None
        return opened.decode("utf-8", "surrogatepass")

    def seal_json(self, value: Any) -> str:
        """A JSON value, sealed whole."""
        return self.seal(json.dumps(value))

    def open_json(self, stored: Any) -> Any:
        """What was sealed; a value that is not sealed is what it is."""
        return json.loads(self.open(stored)) if is_sealed(stored) else stored

    def lookup(self, name: str) -> str:
        """What a number or name is found by: the same for the same one, and nothing without the key. 64 characters."""
        return hmac.new(self._lookup_key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def is_current(self, stored: Any) -> bool:
        """Whether it is sealed, and with the first key."""
        if not is_sealed(stored):
            return False
        try:
            self._made().first.decrypt(stored.removeprefix(_MARK))
        except (InvalidToken, ValueError):
            return False
        return True

    def key_name(self) -> str:
        """A name of the first key that tells nothing about it."""
        return self.lookup(self._made().keys[0])[:16]

    def chain(self, label: str) -> Chain:
        """Makes hashes that hold lines of one kind together."""
        return Chain(self._secret_key, label)

    def _made(self) -> _Made:
        keys = self._keys()
        made = self._last
        if made is None or made.keys != keys:
            fernets = [Fernet(key) for key in keys]
            made = self._last = _Made(keys, fernets[0], MultiFernet(fernets))
        return made
