"""Trains the model when there is none for the inputs as they are now."""

from __future__ import annotations

import asyncio
import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.domain.clinic import OWN_SECTION, Clinic
from bot.domain.errors import AssistantError
from bot.safety import learned
from bot.safety.ordinary import ordinary_questions
from bot.settings import ROOT

# A change in any of these makes another model.
_INPUTS = (
    "config.yml",
    "domain.yml",
    "data",
    "bot/nlu",
    "bot/embedding.py",
    "bot/linear_model.py",
    "requirements.lock",
)
_KEEP = 3


class TrainingFailed(AssistantError):
    """`rasa train` did not make a model; its output says why."""


def model_path(models_dir: Path, clinic: Clinic) -> Path:
    """Where the model of the present inputs is, or will be."""
    return models_dir / f"assistant-{fingerprint(clinic)}.tar.gz"


def fingerprint(clinic: Clinic, root: Path = ROOT) -> str:
    """Twelve characters that change with the training inputs."""
    digest = hashlib.sha256(repr(clinic.topics).encode())
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


async def train(models_dir: Path, clinic: Clinic) -> Path:
    """Run `rasa train`, its progress shown; returns the model. Raises TrainingFailed."""
    target = model_path(models_dir, clinic)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own_topics.yml"
        own.write_text(own_topics(clinic), encoding="utf-8")
        code = await _rasa_train(target, own)
    if code != 0 or not target.exists():
        raise TrainingFailed(f"training failed (exit status {code}); the lines above say why")
    _forget_old(models_dir)
    return target


def screen_model_path(models_dir: Path) -> Path:
    """Where the screen's learned reader is, or will be."""
    return models_dir / f"screen-{learned.fingerprint(ordinary_questions())}"


async def train_screen(models_dir: Path) -> Path:
    """Train the screen's learned reader in a process of its own. Raises TrainingFailed."""
    target = screen_model_path(models_dir)
    code = await _run(sys.executable, "-m", "bot.safety.train", str(target))
    if code != 0 or not target.exists():
        raise TrainingFailed(f"training the screen failed (exit status {code}); the lines above say why")
    return target


async def _rasa_train(target: Path, own: Path) -> int:
    return await _run(
        sys.executable, "-m", "rasa", "train",
        "--config", "config.yml", "--domain", "domain.yml", "--data", "data", str(own),
        "--out", str(target.parent), "--fixed-model-name", target.name.removesuffix(".tar.gz"),
    )  # fmt: skip


async def _run(*argv: str) -> int:
    process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise


def own_topics(clinic: Clinic) -> str:
    """The topics of `clinic.yml` as a file of training data, each like one of data/nlu/faq/."""
    content: dict[str, Any] = {"version": "3.1"}
    for topic in clinic.topics:
        name = f"faq/clinic_{topic.id}"
        examples = "".join(f"- {question}\n" for question in topic.questions)
        content.setdefault("nlu", []).append({"intent": name, "examples": examples})
        custom = {
            "topic": name,
            "title": topic.title,
            "question": topic.questions[0],
            "short": f"[clinic name]: {topic.answer.short or topic.answer.text}",
            "sources": [{"document": "[clinic name]", "section": OWN_SECTION}],
        }
        text = f"[clinic name] says: {topic.answer.text}"
        content.setdefault("responses", {})[f"utter_{name}"] = [{"text": text, "custom": custom}]
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _forget_old(models_dir: Path) -> None:
    models = sorted(models_dir.glob("assistant-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for path in models[:-_KEEP]:
        path.unlink()
