"""The talks of tests/stories, held by Rasa itself against the trained model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT
from bot.supervise.serve import ENVIRONMENT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

STORIES = ROOT / "tests" / "stories"


@pytest.fixture(scope="module")
def results(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `rasa test core` wrote what it found."""
    out = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "rasa", "test", "core", "--stories", str(STORIES), "--no-plot"]
    tested = subprocess.run(
        [*command, "--model", str(model), "--out", str(out)],
        cwd=ROOT, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stderr[-3000:]
    return out


def stories() -> list[dict[str, Any]]:
    """The talks as they are written."""
    loaded = yaml.safe_load((STORIES / "test_stories.yml").read_text(encoding="utf-8"))
    return list(loaded["stories"])


def test_every_talk_goes_as_it_is_written(results: Path) -> None:
    report = json.loads((results / "story_report.json").read_text(encoding="utf-8"))
    failed = (results / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert report["conversation_accuracy"]["correct"] == len(stories()), failed


def test_no_talk_failed_or_was_left_out(results: Path) -> None:
    report = json.loads((results / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["total"] == len(stories())
    assert yaml.safe_load((results / "failed_test_stories.yml").read_text(encoding="utf-8")) is None


def test_the_talks_cover_the_topics_that_are_asked_most_and_more() -> None:
    intents = {step.get("intent") for story in stories() for step in story["steps"]}
    most = {f"faq/{topic}" for topic in ("session_length", "safety", "driving", "insurance", "session_count")}
    assert most <= intents
    assert len([intent for intent in intents if str(intent).startswith("faq/")]) >= 15
