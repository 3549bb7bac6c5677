"""Trains the model when there is none for the inputs as they are now."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.domain.clinic import OWN_SECTION, Clinic
from bot.domain.errors import AssistantError
from bot.own_topics import report_problems
from bot.pins import that_train
from bot.safety import learned
from bot.safety.joined import JoinedScreen
from bot.safety.ordinary import ordinary_questions
from bot.safety.screen import default_screen
from bot.settings import ROOT, Settings
from bot.supervise.progress import Ended, Trainer, run, say
from bot.training_lines import files, labelled

# A change in any of these makes another model.
_INPUTS = (
    "config.yml",
    "domain.yml",
    "data",
    "bot/nlu",
    "bot/embedding.py",
    "bot/linear_model.py",
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
    digest.update(that_train(root / "requirements.lock").encode())
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


async def train(settings: Settings, whole_output: bool = False) -> Path:
    """Train the model and return where it is; each stage is said in a line. Raises TrainingFailed."""
    target = model_path(settings.models_dir, settings.clinic)
    _warn_of_own_topics(settings)
    say("training the model (two to three minutes) …")
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own_topics.yml"
        own.write_text(own_topics(settings.clinic), encoding="utf-8")
        argv = (
            sys.executable, "-m", "rasa", "train",
            "--config", "config.yml", "--domain", "domain.yml", "--data", "data", str(own),
            "--out", str(target.parent), "--fixed-model-name", target.name.removesuffix(".tar.gz"),
        )  # fmt: skip
        await _run(settings, target, argv, _stages(settings.clinic), whole_output)
    _forget_old(settings.models_dir)
    return target


def screen_model_path(settings: Settings) -> Path:
    """Where the screen's learned reader is, or will be."""
    decided = learned.reviewed(settings.reviewed_file)
    return settings.models_dir / f"screen-{learned.fingerprint(ordinary_questions(), decided=decided)}"


async def train_screen(settings: Settings, whole_output: bool = False) -> Path:
    """Train the screen's learned reader in a process of its own. Raises TrainingFailed."""
    target = screen_model_path(settings)
    say("training the screen (four to eight minutes; until then it reads with its rules alone) …")
    argv = (sys.executable, "-m", "bot.safety.train", str(target), str(settings.reviewed_file))
    await _run(settings, target, argv, {r"^(screen: .*)": "{0}"}, whole_output)
    return target


def _warn_of_own_topics(settings: Settings) -> None:
    """What the rules report is refused at start; the learned reader may err, so the clinic decides."""
    learned_reader = screen_model_path(settings)
    if not settings.clinic.topics or not learned_reader.exists():
        return
    questions = ((topic.id, question) for topic in settings.clinic.topics for question in topic.questions)
    for problem in report_problems(questions, JoinedScreen(default_screen(), learned_reader)):
        say(f"{settings.clinic_file.name}: topics: {problem}")


def _stages(clinic: Clinic) -> dict[str, str]:
    questions = len(list(labelled(files()))) + sum(len(topic.questions) for topic in clinic.topics)
    return {
        r"Started validating": f"checking {questions:,} questions, rules and stories …",
        r"Starting to train component 'RulePolicy'": "learning the rules of a talk …",
        r"sentences_embedded done=(\d+) of=(\d+)": "reading the questions: {0} of {1} …",
        r"Starting to train component 'TopicClassifier'": f"learning to recognise topics, {questions:,} questions …",
    }


async def _run(
    settings: Settings, target: Path, argv: Sequence[str], stages: Mapping[str, str], whole_output: bool
) -> None:
    log_file = settings.data_dir / "logs" / f"training-{_name(target)}.log"
    debug = settings.log_level == "DEBUG"
    # Rasa reads the same variable; with less than INFO it would not tell its stages.
    environment = {"LOG_LEVEL": "DEBUG" if debug else "INFO"}
    began = time.monotonic()
    ended = await run(Trainer(argv, ROOT, log_file, stages, environment, whole_output or debug))
    _check_made(target, ended, log_file)
    say(f"{target.name} is ready after {time.monotonic() - began:.0f} s")


def _check_made(target: Path, ended: Ended, log_file: Path) -> None:
    if ended.status == 0 and target.exists():
        return
    lines = "".join(f"\n  {line}" for line in ended.last_lines)
    raise TrainingFailed(
        f"training the {_name(target)} failed (exit status {ended.status}); "
        f"all that it printed is in {log_file}, which ends:{lines}"
    )


def _name(target: Path) -> str:
    return target.name.partition("-")[0]


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
