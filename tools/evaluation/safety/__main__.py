"""Reports recognised and false alarms on held-out messages: figures, a page, floors.

    python -m tools.evaluation.safety [FILE.jsonl …]

Writes reports/safety/{report.html,figures.json}; exits with 1 when a figure is
below its floor. SCREEN_MODEL names a trained model; without it the one of the
present corpus is used, and trained if need be.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.domain.errors import AssistantError
from bot.settings import ROOT
from tools.evaluation.safety import figures
from tools.evaluation.safety.cost import measure
from tools.evaluation.safety.floors import below, faq_left_alone
from tools.evaluation.safety.judging import Readers, judge
from tools.evaluation.safety.messages import FILES, messages
from tools.evaluation.safety.model import trained
from tools.evaluation.safety.report import Sets, report
from tools.evaluation.share import Share

OUT = ROOT / "reports" / "safety"


def main() -> int:
    """Train if needed, judge every message, write, compare with the floors."""
    try:
        texts = {path.stem: messages(path) for path in _files()}
        model = trained()
    except AssistantError as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 2
    readers = Readers.load(model)
    sets = {name: judge(readers, lines) for name, lines in texts.items()}
    questions, cost = faq_left_alone(readers), measure(model)
    written = {
        "sets": {name: figures.everything(judged) for name, judged in sets.items()},
        "FAQ left alone": questions.to_dict(),
        "cost": asdict(cost),
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "figures.json").write_text(json.dumps(written, indent=2, allow_nan=False), encoding="utf-8")
    (OUT / "report.html").write_text(report(sets, questions, cost, written), encoding="utf-8")
    _print(sets, questions, written)
    return _judge(sets, questions)


def _files() -> list[Path]:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = [path for path in FILES if path.exists()]
    parser.add_argument(
        "files", nargs="*", type=Path, default=default, help="labelled messages, one JSON object a line"
    )
    files: list[Path] = parser.parse_args().files
    return files


def _print(sets: Sets, questions: Share, written: Any) -> None:
    for name, judged in sets.items():
        for figure, own in figures.headline(judged).items():
            print(f"{name:16} {figure:34} {own}")
        for figure, own in figures.asked_back(judged).items():
            print(f"{name:16} {'asked back, ' + figure:34} {own}")
        times = figures.milliseconds(judged)
        print(f"{name:16} {'one message, CPU':34} p50 {times['p50']:.1f} ms, p95 {times['p95']:.1f} ms")
    print(f"{'questions':16} {'FAQ left alone':34} {questions}")
    print(f"{'screen':16} {'loaded':34} {json.dumps(written['cost'])}")
    print(f"the page with plots: {OUT / 'report.html'}")


def _judge(sets: Sets, questions: Share) -> int:
    low = below({name: figures.headline(judged) for name, judged in sets.items()}, questions)
    for line in low:
        print(f"below the floor: {line}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
