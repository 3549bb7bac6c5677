"""A program that trains: all that it prints into a file, its stages in a line each."""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bot.supervise.child import open_log

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LAST_LINES = 12


@dataclass(frozen=True, slots=True)
class Trainer:
    """What to run and where its output goes.

    `stages`: pattern of a line → what to say when such a line comes; `{0}`,
    `{1}` … in it are the pattern's groups. `whole`: show every line instead.
    """

    argv: Sequence[str]
    folder: Path
    log_file: Path
    stages: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: the exit status, and the last lines that it printed."""

    status: int
    last_lines: tuple[str, ...]


def say(line: str) -> None:
    """A line of the command's own output."""
    print(f"assistant: {line}", flush=True)  # noqa: T201 - the command's own output


async def run(trainer: Trainer) -> Ended:
    """Run it to its end. A training that is cancelled leaves no process."""
    process = await asyncio.create_subprocess_exec(
        *trainer.argv, cwd=trainer.folder, env={**os.environ, **trainer.environment},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        last = await _read(cast(asyncio.StreamReader, process.stdout), trainer)
        return Ended(await process.wait(), last)
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise


async def _read(output: asyncio.StreamReader, trainer: Trainer) -> tuple[str, ...]:
    last: deque[str] = deque(maxlen=_LAST_LINES)
    trainer.log_file.unlink(missing_ok=True)  # of the training before
    with open_log(trainer.log_file) as log:
        async for line in _lines(output):
            log.write(f"{line}\n".encode())
            last.append(line)
            if trainer.whole:
                print(line, flush=True)  # noqa: T201 - asked for
            elif stage := stage_of(line, trainer.stages):
                say(stage)
    return tuple(last)


async def _lines(output: asyncio.StreamReader) -> AsyncIterator[str]:
    rest = b""
    while chunk := await output.read(65536):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield plain(line)
    if rest:
        yield plain(rest)


def plain(line: bytes) -> str:
    """A line without colours, and of a progress bar what it showed last."""
    text = _COLOUR.sub("", line.decode("utf-8", errors="replace")).rstrip()
    return text.rpartition("\r")[2]


def stage_of(line: str, stages: Mapping[str, str]) -> str | None:
    """What to say about a line; None where it is none of the stages."""
    for pattern, text in stages.items():
        if found := re.search(pattern, line):
            return text.format(*found.groups())
    return None
