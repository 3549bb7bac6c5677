"""Reports on disk: durable, in order, and never in the way."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.domain.errors import StorageUnavailable
from bot.storage.sealing import Sealer
from bot.storage.spool import FileSpool
from tests.harness.storage import SEALER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "spool"


@pytest.fixture
def spool(folder: Path) -> FileSpool:
    return FileSpool(folder, SEALER)


def _fill(spool: FileSpool, folder: Path, *names: str) -> None:
    """Append in order; file times are set apart, for a disk that counts in whole seconds."""
    for second, name in enumerate(names):
        known = set(folder.glob("*.json"))
        assert spool.append({"text": name})
        (path,) = set(folder.glob("*.json")) - known
        os.utime(path, (second, second))


class Taker:
    """Keeps what it is handed; away for the names in `away`."""

    def __init__(self, *away: str) -> None:
        self.away = away
        self.taken: list[str] = []

    def __call__(self, record: Mapping[str, Any]) -> None:
        if record["text"] in self.away:
            raise StorageUnavailable
        self.taken.append(record["text"])


def test_a_report_is_handed_over_as_it_was_written(spool: FileSpool) -> None:
    record = {"text": "Ana can\u2019t breathe \U0001f62d", "conversation_id": None, "message_id": "m-1"}
    assert spool.append(record)
    handed: list[Mapping[str, Any]] = []
    assert spool.drain(handed.append) == 1
    assert handed == [record]


def test_reports_are_handed_over_oldest_first(spool: FileSpool, folder: Path) -> None:
    names = [f"report {number}" for number in range(6)]
    _fill(spool, folder, *names)
    taker = Taker()
    assert spool.drain(taker) == 6
    assert taker.taken == names


def test_a_report_is_handed_over_once(spool: FileSpool) -> None:
    spool.append({"text": "Ana"})
    taker = Taker()
    assert [spool.drain(taker), spool.drain(taker)] == [1, 0]


def test_a_report_is_on_the_disk_for_another_process(spool: FileSpool, folder: Path) -> None:
    spool.append({"text": "Ana"})
    taker = Taker()
    FileSpool(folder, SEALER).drain(taker)
    assert taker.taken == ["Ana"]


def test_draining_stops_while_the_database_is_away_and_loses_nothing(spool: FileSpool, folder: Path) -> None:
    _fill(spool, folder, "Ana", "Ben", "Cleo")
    assert spool.drain(Taker("Ben")) == 1
    later = Taker()
    assert spool.drain(later) == 2
    assert later.taken == ["Ben", "Cleo"]


def test_a_report_that_is_half_written_is_left_alone(spool: FileSpool, folder: Path) -> None:
    _fill(spool, folder, "Ana")
    (folder / "half.partial").write_text('{"text": "Be', encoding="utf-8")
    taker = Taker()
    assert spool.drain(taker) == 1
    assert taker.taken == ["Ana"]


def test_a_report_that_cannot_be_read_does_not_hold_up_the_others(spool: FileSpool, folder: Path) -> None:
    _fill(spool, folder, "Ana")
    torn = folder / "torn.json"
    torn.write_text('{"text": "Be', encoding="utf-8")
    os.utime(torn, (-1, -1))
    assert spool.drain(Taker()) == 1


def test_an_empty_or_missing_folder_has_nothing_to_hand_over(spool: FileSpool) -> None:
    assert spool.drain(Taker()) == 0


def test_reports_are_private(spool: FileSpool, folder: Path) -> None:
    spool.append({"text": "Ana"})
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("call", "number"), [("open", errno.EROFS), ("fsync", errno.ENOSPC), ("fsync", errno.EIO), ("mkdir", errno.EROFS)]
)
def test_a_disk_that_refuses_is_said_and_not_raised(
    spool: FileSpool, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        assert spool.append({"text": "Ana"}) is False
    assert spool.drain(Taker()) == 0


def test_a_folder_that_cannot_be_made_is_said_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert FileSpool(tmp_path / "file" / "spool", SEALER).append({"text": "Ana"}) is False


def test_what_was_refused_is_logged_without_the_patients_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    FileSpool(tmp_path / "file" / "spool", SEALER).append({"text": "my chest hurts"})
    assert "spool_failed" in caplog.text
    assert "chest" not in caplog.text


# -- keys ----------------------------------------------------------------------


def test_a_report_on_the_disk_shows_nothing_of_what_it_says(spool: FileSpool, folder: Path) -> None:
    spool.append({"text": "my chest hurts"})
    (path,) = folder.iterdir()
    assert "chest" not in path.read_text(encoding="utf-8")


def test_a_report_that_an_earlier_version_wrote_is_handed_over(spool: FileSpool, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "old.json").write_text('{"text": "Ana"}', encoding="utf-8")
    taker = Taker()
    assert spool.drain(taker) == 1
    assert taker.taken == ["Ana"]


def test_a_report_whose_key_is_not_here_waits_for_it_and_holds_up_nobody(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    FileSpool(folder, SEALER).append({"text": "Ana"})
    other = FileSpool(folder, Sealer(lambda: ("A" * 43 + "=",), b"k" * 32))
    other.append({"text": "Ben"})
    taker = Taker()
    assert [other.drain(taker), other.drain(taker)] == [1, 0]
    assert caplog.text.count("spooled_report_without_key") == 1
    FileSpool(folder, SEALER).drain(taker)
    assert taker.taken == ["Ben", "Ana"]
