"""When a model is trained, and which are kept."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from bot.domain.clinic import OWN_SECTION, Clinic, OwnAnswer, OwnTopic
from bot.supervise import training
from bot.supervise.training import TrainingFailed, fingerprint, model_path, own_topics, train
from tests.harness.cast import CLINIC

FILES = {
    "config.yml": "pipeline: []",
    "domain.yml": "intents: []",
    "requirements.lock": "rasa==3",
    "bot/embedding.py": "SIZE = 384",
    "bot/linear_model.py": "VIEWS = 2",
    "bot/nlu/classifier.py": "C = 1",
    "data/nlu/base.yml": "nlu: []",
    "data/nlu/faq/driving.yml": "nlu: [driving]",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the inputs of a training."""
    for name, content in FILES.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "root"


def test_the_same_inputs_have_the_same_fingerprint(root: Path) -> None:
    assert fingerprint(CLINIC, root) == fingerprint(CLINIC, root)
    assert len(fingerprint(CLINIC, root)) == 12


@pytest.mark.parametrize("name", FILES)
def test_a_changed_input_changes_the_fingerprint(root: Path, name: str) -> None:
    before = fingerprint(CLINIC, root)
    (root / name).write_text("changed", encoding="utf-8")
    assert fingerprint(CLINIC, root) != before


def test_a_new_a_renamed_and_a_removed_topic_change_the_fingerprint(root: Path) -> None:
    seen = {fingerprint(CLINIC, root)}
    topic = root / "data/nlu/faq/food.yml"
    topic.write_text("nlu: [food]", encoding="utf-8")
    seen.add(fingerprint(CLINIC, root))
    topic = topic.rename(topic.with_name("meals.yml"))
    seen.add(fingerprint(CLINIC, root))
    (root / "data/nlu/faq/driving.yml").unlink()
    assert len({*seen, fingerprint(CLINIC, root)}) == 4


@pytest.mark.parametrize("name", ["README.md", "bot/app.py", "data/nlu/.base.yml.swp", "clinic.yml"])
def test_what_is_no_input_of_the_training_does_not_matter(root: Path, name: str) -> None:
    before = fingerprint(CLINIC, root)
    (root / name).write_text("anything", encoding="utf-8")
    assert fingerprint(CLINIC, root) == before


# -- topics that the clinic adds -----------------------------------------------

GIFTS = OwnTopic("gift_cards", "Gift cards", ("do you sell gift cards", "a card for Ana"), OwnAnswer("We sell none."))
PETS = OwnTopic("pets", "Pets: allowed?", ("may Ben's dog come", "# cats"), OwnAnswer("No — sorry.", "No pets."))


def _with(*topics: OwnTopic) -> Clinic:
    return replace(CLINIC, topics=topics)


@pytest.mark.parametrize(
    "changed",
    [
        _with(),
        _with(PETS),
        _with(GIFTS, PETS),
        _with(replace(GIFTS, id="vouchers")),
        _with(replace(GIFTS, title="Cards")),
        _with(replace(GIFTS, questions=(*GIFTS.questions, "vouchers"))),
        _with(replace(GIFTS, answer=OwnAnswer("We sell some."))),
        _with(replace(GIFTS, answer=OwnAnswer("We sell none.", "None."))),
    ],
    ids=["none", "another", "one more", "id", "title", "questions", "text", "short"],
)
def test_whatever_changes_in_the_own_topics_changes_the_fingerprint(root: Path, changed: Clinic) -> None:
    assert fingerprint(changed, root) != fingerprint(_with(GIFTS), root)


@pytest.mark.parametrize(
    "changed",
    [
        replace(_with(GIFTS), phone="+1 555-010-0111"),
        replace(_with(GIFTS), answers={"ask_staff/hours": OwnAnswer("Open 8 to 17.")}),
    ],
    ids=["phone", "answers"],
)
def test_what_the_clinic_says_without_a_training_does_not_matter(root: Path, changed: Clinic) -> None:
    assert fingerprint(changed, root) == fingerprint(_with(GIFTS), root)


def test_a_model_is_named_after_its_fingerprint(tmp_path: Path) -> None:
    paths = {model_path(tmp_path, clinic) for clinic in (_with(), _with(GIFTS))}
    assert paths == {tmp_path / f"assistant-{fingerprint(clinic)}.tar.gz" for clinic in (_with(), _with(GIFTS))}
    assert len(paths) == 2


