"""An equal draw of training lines for every label, as Rasa reads them."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT
from bot.training_lines import lines_of, read

_SEED = 1


def write_sample(folder: Path, lines: int | None) -> Path:
    """Copy `data/` below `folder` with at most `lines` questions a label (None: all); returns the copy."""
    copy = folder / "data"
    shutil.copytree(ROOT / "data", copy)
    if lines is not None:
        chance = random.Random(_SEED)
        for path in sorted(copy.glob("nlu/**/*.yml")):
            path.write_text(_thinned(read(path), lines, chance), encoding="utf-8")
    return copy


def _thinned(content: Any, lines: int, chance: random.Random) -> str:
    for entry in content["nlu"]:
        own = lines_of(entry)
        drawn = chance.sample(own, min(lines, len(own)))
        entry["examples"] = "".join(f"- {line}\n" for line in drawn)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
