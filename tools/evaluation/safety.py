"""Reports recognised and false alarms on the held-out messages, with Wilson intervals.

    python -m tools.evaluation.safety

Writes reports/safety/figures.json; exits with 1 when a figure is below its floor.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.safety.joined import JoinedScreen
from bot.safety.screen import default_screen
from bot.safety.verdict import Verdict
from bot.settings import ROOT, load_settings
from bot.supervise.training import screen_model_path, train_screen
from tools.evaluation.data import FINAL, HELD_OUT, questions

MESSAGES = ROOT / "tests/safety/held_out.jsonl"
OUT = ROOT / "reports" / "safety"
# Two to three points below what was reached; docs/decisions/0006 has the figures.
FLOORS = {"report": 0.92, "report:emergency": 0.96, "no_report": 0.89, "emergency paged": 0.96, "FAQ left alone": 0.97}
_PAGED = ("emergency", "urgent")


@dataclass(frozen=True, slots=True)
class Judged:
    """A held-out message and what the screen made of it."""

    entry: dict[str, Any]
    verdict: Verdict
    milliseconds: float

    @property
    def is_report(self) -> bool:
        """What the author of the line says."""
        return bool(self.entry["tier"] != "none")

    @property
    def right(self) -> bool:
        """Recognised, or left alone."""
        return self.is_report == self.verdict.is_report


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `total`, with the 95 % interval of Wilson."""

    good: int
    total: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.good / self.total if self.total else float("nan")

    def interval(self) -> tuple[float, float]:
        """Lower and upper end."""
        n, p, z = self.total, self.value, 1.96
        middle = p + z * z / (2 * n)
        spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def main() -> int:
    """Train if needed, judge every message, print, compare with the floors."""
    settings = load_settings()
    model = screen_model_path(settings)
    if not model.exists():
        asyncio.run(train_screen(settings))
    table = shares(JoinedScreen(default_screen(), model))
    OUT.mkdir(parents=True, exist_ok=True)
    written = {name: {"good": s.good, "total": s.total, "interval": s.interval()} for name, s in table.items()}
    (OUT / "figures.json").write_text(json.dumps(written, indent=2), encoding="utf-8")
    for name, share in table.items():
        low, high = share.interval()
        print(f"{name:42} {share.good:4}/{share.total:<4} {share.value:6.1%}   {low:5.1%} to {high:5.1%}")
    below = [name for name, floor in FLOORS.items() if table[name].value < floor]
    if below:
        print(f"below the floor: {', '.join(below)}")
    return 1 if below else 0


def shares(screen: JoinedScreen) -> dict[str, Share]:
    """Every figure by name."""
    judged = list(_judge(screen, MESSAGES))
    reports = [j for j in judged if j.is_report]
    emergencies = [j for j in reports if j.entry["tier"] == "emergency"]
    questions_asked = [q.text for q in questions([HELD_OUT, FINAL]) if q.group != "report_side_effect"]
    table = {
        "report": _share(reports, lambda j: j.right),
        "no_report": _share([j for j in judged if not j.is_report], lambda j: j.right),
        "emergency paged": _share(emergencies, lambda j: j.verdict.tier in _PAGED),
        "tier exact": _share([j for j in reports if j.right], lambda j: j.verdict.tier == j.entry["tier"]),
        "FAQ left alone": _share(questions_asked, lambda text: not screen(text).is_report),
    }
    for field in ("tier", "kind", "lang", "channel", "category"):
        for value in sorted({j.entry[field] for j in judged}):
            own = [j for j in judged if j.entry[field] == value]
            for name, part in (
                ("report", [j for j in own if j.is_report]),
                ("no_report", [j for j in own if not j.is_report]),
            ):
                if part and field != "tier":
                    table[f"{name}, {field} {value}"] = _share(part, lambda j: j.right)
            if field == "tier" and value != "none":
                table[f"report:{value}"] = _share(own, lambda j: j.right)
    milliseconds = [j.milliseconds for j in judged]
    print(f"one message: p50 {np.percentile(milliseconds, 50):.1f} ms, p95 {np.percentile(milliseconds, 95):.1f} ms")
    return table


def _judge(screen: JoinedScreen, path: Path) -> Iterator[Judged]:
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        began = time.perf_counter()
        verdict = screen(entry["text"], entry.get("turns") or ())
        yield Judged(entry, verdict, (time.perf_counter() - began) * 1e3)


def _share(items: Iterable[Any], good: Callable[[Any], bool]) -> Share:
    kept = list(items)
    return Share(sum(map(good, kept)), len(kept))


if __name__ == "__main__":
    sys.exit(main())
