"""Held-out questions, talks, cross-validation and `rasa test`: figures, a page, floors.

    python -m tools.evaluation [--folds 5] [--no-rasa]

Writes reports/evaluation/{report.html,figures.json}; exits with 1 when a
figure is below its floor.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bot.embedding import default_encoder
from bot.linear_model import LinearModel
from bot.settings import ROOT, load_settings
from bot.supervise.training import model_path, train
from tools.evaluation import plots
from tools.evaluation.data import FINAL, HELD_OUT, exchanges, questions, training
from tools.evaluation.model import Config, Decision, config, decide, load, summary, understood
from tools.evaluation.page import figures_in_full, page, picture, section, table

# Two to three points below what was reached; docs/evaluation.md has the figures.
FLOORS = {
    "held-out faq": 0.92,
    "final faq": 0.92,
    "final ask_staff": 0.88,
    "final out_of_scope": 0.90,
    "stories": 1.0,
}
Figures = dict[str, Any]


def main() -> int:
    """Train if needed, measure, write, judge."""
    options = _options()
    settings, chosen = load_settings(), config()
    path = model_path(settings.models_dir, settings.clinic)
    if not path.exists():
        asyncio.run(train(settings))
    model, out = load(path), ROOT / "reports" / "evaluation"
    out.mkdir(parents=True, exist_ok=True)
    decisions = {
        name: decide(model, chosen, questions([file])) for name, file in (("held-out", HELD_OUT), ("final", FINAL))
    }
    figures: Figures = {name: summary(made, chosen.threshold) for name, made in decisions.items()}
    figures |= _talk_figures(model, chosen)
    figures["milliseconds"] = _percentiles(decisions["held-out"])
    if options.folds:
        figures["cross-validation"] = _cross_validate(chosen, options.folds)
    if options.rasa:
        figures["stories"] = _rasa_test(path, out)
    (out / "figures.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    (out / "report.html").write_text(_page(figures, decisions, chosen), encoding="utf-8")
    return _judge(figures, out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folds", type=int, default=5, help="folds of the cross-validation; 0 leaves it out")
    parser.add_argument("--no-rasa", dest="rasa", action="store_false", help="leave `rasa test` out")
    return parser.parse_args()


def _talk_figures(model: LinearModel, chosen: Config) -> Figures:
    figures: Figures = {}
    for name in ("test", "final"):
        talks = exchanges(name)
        for kind, own in (
            ("follow-ups", [t for t in talks if t.before]),
            ("double questions", [t for t in talks if not t.before]),
        ):
            figures[f"{name} {kind}"] = float(np.mean([understood(model, chosen, talk) for talk in own]))
    return figures


def _percentiles(decisions: list[Decision]) -> dict[str, float]:
    milliseconds = [d.seconds * 1e3 for d in decisions]
    return {"p50": float(np.percentile(milliseconds, 50)), "p95": float(np.percentile(milliseconds, 95))}


def _cross_validate(chosen: Config, folds: int) -> Figures:
    lines = training()
    vectors = default_encoder().encode_all([line.text for line in lines])
    fold_of = np.random.default_rng(7).permutation(len(lines)) % folds
    right: list[bool] = []
    for fold in range(folds):
        print(f"evaluation: fold {fold + 1} of {folds} …", flush=True)
        rest = np.flatnonzero(fold_of != fold)
        model = LinearModel.fit([lines[i].text for i in rest], vectors[rest], [lines[i].label for i in rest], chosen.c)
        for i in np.flatnonzero(fold_of == fold):
            chances = model.probabilities(lines[i].text, vectors[i], chosen.similarity_weight)
            right.append(model.labels[int(chances.argmax())] == lines[i].label)
    return {"lines": len(lines), "right label": float(np.mean(right))}


def _rasa_test(model: Path, out: Path) -> float:
    arguments = ["test", "core", "--stories", "tests/stories", "--model", str(model), "--out", str(out / "rasa")]
    subprocess.run([sys.executable, "-m", "rasa", *arguments], cwd=ROOT, check=True)
    arguments = ["test", "nlu", "--nlu", str(FINAL), "--model", str(model), "--out", str(out / "rasa"), "--no-plot"]
    subprocess.run([sys.executable, "-m", "rasa", *arguments], cwd=ROOT, check=True)
    report = json.loads((out / "rasa" / "story_report.json").read_text(encoding="utf-8"))
    return float(report["conversation_accuracy"]["accuracy"])


def _judge(figures: Figures, out: Path) -> int:
    for name in ("held-out", "final"):
        for group, row in figures[name].items():
            print(f"{name:10} {group:20} right {row['right']:6.1%}  unsure {row['unsure']:6.1%}  of {row['questions']}")
    for name, figure in figures.items():
        if isinstance(figure, float):
            print(f"{name:31} {figure:6.1%}")
    print(f"the page with plots: {out / 'report.html'}")
    low = [name for name, floor in FLOORS.items() if (got := _figure(figures, name)) is not None and got < floor]
    for name in low:
        print(f"below the floor: {name} {_figure(figures, name):.3f} < {FLOORS[name]}")
    return 1 if low else 0


def _figure(figures: Figures, name: str) -> float | None:
    part, _, group = name.rpartition(" ")
    if part:
        return float(figures[part][group]["right"])
    return figures.get(name)


def _page(figures: Figures, decisions: dict[str, list[Decision]], chosen: Config) -> str:
    made = [*decisions["held-out"], *decisions["final"]]
    images = {
        "What a threshold costs and buys": plots.thresholds(made, chosen.threshold),
        "Confidence of right and wrong answers": plots.confidence(made),
        "Per topic": plots.by_topic(made, chosen.threshold),
        "Time for one message": plots.latency(made),
    }
    return page(
        "How well questions are understood",
        _table(figures),
        *(section(title, picture(title, png)) for title, png in images.items()),
        section("Confused most often", _confusions(made, chosen.threshold)),
        figures_in_full(figures),
    )


def _table(figures: Figures) -> str:
    rows = [
        (name, group, row["questions"], *(f"{row[outcome]:.1%}" for outcome in ("right", "unsure", "wrong")))
        for name in ("held-out", "final")
        for group, row in figures[name].items()
    ]
    return table(("set", "group", "questions", "right", "unsure", "wrong"), rows)


def _confusions(decisions: list[Decision], threshold: float) -> str:
    pairs = Counter((d.question.label, d.label) for d in decisions if d.outcome(threshold) == "wrong")
    return table(("asked", "understood", "times"), [(*pair, n) for pair, n in pairs.most_common(25)])


if __name__ == "__main__":
    sys.exit(main())
