"""Trains the model when there is none for the inputs as they are now."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.domain.errors import AssistantError
from bot.settings import ROOT

# A change in any of these makes another model.
_INPUTS = ("config.yml", "domain.yml", "data", "bot/nlu", "bot/embedding.py", "requirements.lock")
_KEEP = 3


class TrainingFailed(AssistantError):
    """`rasa train` did not make a model; its output says why."""


def model_path(models_dir: Path) -> Path:
    """Where the model of the present inputs is, or will be."""
    return models_dir / f"assistant-{fingerprint()}.tar.gz"


def fingerprint(root: Path = ROOT) -> str:
    """Twelve characters that change with the training inputs."""
    digest = hashlib.sha256()
    for path in _files(root):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _files(root: Path) -> Iterator[Path]:
    for name in _INPUTS:
        path = root / name
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in (".py", ".yml"))
        else:
            yield path


async def train(models_dir: Path) -> Path:
    """Run `rasa train`, its progress shown; returns the model. Raises TrainingFailed."""
    target = model_path(models_dir)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rasa", "train",
        "--config", "config.yml", "--domain", "domain.yml", "--data", "data",
        "--out", str(models_dir), "--fixed-model-name", target.name.removesuffix(".tar.gz"),
        cwd=ROOT, stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if code != 0 or not target.exists():
        raise TrainingFailed(f"training failed (exit status {code}); the lines above say why")
    _forget_old(models_dir)
    return target


def _forget_old(models_dir: Path) -> None:
    models = sorted(models_dir.glob("assistant-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for path in models[:-_KEEP]:
        path.unlink()
