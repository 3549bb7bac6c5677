"""Every fact of the documents is answered, and disagreements are said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT

FACTS = yaml.safe_load((Path(__file__).parent / "facts.yml").read_text(encoding="utf-8"))
ANSWERS: dict[str, Any] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["responses"][f"utter_faq/{path.stem}"][0]
    for path in sorted((ROOT / "data/nlu/faq").glob("*.yml"))
}


def _topics_with(fact: str) -> list[str]:
    return [topic for topic, answer in ANSWERS.items() if fact in answer["custom"]["facts"]]


@pytest.mark.parametrize("fact", FACTS["facts"])
def test_a_fact_is_answered_by_a_topic(fact: str) -> None:
    assert _topics_with(fact)


@pytest.mark.parametrize("topic", ANSWERS)
def test_a_topic_names_only_facts_that_exist(topic: str) -> None:
    assert set(ANSWERS[topic]["custom"]["facts"]) <= set(FACTS["facts"])


@pytest.mark.parametrize("fact", FACTS["differ"])
def test_a_disagreement_is_said_by_some_answer(fact: str) -> None:
    said = [topic for topic in _topics_with(fact) if ANSWERS[topic]["custom"]["disagreement"]]
    assert said
