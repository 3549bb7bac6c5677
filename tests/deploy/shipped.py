"""Reads what lies in deploy/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.safety.joined import MODEL_VARIABLE
from bot.settings import ROOT, SETTINGS

DEPLOY = ROOT / "deploy"
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
PORTS = {"gateway": int(DEFAULTS["PORT"]), "rasa": int(DEFAULTS["RASA_PORT"]), "actions": int(DEFAULTS["ACTIONS_PORT"])}
# Read by others than bot/settings.py: the screen, Python, Rasa, matplotlib.
_OTHERS = {MODEL_VARIABLE, "PATH", "HOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} | {
    "MPLCONFIGDIR", "RASA_TELEMETRY_ENABLED"
}  # fmt: skip


class _Strict(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        if len(set(names)) < len(names):
            raise yaml.constructor.ConstructorError(None, None, f"a key is there twice: {names}", node.start_mark)
        return super().construct_mapping(node, deep)


def documents(path: Path) -> list[Any]:
    """All documents of a YAML file."""
    return list(yaml.load_all(path.read_text(encoding="utf-8"), _Strict))


def document(name: str) -> Any:
    """The one document of a file in deploy/."""
    (found,) = documents(DEPLOY / name)
    return found


def unknown_variables(names: Iterator[str] | set[str] | dict[str, Any]) -> set[str]:
    """Those of the names that no process of ours reads; PAGE_… are named by clinic.yml."""
    known = {f"{name}{end}" for name in DEFAULTS for end in ("", "_FILE")} | _OTHERS
    return {name for name in names if name not in known and not re.fullmatch(r"PAGE_\w+_FILE", name)}
