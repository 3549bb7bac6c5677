"""What a program prints, a line of it at a time."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.supervise.progress import Trainer, plain, run, stage_of


@pytest.mark.parametrize(
    ("printed", "line"),
    [
        (b"plain", "plain"),
        (b"\x1b[93ma warning\x1b[0m", "a warning"),
        (b"\x1b[1;31mred\x1b[K", "red"),
        (b"0%|   |\r 50%|#  |\r100%|###|", "100%|###|"),
        (b"a line of Windows\r", "a line of Windows"),
        (b"caf\xc3\xa9 \xff", "café \ufffd"),
        (b"", ""),
    ],
)
def test_a_line_is_kept_without_colours_and_as_it_was_last(printed: bytes, line: str) -> None:
    assert plain(printed) == line


def test_a_stage_is_told_with_its_figures_and_nothing_else_is() -> None:
    stages = {r"done=(\d+) of=(\d+)": "{0} of {1}", "done": "done"}
    assert stage_of("embedded done=5 of=9", stages) == "5 of 9"
    assert stage_of("all done", stages) == "done"
    assert stage_of("a warning", stages) is None


def _trainer(folder: Path, script: str) -> Trainer:
    return Trainer(("/bin/sh", "-c", script), folder, folder / "logs" / "training.log")


async def test_lines_longer_than_a_pipe_and_without_an_end_are_whole(tmp_path: Path) -> None:
    ended = await run(_trainer(tmp_path, "head -c 200000 /dev/zero | tr '\\0' x; echo; printf end"))
    assert [len(line) for line in ended.last_lines] == [200000, 3]
    assert (tmp_path / "logs" / "training.log").stat().st_size == 200005


async def test_a_training_that_is_cancelled_leaves_no_process(tmp_path: Path) -> None:
    number = tmp_path / "number"
    os.mkfifo(number)
    task = asyncio.create_task(run(_trainer(tmp_path, f"echo $$ > {number}; exec sleep 600")))
    process = int(await asyncio.to_thread(number.read_text, encoding="ascii"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
