"""Trains the learned reader: python -m bot.safety.train TARGET REVIEWED."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path

from bot.safety.learned import corpus, reviewed
from bot.safety.ordinary import ordinary_questions

# Read when TensorFlow is imported: no lines about its own build and what is not installed beside it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
logging.disable(logging.WARNING)


def main(target: Path, decided: Path) -> None:
    """Fit and save; prints what it does, since it takes some minutes."""
    from bot.safety.fitting import fit

    examples, ordinary = [*corpus(), *reviewed(decided)], ordinary_questions()
    print(
        f"screen: learning from {len(examples)} labelled messages and {len(ordinary)} ordinary questions …", flush=True
    )
    shutil.rmtree(target.with_suffix(".partial"), ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    fit(examples, ordinary, lambda step: print(f"screen: {step}", flush=True)).save(target)
    print(f"screen: {target.name} is ready", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
