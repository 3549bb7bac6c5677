"""BANKING77 and CLINC150, if their files are at hand; they are not part of this repository.

`banking_data/{train,test}.csv` of PolyAI's task-specific-datasets (CC BY 4.0) and
`data/data_full.json` of clinc/oos-eval (CC BY 3.0), below one folder.
"""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tools.benchmark.systems import Ours
from tools.evaluation.data import Question

_SEEDS = (1, 2, 3)


def figures(folder: Path, full: bool) -> dict[str, Any]:
    """Accuracy at ten lines an intent (mean of three draws) and, if asked for, with all."""
    table: dict[str, Any] = {}
    for name, (train, test, strangers) in _sets(folder).items():
        draws = [_ten_each(train, seed) for seed in _SEEDS]
        table[f"{name}, 10 lines"] = _mean([_score(Ours(draw), test, strangers) for draw in draws])
        if full:
            table[f"{name}, all lines"] = _score(Ours(train), test, strangers)
    return table


def _sets(folder: Path) -> dict[str, tuple[list[Question], list[Question], list[Question]]]:
    banking = {part: _csv(folder / "banking_data" / f"{part}.csv") for part in ("train", "test")}
    clinc = json.loads((folder / "data" / "data_full.json").read_text(encoding="utf-8"))
    lines = {part: [Question(text, label) for text, label in clinc[part]] for part in ("train", "test", "oos_test")}
    return {
        "BANKING77": (banking["train"], banking["test"], []),
        "CLINC150": (lines["train"], lines["test"], lines["oos_test"]),
    }


def _csv(path: Path) -> list[Question]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Question(row["text"], row["category"]) for row in csv.DictReader(file)]


def _ten_each(lines: Sequence[Question], seed: int) -> list[Question]:
    by_label: dict[str, list[Question]] = defaultdict(list)
    for line in lines:
        by_label[line.label].append(line)
    chance = random.Random(seed)
    return [line for own in by_label.values() for line in chance.sample(own, min(10, len(own)))]


def _score(system: Ours, test: Sequence[Question], strangers: Sequence[Question]) -> dict[str, float]:
    own = [system.predict(q.text) for q in test]
    result = {"accuracy": float(np.mean([q.label == label for q, (label, _) in zip(test, own, strict=True)]))}
    if strangers:
        limit = float(np.quantile([confidence for _, confidence in own], 0.05))
        result["out of scope caught at 95 %"] = float(np.mean([system.predict(q.text)[1] < limit for q in strangers]))
    return result


def _mean(results: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([result[key] for result in results])) for key in results[0]}