def _rendered(*topics: OwnTopic) -> dict[str, Any]:
    return dict(yaml.safe_load(own_topics(_with(*topics))))


def test_a_clinic_without_own_topics_adds_nothing() -> None:
    assert _rendered() == {"version": "3.1"}


def test_each_own_topic_has_its_questions_as_examples() -> None:
    assert _rendered(GIFTS, PETS)["nlu"] == [
        {"intent": "faq/clinic_gift_cards", "examples": "- do you sell gift cards\n- a card for Ana\n"},
        {"intent": "faq/clinic_pets", "examples": "- may Ben's dog come\n- # cats\n"},
    ]


def test_each_own_topic_has_an_answer_that_says_whose_it_is() -> None:
    ((pets,),) = (_rendered(PETS)["responses"]["utter_faq/clinic_pets"],)
    assert pets["text"] == "[clinic name] says: No — sorry."
    assert pets["custom"]["short"] == "[clinic name]: No pets."
    assert pets["custom"]["sources"] == [{"document": "[clinic name]", "section": OWN_SECTION}]


def test_an_own_topic_can_be_offered_as_a_button() -> None:
    custom = _rendered(GIFTS)["responses"]["utter_faq/clinic_gift_cards"][0]["custom"]
    assert (custom["topic"], custom["title"]) == ("faq/clinic_gift_cards", "Gift cards")
    assert custom["question"] == "do you sell gift cards"


def test_without_a_short_form_the_text_is_the_short_form() -> None:
    custom = _rendered(GIFTS)["responses"]["utter_faq/clinic_gift_cards"][0]["custom"]
    assert custom["short"] == "[clinic name]: We sell none."


@pytest.mark.filterwarnings("ignore")  # of what Rasa imports; nothing of ours warns
def test_rasa_reads_own_topics_as_training_data() -> None:
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader  # takes seconds

    data = RasaYAMLReader().reads(own_topics(_with(GIFTS, PETS)))
    read = [(example.get("text"), example.get_full_intent()) for example in data.intent_examples]
    assert read == [(text, f"faq/clinic_{topic.id}") for topic in (GIFTS, PETS) for text in topic.questions]
    assert list(data.responses) == ["utter_faq/clinic_gift_cards", "utter_faq/clinic_pets"]


# -- the training itself, with a program that stands in for Rasa ----------------


def _trainer(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """`rasa train` does what the shell script says; returns the folder of models."""
    program = folder / "rasa"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(training, "sys", SimpleNamespace(executable=str(program)))
    monkeypatch.setattr(training, "fingerprint", lambda clinic: "0123456789ab")
    models = folder / "models"
    models.mkdir()
    return models


async def test_the_model_that_was_made_is_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "models" / "assistant-0123456789ab.tar.gz"
    models = _trainer(tmp_path, monkeypatch, f"touch {target}")
    assert await train(models, CLINIC) == target


async def test_own_topics_are_there_for_rasa_to_read_while_it_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "models" / "assistant-0123456789ab.tar.gz"
    models = _trainer(
        tmp_path, monkeypatch, f'for own in "$@"; do case $own in *own_topics.yml) cp "$own" {target};; esac; done'
    )
    assert (await train(models, _with(GIFTS))).read_text(encoding="utf-8") == own_topics(_with(GIFTS))


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("exit 0", 0)], ids=["fails", "makes-nothing"])
async def test_a_training_that_makes_no_model_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: int
) -> None:
    models = _trainer(tmp_path, monkeypatch, script)
    with pytest.raises(TrainingFailed, match=rf"training failed \(exit status {code}\)"):
        await train(models, CLINIC)


async def test_of_old_models_the_latest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = _trainer(tmp_path, monkeypatch, f"touch {tmp_path}/models/assistant-0123456789ab.tar.gz")
    for age in range(1, 6):
        old = models / f"assistant-old{age}.tar.gz"
        old.touch()
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    (models / "by-hand.tar.gz").touch()
    await train(models, CLINIC)
    kept = {path.name.removesuffix(".tar.gz") for path in models.iterdir()}
    assert kept == {"assistant-0123456789ab", "assistant-old1", "assistant-old2", "by-hand"}
