"""`rasa test` on the held-out questions and the test stories, and its figures.

    python -m tools.evaluate [--out reports/evaluation]

Exits with 1 when a figure is below its floor.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.settings import ROOT, load_settings
from bot.supervise.training import model_path, train

# What the present model reaches on the held-out questions, less two points.
FLOORS = {"intent accuracy": 0.90, "answer selection": 0.87, "stories": 1.0}


def main() -> int:
    """Train if needed, test, print, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "evaluation")
    out: Path = parser.parse_args().out
    models = load_settings().models_dir
    model = model_path(models)
    if not model.exists():
        asyncio.run(train(models))
    _rasa("test", "nlu", "--nlu", "tests/nlu/test_questions.yml", "--model", str(model), "--out", str(out))
    _rasa(
        "test",
        "core",
        "--stories",
        "tests/stories",
        "--model",
        str(model),
        "--out",
        str(out),
        "--fail-on-prediction-errors",
    )
    figures = {
        "intent accuracy": _report(out / "intent_report.json")["accuracy"],
        "answer selection": _report(out / "response_selection_report.json")["accuracy"],
        "stories": _report(out / "story_report.json")["conversation_accuracy"]["accuracy"],
    }
    return _judge(figures, out)


def _rasa(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "rasa", *arguments], cwd=ROOT, check=True)


def _report(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def _judge(figures: dict[str, float], out: Path) -> int:
    (out / "figures.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    for name, figure in figures.items():
        print(f"{name:20} {figure:7.1%}   floor {FLOORS[name]:.0%}")
    low = [name for name, figure in figures.items() if figure < FLOORS[name]]
    print(f"reports and plots are in {out}")
    if low:
        print(f"below the floor: {', '.join(low)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
