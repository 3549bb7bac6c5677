"""Puts `/widget.js` together: one file with code, styles, texts and the clinic's numbers, and nothing else to load."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from bot.domain.clinic import Clinic

_FOLDER = Path(__file__).parent
# In the order in which they use each other.
_PARTS = (
    "helpers",
    "shapes",
    "store",
    "server",
    "entries",
    "following",
    "talk",
    "colours",
    "drawing",
    "wording",
    "rows",
    "element",
)
_NAME = "clinic-chat"
# A colour stands in quotation marks.
_PRIVATE = re.compile(r"(?<![\"'])#([a-zA-Z]\w*)")


def widget_script(clinic: Clinic, max_characters: int) -> bytes:
    """The chat element as a classic script, for browsers from 2021 on.

    The numbers are part of it, so that a page that has the script shows them
    while the gateway is away.
    """
    constants = {
        "NAME": _NAME,
        "STYLES": _without_layout((_FOLDER / "widget.css").read_text(encoding="utf-8")),
        "TEXTS": texts(),
        "FACTS": facts(clinic, max_characters),
    }
    parts = "\n".join((_FOLDER / "element" / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS)
    lines = [
        '(() => {\n"use strict";',
        *(f"const {name} = {json.dumps(value, ensure_ascii=False)};" for name, value in constants.items()),
        "if (customElements.get(NAME)) return;",
        _with_short_names(_without_comments(parts)),
        "})();\n",
    ]
    return "\n".join(lines).encode()


def texts() -> dict[str, Any]:
    """The element's texts by language; `{clinic}`, `{phone}`, `{emergency}` and `{crisis}` are filled in by it."""
    files = sorted((_FOLDER / "texts").glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def facts(clinic: Clinic, max_characters: int) -> dict[str, Any]:
    """As GET /api/chat/config has them."""
    return {
        "clinic": {
            "name": clinic.name,
            "phone": clinic.phone,
            "emergency_number": clinic.emergency_number,
            "crisis_number": clinic.crisis_number,
            "poison_number": clinic.poison_number,
            "animal_poison_number": clinic.animal_poison_number,
        },
        "limits": {"characters": max_characters},
    }


def _without_comments(code: str) -> str:
    """Code without indentation, empty lines, and comments that have lines of their own."""
    code = re.sub(r"^\s*/\*.*?\*/\s*$", "", code, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in code.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _with_short_names(code: str) -> str:
    """Private names (#token), which nothing outside a class can see, as short as their number allows."""
    names = Counter(re.findall(_PRIVATE, code)).most_common()
    short = {name: _letters(index) for index, (name, _) in enumerate(names)}
    return re.sub(_PRIVATE, lambda match: f"#{short[match[1]]}", code)


def _letters(index: int) -> str:
    return (_letters(index // 26 - 1) if index >= 26 else "") + chr(ord("a") + index % 26)


def _without_layout(styles: str) -> str:
    styles = re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)
    styles = re.sub(r"([:;,{}])\s+|\s+(?=[{}])", r"\1", styles)
    return styles.replace(";}", "}").strip()
