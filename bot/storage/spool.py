"""Severe reports on disk, for when the database does not take them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.domain.conversation import new_id
from bot.domain.errors import CannotOpen, StorageUnavailable
from bot.storage.sealing import Sealer

log = logging.getLogger(__name__)


def waiting(folder: Path) -> int:
    """How many reports lie there, those that cannot be read among them."""
    return sum(path.suffix in (".json", ".unreadable") for path in folder.glob("*"))


class FileSpool:
    """One file a report, sealed, on the disk before `append` returns."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer
        # Said once, not at every look.
        self._without_key: set[str] = set()

    def append(self, record: Mapping[str, Any]) -> bool:
        """Write a report durably; False (and a log line) when the disk refuses too."""
        try:
            self._write(self._sealer.seal_json(record), self._folder / f"{new_id()}.json")
        except OSError as error:
            log.critical("spool_failed error=%s", error.strerror)
            return False
        log.error("report_spooled")
        return True

    def reseal(self) -> None:
        """Seal with the first key what waits under a former one. Raises CannotOpen when its key is not here, OSError."""
        for path in self._folder.glob("*.json"):
            with contextlib.suppress(FileNotFoundError):  # it was taken meanwhile
                content = path.read_text(encoding="utf-8")
                if not self._sealer.is_current(content):
                    written = path.stat()
                    # Taken meanwhile, it is taken twice, which does no harm.
                    self._write(self._sealer.seal(self._sealer.open(content)), path)
                    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))

    def _write(self, content: str, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self._folder / f"{new_id()}.partial"
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name, too, survives a power cut
        finally:
            os.close(folder)

    def drain(self, take: Callable[[Mapping[str, Any]], None]) -> int:
        """Hand each report to `take`, oldest first; a file goes when `take` has it.

        Stops quietly while the database is still away. `take` may see a report
        again after a crash between its commit and the removal of the file. A
        file that cannot be read is set aside, loudly, and holds up nobody; one
        whose key is not here waits for the key.
        """
        taken = 0
        for path in sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
            record = self._read(path)
            if record is None:
                continue
            try:
                take(record)
            except StorageUnavailable:
                break
            path.unlink()
            taken += 1
        return taken

    def _read(self, path: Path) -> Mapping[str, Any] | None:
        try:
            # Versions before wrote it plain.
            record: Mapping[str, Any] = json.loads(self._sealer.open(path.read_text(encoding="utf-8")))
        except CannotOpen:
            if path.stem not in self._without_key:
                log.critical("spooled_report_without_key file=%s", path.stem)
            self._without_key.add(path.stem)
            return None
        except ValueError:
            path.rename(path.with_suffix(".unreadable"))
            log.critical("spooled_report_unreadable file=%s", path.stem)
            return None
        return record
