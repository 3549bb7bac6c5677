"""An equal draw of training lines for every label, as Rasa reads them."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import yaml

from bot.settings import ROOT
from tools.evaluation.data import examples

_SEED = 1


def write_sample(folder: Path, lines: int | None) -> Path:
    """Copy `data/` below `folder` with at most `lines` questions a label (None: all); returns the copy."""
    copy = folder / "data"
    shutil.copytree(ROOT / "data", copy)
    if lines is not None:
        chance = random.Random(_SEED)  # noqa: S311 - a draw, not a secret
        for path in sorted(copy.glob("nlu/**/*.yml")):
            path.write_text(_thinned(path.read_text(encoding="utf-8"), lines, chance), encoding="utf-8")
    return copy


def _thinned(text: str, lines: int, chance: random.Random) -> str:
    content = yaml.load(text, Loader=yaml.CSafeLoader)
    for entry in content["nlu"]:
        own = list(examples(entry["examples"]))
        drawn = chance.sample(own, min(lines, len(own)))
        entry["examples"] = "".join(f"- {line}\n" for line in drawn)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
