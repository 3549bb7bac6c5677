"""When a model is trained, and which are kept."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.supervise import training
from bot.supervise.training import TrainingFailed, fingerprint, train

FILES = {
    "config.yml": "pipeline: []",
    "domain.yml": "intents: []",
    "requirements.lock": "rasa==3",
    "bot/embedding.py": "SIZE = 384",
    "bot/nlu/classifier.py": "C = 1",
    "data/nlu/base.yml": "nlu: []",
    "data/nlu/faq/driving.yml": "nlu: [driving]",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the inputs of a training."""
    for name, content in FILES.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "root"


def test_the_same_inputs_have_the_same_fingerprint(root: Path) -> None:
    assert fingerprint(root) == fingerprint(root)
    assert len(fingerprint(root)) == 12


@pytest.mark.parametrize("name", FILES)
def test_a_changed_input_changes_the_fingerprint(root: Path, name: str) -> None:
    before = fingerprint(root)
    (root / name).write_text("changed", encoding="utf-8")
    assert fingerprint(root) != before


def test_a_new_a_renamed_and_a_removed_topic_change_the_fingerprint(root: Path) -> None:
    seen = {fingerprint(root)}
    topic = root / "data/nlu/faq/food.yml"
    topic.write_text("nlu: [food]", encoding="utf-8")
    seen.add(fingerprint(root))
    topic = topic.rename(topic.with_name("meals.yml"))
    seen.add(fingerprint(root))
    (root / "data/nlu/faq/driving.yml").unlink()
    assert len({*seen, fingerprint(root)}) == 4


@pytest.mark.parametrize("name", ["README.md", "bot/app.py", "data/nlu/.base.yml.swp", "clinic.yml"])
def test_what_is_no_input_of_the_training_does_not_matter(root: Path, name: str) -> None:
    before = fingerprint(root)
    (root / name).write_text("anything", encoding="utf-8")
    assert fingerprint(root) == before


# -- the training itself, with a program that stands in for Rasa ----------------


def _trainer(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """`rasa train` does what the shell script says; returns the folder of models."""
    program = folder / "rasa"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(training, "sys", SimpleNamespace(executable=str(program)))
    monkeypatch.setattr(training, "fingerprint", lambda: "0123456789ab")
    models = folder / "models"
    models.mkdir()
    return models


async def test_the_model_that_was_made_is_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "models" / "assistant-0123456789ab.tar.gz"
    models = _trainer(tmp_path, monkeypatch, f"touch {target}")
    assert await train(models) == target


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("exit 0", 0)], ids=["fails", "makes-nothing"])
async def test_a_training_that_makes_no_model_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: int
) -> None:
    models = _trainer(tmp_path, monkeypatch, script)
    with pytest.raises(TrainingFailed, match=rf"training failed \(exit status {code}\)"):
        await train(models)


async def test_of_old_models_the_latest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = _trainer(tmp_path, monkeypatch, f"touch {tmp_path}/models/assistant-0123456789ab.tar.gz")
    for age in range(1, 6):
        old = models / f"assistant-old{age}.tar.gz"
        old.touch()
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    (models / "by-hand.tar.gz").touch()
    await train(models)
    kept = {path.name.removesuffix(".tar.gz") for path in models.iterdir()}
    assert kept == {"assistant-0123456789ab", "assistant-old1", "assistant-old2", "by-hand"}
