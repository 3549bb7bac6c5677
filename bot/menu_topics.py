"""What the phone menu offers by key: titles and questions of topics, as their files have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.domain.clinic import Clinic
from bot.domain.phone_tree.model import Topic

_NLU = Path(__file__).resolve().parent.parent / "data" / "nlu"
# What patients ask most before they come, where the clinic has not chosen.
DEFAULT = ("faq/session_length", "faq/driving", "faq/fasting_food", "faq/common_side_effects", "faq/insurance")


def menu_topics(names: Sequence[str], clinic: Clinic) -> tuple[Topic, ...]:
    """The topics of these names, in this order; of the default ones without names."""
    own = {
        f"faq/clinic_{topic.id}": Topic(f"faq/clinic_{topic.id}", topic.title, topic.questions[0])
        for topic in clinic.topics
    }
    known = {**{topic.id: topic for topic in _topics()}, **own}
    return tuple(known[name] for name in names or DEFAULT if name in known)


def _topics() -> Iterator[Topic]:
    for path in (*sorted((_NLU / "faq").glob("*.yml")), _NLU / "staff.yml"):
        responses: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")).get("responses") or {}
        for variants in responses.values():
            custom = variants[0].get("custom") or {}
            if {"topic", "title", "question"} <= custom.keys():
                yield Topic(custom["topic"], custom["title"], custom["question"])
