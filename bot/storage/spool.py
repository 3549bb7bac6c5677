"""Severe reports on disk, for when the database does not take them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.domain.conversation import new_id
from bot.domain.errors import StorageUnavailable

log = logging.getLogger(__name__)


def waiting(folder: Path) -> int:
    """How many reports lie there, those that cannot be read among them."""
    return sum(path.suffix in (".json", ".unreadable") for path in folder.glob("*"))


class FileSpool:
    """One file a report, on the disk before `append` returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(self, record: Mapping[str, Any]) -> bool:
        """Write a report durably; False (and a log line) when the disk refuses too."""
        try:
            self._write(json.dumps(record))
        except OSError as error:
            log.critical("spool_failed error=%s", error.strerror)
            return False
        log.error("report_spooled")
        return True

    def _write(self, content: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{new_id()}.json"
        partial = path.with_suffix(".partial")
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
        file that cannot be read is set aside, loudly, and holds up nobody.
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
            record: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            path.rename(path.with_suffix(".unreadable"))
            log.critical("spooled_report_unreadable file=%s", path.stem)
            return None
        return record
