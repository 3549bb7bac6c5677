"""The clinic's file with its topics alone, for the training in deploy/Dockerfile: python topics.py clinic.yml.

Who is paged and which numbers are texted needs secrets that no image may have,
and no model learns from it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

# The settings want an on-call list. This one is used by nobody.
_LADDER = {"steps": [{"page": ["nobody"]}]}
_ON_CALL = {
    "people": {"nobody": {"name": "Nobody", "role": "nobody", "contacts": ["log"]}},
    "ladder": {"emergency": _LADDER, "urgent": _LADDER},
}


def topics_alone(text: str) -> str:
    """What trains, of a clinic's file, as such a file."""
    data = yaml.safe_load(text)
    kept = {key: data[key] for key in ("name", "phone", "topics") if key in data}
    return yaml.safe_dump({**kept, "on_call": _ON_CALL}, allow_unicode=True, sort_keys=False)


if __name__ == "__main__":
    sys.stdout.write(topics_alone(Path(sys.argv[1]).read_text(encoding="utf-8")))
