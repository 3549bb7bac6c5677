"""When a model is trained, and which are kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from bot.domain.clinic import OWN_SECTION, Clinic, OwnAnswer, OwnTopic
from bot.domain.escalation import Tier
from bot.safety.verdict import Evidence, Verdict
from bot.settings import Settings
from bot.supervise import training
from bot.supervise.training import (
    TrainingFailed,
    fingerprint,
    model_path,
    own_topics,
    screen_model_path,
    train,
    train_screen,
)
from bot.training_lines import files, labelled
from tests.harness.cast import CLINIC
from tests.harness.settings import make_settings

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


MODEL = "assistant-0123456789ab.tar.gz"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An operator's settings, with a folder for models."""
    settings = make_settings(tmp_path)
    settings.models_dir.mkdir()
    return settings


def _trainer(settings: Settings, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """`rasa train` does what the shell script says."""
    program = settings.models_dir.parent / "rasa"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(training, "sys", SimpleNamespace(executable=str(program)))
    monkeypatch.setattr(training, "fingerprint", lambda clinic: "0123456789ab")


def _log(settings: Settings, name: str = "assistant") -> str:
    return (settings.data_dir / "logs" / f"training-{name}.log").read_text(encoding="utf-8")


async def test_the_model_that_was_made_is_returned(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    target = settings.models_dir / MODEL
    _trainer(settings, monkeypatch, f"touch {target}")
    assert await train(settings) == target


async def test_own_topics_are_there_for_rasa_to_read_while_it_trains(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = settings.models_dir / MODEL
    _trainer(
        settings, monkeypatch, f'for own in "$@"; do case $own in *own_topics.yml) cp "$own" {target};; esac; done'
    )
    made = await train(replace(settings, clinic=_with(GIFTS)))
    assert made.read_text(encoding="utf-8") == own_topics(_with(GIFTS))


@pytest.mark.parametrize(("end", "code"), [("exit 3", 3), ("exit 0", 0)], ids=["fails", "makes-nothing"])
async def test_a_training_that_makes_no_model_says_so_with_the_last_lines_and_the_log(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, end: str, code: int
) -> None:
    _trainer(settings, monkeypatch, f"for n in $(seq 30); do echo line $n; done; echo no room >&2; {end}")
    with pytest.raises(TrainingFailed, match=rf"training the assistant failed \(exit status {code}\)") as caught:
        await train(settings)
    assert str(settings.data_dir / "logs" / "training-assistant.log") in str(caught.value)
    assert str(caught.value).endswith("\n  line 29\n  line 30\n  no room")
    assert "line 2\n" not in str(caught.value)
    assert _log(settings).startswith("line 1\nline 2\n")


async def test_a_screen_that_is_not_made_says_so_too(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _trainer(settings, monkeypatch, "echo no room; exit 1")
    with pytest.raises(TrainingFailed, match=r"training the screen failed \(exit status 1\)"):
        await train_screen(settings)
    assert _log(settings, "screen") == "no room\n"


RASA = r"""
echo 'INFO rasa.cli.train - Started validating domain and training data...'
printf '\033[93mUserWarning: deprecated\033[0m\n'
printf 'epochs: 1\repochs: 2\n'
echo "INFO rasa.engine.training.hooks  - Starting to train component 'RulePolicy'."
echo 'INFO bot.nlu.featurizer - sentences_embedded done=2000 of=6900'
echo "INFO rasa.engine.training.hooks  - Starting to train component 'TopicClassifier'."
"""


async def test_of_a_training_its_stages_are_said_a_line_each(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _trainer(settings, monkeypatch, f"{RASA}\ntouch {settings.models_dir / MODEL}")
    await train(replace(settings, clinic=_with(GIFTS)))
    said = capsys.readouterr().out.splitlines()
    questions = f"{len(training_questions()) + len(GIFTS.questions):,} questions"
    assert said[:-1] == [
        "assistant: training the model (two to three minutes) …",
        f"assistant: checking {questions}, rules and stories …",
        "assistant: learning the rules of a talk …",
        "assistant: reading the questions: 2000 of 6900 …",
        f"assistant: learning to recognise topics, {questions} …",
    ]
    assert said[-1].startswith(f"assistant: {MODEL} is ready after ")


async def test_all_that_rasa_prints_is_in_the_log_without_colours(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _trainer(settings, monkeypatch, f"{RASA}\ntouch {settings.models_dir / MODEL}")
    for _ in range(2):  # the log is that of the last training alone
        await train(settings)
    lines = _log(settings).splitlines()
    assert len(lines) == 6
    assert lines[1:3] == ["UserWarning: deprecated", "epochs: 2"]


@pytest.mark.parametrize(
    ("verbose", "level", "shown"), [(True, "INFO", True), (False, "DEBUG", True), (False, "INFO", False)]
)
async def test_all_of_it_is_shown_to_who_asks(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    verbose: bool, level: str, shown: bool,
) -> None:  # fmt: skip
    _trainer(settings, monkeypatch, f"{RASA}\ntouch {settings.models_dir / MODEL}")
    await train(replace(settings, log_level=level), verbose)
    assert ("UserWarning: deprecated" in capsys.readouterr().out) is shown


@pytest.mark.parametrize(("level", "heard"), [("ERROR", "INFO"), ("INFO", "INFO"), ("DEBUG", "DEBUG")])
async def test_rasa_tells_its_stages_whatever_the_log_level(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, level: str, heard: str
) -> None:
    _trainer(settings, monkeypatch, f"echo $LOG_LEVEL; touch {settings.models_dir / MODEL}")
    await train(replace(settings, log_level=level))
    assert _log(settings) == f"{heard}\n"


def _reports_only(report: str) -> Callable[[str], Verdict]:
    evidence = Evidence("learned", "cardiac", Tier.EMERGENCY, report, 0, len(report), 0.9)
    return lambda text, earlier=(): Verdict((evidence,) if text == report else ())


async def test_own_questions_that_the_learned_reader_reports_are_told_before_the_training(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = "my heart is fluttering like a bird"
    screen_model_path(settings).mkdir()
    monkeypatch.setattr("bot.supervise.training.JoinedScreen", lambda *_: _reports_only(report))
    _trainer(settings, monkeypatch, f"touch {settings.models_dir / MODEL}")
    asked = replace(GIFTS, questions=(*GIFTS.questions, report))
    await train(replace(settings, clinic=_with(asked)))
    assert capsys.readouterr().out.splitlines()[0] == (
        f"assistant: clinic.yml: topics: gift_cards: {report!r} would be taken for a severe report; "
        "reword it or leave it out"
    )


async def test_of_old_models_the_latest_are_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _trainer(settings, monkeypatch, f"touch {settings.models_dir / MODEL}")
    for age in range(1, 6):
        old = settings.models_dir / f"assistant-old{age}.tar.gz"
        old.touch()
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    (settings.models_dir / "by-hand.tar.gz").touch()
    await train(settings)
    kept = {path.name.removesuffix(".tar.gz") for path in settings.models_dir.iterdir()}
    assert kept == {"assistant-0123456789ab", "assistant-old1", "assistant-old2", "by-hand"}


def training_questions() -> list[str]:
    """Every training line of the repository."""
    return [line for _, line in labelled(files())]
