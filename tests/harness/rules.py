"""Rule files of a test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

CONTEXT: dict[str, Any] = {
    "word_lists": {"not": "not n't no", "someone": "i he she"},
    "pseudo": ["not only"],
    "terminators": ["but"],
    "cues": [
        {"id": "negation", "cancel": "negated", "direction": "forward", "reach": 4, "patterns": ["@not"]},
    ],
}


def flag(**changes: Any) -> dict[str, Any]:
    """A flag that the loader accepts, with some of it changed; None takes a key out."""
    whole = {
        "id": "burns.burn",
        "category": "burns",
        "tier": "urgent",
        "source": "A table, row 1.",
        "cancelled_by": ["negated"],
        "patterns": ["burned|burnt *2 hand"],
        "unless": ["burned hand cream"],
        "must_flag": [f"Ben burned his hand, {n}" for n in range(5)],
        "must_not_flag": [f"no burned hand, {n}" for n in range(5)],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def write_rules(folder: Path, *flags: Any, context: dict[str, Any] | None = None) -> tuple[Path, Path]:
    """A flags folder and a context file, as `load_rules` takes them."""
    flags_folder = folder / "flags"
    flags_folder.mkdir()
    (flags_folder / "burns.yml").write_text(yaml.safe_dump(list(flags)), encoding="utf-8")
    context_file = folder / "context.yml"
    context_file.write_text(yaml.safe_dump(context or CONTEXT), encoding="utf-8")
    return flags_folder, context_file
