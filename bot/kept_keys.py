"""Keys in files: made once and kept, and the keys that encrypt what is stored."""

from __future__ import annotations

import base64
import binascii
import logging
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)
_BYTES = 32


def kept(path: Path, make: Callable[[], str]) -> bytes:
    """What is in a private file, which is made at the first start. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, make())
    return path.read_bytes()


def _write_once(path: Path, content: str) -> None:
    """Create a private file; if another process was first, keep that one's. It survives a power cut."""
    own = path.with_suffix(f".{os.getpid()}")
    _write(own, content)
    try:
        os.link(own, path)
        _sync(path.parent)
    except FileExistsError:
        pass
    finally:
        own.unlink()


def _write(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def new_data_key() -> str:
    """A key that encrypts, as an operator is given it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def add_data_key(path: Path, key: str) -> None:
    """Put a key before the others of a file, which is replaced whole. Raises OSError."""
    others = path.read_text(encoding="utf-8")
    own = path.with_name(f".{path.name}.{os.getpid()}")
    _write(own, f"{key}\n{others}")
    os.replace(own, path)
    _sync(path.parent)


def parse_data_keys(text: str) -> tuple[str, ...]:
    """The keys of a text, by commas or lines; a line that begins with # is a comment. The first one encrypts.

    Raises ValueError, which says the place of what is wrong and never a key.
    """
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    keys = tuple(key for line in lines for key in re.split(r"[,\s]+", line) if key)
    if not keys:
        raise ValueError("holds no key")
    for place, key in enumerate(keys, start=1):
        if not _is_data_key(key):
            raise ValueError(f"key {place} of {len(keys)} is not 32 bytes in URL-safe base64")
    return keys


def _is_data_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == _BYTES
    except (binascii.Error, ValueError):  # ValueError: characters that are not ASCII
        return False


class DataKeyFile:
    """The keys of a file as of now: it is read again when it has changed.

    While it cannot be read, or holds no keys, those of before stay.
    """

    def __init__(self, path: Path, keys: tuple[str, ...]) -> None:
        self._path = path
        self._keys = keys
        self._seen: tuple[int, ...] | None = None

    def __call__(self) -> tuple[str, ...]:
        """The keys, of which the first encrypts."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            self._read()
        return self._keys

    def _look(self) -> tuple[int, ...] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _read(self) -> None:
        try:
            self._keys = parse_data_keys(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # also what is no text
            log.error("data_keys_unreadable error=%s", type(error).__name__)
