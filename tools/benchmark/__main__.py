"""This project, Rasa's default pipeline, nearest neighbour and BM25, side by side.

    python -m tools.benchmark [--lines N] [--ours] [--public FOLDER [--full]]

Prints a table and writes reports/benchmark/figures.json. Both Rasa models are
trained and served here, one after the other, so that ratios can be trusted
though the machine may be busy. All of them learn from the same lines; with all
lines Rasa's default pipeline trains for hours on two cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from bot.training_lines import FOLLOWS
from tools.benchmark import public
from tools.benchmark.sample import write_sample
from tools.benchmark.systems import Bm25, Nearest, figures, served
from tools.evaluation.data import FINAL, HELD_OUT, questions

OUT = ROOT / "reports" / "benchmark"
_OURS = ROOT / "config.yml"
_CONFIGS = {
    "this project": _OURS,
    "Rasa's default pipeline": Path(__file__).parent / "default_config.yml",
}
_COLUMNS = ("accuracy", "caught", "training s", "cold start s", "p50 ms", "p95 ms", "memory MB")


def main() -> int:
    """Measure everything, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=_count, help="questions a label, drawn once for all (default: all)")
    parser.add_argument("--ours", action="store_true", help="leave Rasa's default pipeline out")
    parser.add_argument("--public", type=Path, help="folder with banking_data/ and data/data_full.json")
    parser.add_argument("--full", action="store_true", help="public sets with all their lines, too")
    options = parser.parse_args()
    held_out = questions([HELD_OUT, FINAL])
    inside = [q for q in held_out if q.group == "faq"]
    outside = [q for q in held_out if q.group in ("ask_staff", "out_of_scope")]
    with tempfile.TemporaryDirectory() as folder:
        data = write_sample(Path(folder), options.lines)
        configs = {name: config for name, config in _CONFIGS.items() if config == _OURS or not options.ours}
        table: dict[str, Any] = {name: _rasa(config, data, inside, outside) for name, config in configs.items()}
        lines = [line for line in questions(sorted(data.glob("nlu/**/*.yml"))) if FOLLOWS not in line.text]
    for name, build in (("nearest neighbour", Nearest), ("BM25", Bm25)):
        began = time.monotonic()
        system = build(lines)
        table[name] = {"training s": time.monotonic() - began, **figures(system, inside, outside)}
    result = {"training lines": len(lines), "faq questions": len(inside), "not ours": len(outside), "table": table}
    if options.public:
        result["public"] = public.figures(options.public, options.full)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "figures.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    _print(result)
    return 0


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 2:
        raise argparse.ArgumentTypeError("a whole number of at least 2, such as 10")
    return int(text)


def _rasa(config: Path, data: Path, inside: Any, outside: Any) -> dict[str, Any]:
    print(f"benchmark: training with {config.name} …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "rasa", "train", "--config", str(config), "--domain", "domain.yml", "--data", str(data),
             "--out", folder, "--fixed-model-name", "benchmark", "--force"],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        seconds = time.monotonic() - began
        with served(Path(folder) / "benchmark.tar.gz") as server:
            measured = figures(server, inside, outside)
            return {"training s": seconds, "cold start s": server.cold_start, "memory MB": server.memory(), **measured}


def _print(result: dict[str, Any]) -> None:
    print(
        f"{result['training lines']} training lines, {result['faq questions']} FAQ questions, {result['not ours']} that are not ours"
    )
    print(f"{'':26}" + "".join(f"{column:>14}" for column in _COLUMNS))
    for name, row in result["table"].items():
        print(f"{name:26}" + "".join(f"{_cell(column, row.get(column)):>14}" for column in _COLUMNS))
    for name, row in result.get("public", {}).items():
        print(f"{name:26}" + "  ".join(f"{key} {value:.1%}" for key, value in row.items()))


def _cell(column: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1%}" if column in ("accuracy", "caught") else f"{value:.1f}"


if __name__ == "__main__":
    sys.exit(main())
