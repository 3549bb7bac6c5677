"""Every slip of an author is named, and the content of the repository has none."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.documents import DOCUMENTS
from bot.settings import ROOT
from tools import check_content
from tools.check_content import main

DOCUMENT = "What To Know Before Your First Ketamine Infusion Therapy Session"
AFTER = "What to Expect After Your Ketamine Infusion Therapy Session"
QUESTION = "when may Ana go home"
SOURCE = {"document": DOCUMENT, "section": AFTER}
GOOD: dict[str, Any] = {
    "nlu": [
        {
            "intent": "faq/home",
            "examples": "".join(f"- {QUESTION} {day}\n" for day in ("", *map(str, range(1, 15)))),
        }
    ],
    "responses": {
        "utter_faq/home": [
            {
                "text": "Ana may drive after 24 hours.",
                "custom": {
                    "topic": "faq/home",
                    "title": "Going home",
                    "question": QUESTION,
                    "short": "After 24 hours.",
                    "facts": [],
                    "sources": [SOURCE],
                    "disagreement": False,
                    "reviewer": "Ben",
                    "reviewed": "2026-11-22",
                },
            }
        ]
    },
}


def _changed(**changes: Any) -> dict[str, Any]:
    """The good topic with another text, custom parts or examples; None removes a part."""
    content = copy.deepcopy(GOOD)
    response = content["responses"]["utter_faq/home"][0]
    content["nlu"][0]["examples"] = changes.pop("examples", content["nlu"][0]["examples"])
    response["text"] = changes.pop("text", response["text"])
    custom = {**response["custom"], **changes}
    response["custom"] = {name: value for name, value in custom.items() if value is not None}
    return content


def _problems(folder: Path, content: dict[str, Any]) -> list[str]:
    """As found in a file that an author has written."""
    path = folder / "faq" / "home.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return list(check_content._file(path, yaml.safe_load(path.read_text(encoding="utf-8"))))


def test_a_topic_as_it_should_be_has_no_problem(tmp_path: Path) -> None:
    assert _problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": "After 25 hours."}, "25 is claimed, but no section that is named as a source states it"),
        ({"short": "After 25 hours."}, "25 is claimed, but no section that is named as a source states it"),
        ({"sources": [{**SOURCE, "section": "The Takeaway"}]}, "24 is claimed, but no section"),
        ({"sources": []}, "an answer rests on at least one source"),
        ({"sources": [{**SOURCE, "document": "A Poem"}]}, "no such document: A Poem"),
        ({"sources": [SOURCE, {**SOURCE, "section": "Rhymes"}]}, f"{DOCUMENT} has no section 'Rhymes'"),
        ({"sources": None}, "custom must have exactly"),
        ({"reviewer": None}, "custom must have exactly"),
        ({"colour": "blue"}, "custom must have exactly"),
        ({"topic": "faq/house"}, "topic is faq/house, the file says faq/home"),
        ({"question": "when may Cleo go home"}, "question must stand among the examples"),
        ({"text": "After 24 hours.\n\nNot before."}, "a blank line splits the answer into two messages"),
        ({"text": "x" * 701}, "text has 701 characters, at most 700"),
        ({"short": "x" * 301}, "short has 301 characters, at most 300"),
        ({"text": "Call {phone}."}, "text: braces would be filled by Rasa"),
        ({"short": "Call {phone}."}, "short: braces would be filled by Rasa"),
        ({"text": "It is completely safe."}, "text: 'completely safe' is more than any document says"),
        ({"short": "It is risk-free."}, "short: 'risk-free' is more than any document says"),
        ({"examples": f"- {QUESTION}\n"}, "1 questions, at least 15 are needed"),
        ({"kind": "joke"}, "kind 'joke' is not known"),
    ],
)
def test_a_slip_in_a_topic_is_named(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    found = _problems(tmp_path, _changed(**changes))
    assert [line for line in found if problem in line]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("the [bus](vehicle)", "brackets and a leading slash mean something to Rasa"),
        ("is {this} fine", "brackets and a leading slash mean something to Rasa"),
        ("/restart", "brackets and a leading slash mean something to Rasa"),
        ("I can't breathe", "the screen takes this for a severe report"),
    ],
)
def test_a_slip_in_a_question_is_named_with_the_question(tmp_path: Path, line: str, problem: str) -> None:
    examples = f"{GOOD['nlu'][0]['examples']}- {line}\n"
    assert _problems(tmp_path, _changed(examples=examples)) == [f"faq/home: {line!r}: {problem}"]


def test_two_variants_of_an_answer_are_named(tmp_path: Path) -> None:
    content = copy.deepcopy(GOOD)
    content["responses"]["utter_faq/home"] *= 2
    assert _problems(tmp_path, content) == ["utter_faq/home: one variant: Rasa would choose at random among several"]


@pytest.mark.parametrize("part", ["nlu", "responses"])
def test_a_file_with_more_than_its_topic_is_named(tmp_path: Path, part: str) -> None:
    content = copy.deepcopy(GOOD)
    if part == "nlu":
        content["nlu"].append({"intent": "faq/other", "examples": "- how is Cleo\n"})
    else:
        content["responses"]["utter_faq/other"] = [{"text": "Well."}]
    assert _problems(tmp_path, content) == ["the file must hold faq/home and utter_faq/home, and nothing else"]


def test_a_figure_that_a_second_source_states_is_fine(tmp_path: Path) -> None:
    takeaway = {**SOURCE, "section": "The Takeaway"}
    assert _problems(tmp_path, _changed(sources=[takeaway, SOURCE])) == []


# -- lines that stand twice ----------------------------------------------------


def _nlu(intent: str, *lines: str) -> dict[str, Any]:
    return {"nlu": [{"intent": intent, "examples": "".join(f"- {line}\n" for line in lines)}]}


@pytest.mark.parametrize("again", ["may Ana drive", "May Ana drive?", "  may  Ana drive !", "may ana drive."])
def test_a_line_that_stands_in_two_topics_is_named_with_both(again: str) -> None:
    files = {Path("a.yml"): _nlu("faq/a", "may Ana drive"), Path("b.yml"): _nlu("faq/b", again)}
    assert list(check_content._duplicates(files)) == ["'may ana drive' stands in faq/a and faq/b"]


def test_a_line_that_stands_twice_in_one_topic_is_named() -> None:
    files = {Path("a.yml"): _nlu("faq/a", "may Ana drive", "may Ana drive?")}
    assert list(check_content._duplicates(files)) == ["'may ana drive' stands in faq/a and faq/a"]


def test_lines_that_differ_are_fine() -> None:
    assert list(check_content._duplicates({Path("a.yml"): _nlu("faq/a", "may Ana drive", "may Ben drive")})) == []


def test_a_held_out_question_that_was_trained_on_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests" / "nlu").mkdir(parents=True)
    held_out = tmp_path / "tests" / "nlu" / "some_questions.yml"
    held_out.write_text(yaml.safe_dump(_nlu("faq/a", "May Ana drive?", "may Ben drive")), encoding="utf-8")
    monkeypatch.setattr(check_content, "ROOT", tmp_path)
    found = list(check_content._held_out({Path("a.yml"): _nlu("faq/a", "may Ana drive")}))
    assert found == ["tests/nlu: faq/a: 'May Ana drive?' is a training line too"]


# -- what a button shows and sends ----------------------------------------------


def _offered(name: str, title: str = "Price", question: str = "what does it cost", **custom: Any) -> dict[str, Any]:
    """A subject with one line; None takes a part of its custom part away."""
    known = {"kind": "fallback", "topic": name, "title": title, "question": question, "short": "Ask?", **custom}
    kept = {part: value for part, value in known.items() if value is not None}
    return {**_nlu(name, question), "responses": {f"utter_{name}": [{"text": "Shall I ask?", "custom": kept}]}}


@pytest.mark.parametrize("other", ["faq/b", "ask_staff/b"])
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "price "}, "the title 'price' is that of ask_staff/a and {}"),
        ({"question": "What does it cost?"}, "the question 'what does it cost' is that of ask_staff/a and {}"),
    ],
)
def test_buttons_that_look_or_ask_the_same_are_named(other: str, changes: dict[str, Any], problem: str) -> None:
    second = _offered(other, **{"title": "Fees", "question": "which fees are there", **changes})
    contents = {Path("a.yml"): _offered("ask_staff/a"), Path("b.yml"): second}
    assert list(check_content._buttons(contents)) == [problem.format(other)]


def test_buttons_that_differ_are_fine() -> None:
    second = _offered("faq/b", title="Fees", question="which fees are there")
    assert list(check_content._buttons({Path("a.yml"): _offered("ask_staff/a"), Path("b.yml"): second})) == []


def test_what_is_never_a_button_needs_no_title() -> None:
    plain = {"nlu": [], "responses": {f"utter_out_of_scope/{name}": [{"text": "Sorry."}] for name in "ab"}}
    assert list(check_content._buttons({Path("a.yml"): plain})) == []


# -- subjects for the staff ------------------------------------------------------


def test_a_subject_as_it_should_be_has_no_problem() -> None:
    assert list(check_content._staff({Path("a.yml"): _offered("ask_staff/a")})) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        *(({part: None}, "custom must have exactly") for part in ("kind", "topic", "title", "question", "short")),
        ({"colour": "blue"}, "custom must have exactly"),
        ({"topic": "ask_staff/b"}, "topic is ask_staff/b"),
        ({"kind": "answer"}, "kind is answer, an offer to ask the staff is a fallback"),
    ],
)
def test_a_slip_in_a_subject_is_named(changes: dict[str, Any], problem: str) -> None:
    (found,) = check_content._staff({Path("a.yml"): _offered("ask_staff/a", **changes)})
    assert found.startswith(f"ask_staff/a: {problem}")


def test_a_subject_whose_question_is_no_training_line_is_named() -> None:
    content = {**_offered("ask_staff/a"), **_nlu("ask_staff/a", "how much")}
    (found,) = check_content._staff({Path("a.yml"): content})
    assert found.startswith("ask_staff/a: question must stand among the examples")


def test_a_subject_without_custom_part_or_without_response_is_named() -> None:
    bare = {**_nlu("ask_staff/a", "how much"), "responses": {"utter_ask_staff/a": [{"text": "Shall I ask?"}]}}
    gone = _nlu("ask_staff/b", "where is it")
    first, second = check_content._staff({Path("a.yml"): bare, Path("b.yml"): gone})
    assert first.startswith("ask_staff/a: custom must have exactly ")
    assert second == "ask_staff/b: there is no utter_ask_staff/b"


# -- the whole -----------------------------------------------------------------


def test_the_content_of_the_repository_has_no_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert capsys.readouterr().out.endswith(" 0 problems\n")


def test_a_problem_is_told_with_its_file_and_the_check_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "data" / "nlu" / "faq" / "home.yml"
    home.parent.mkdir(parents=True)
    home.write_text(yaml.safe_dump(_changed(text="After 25 hours.")), encoding="utf-8")
    (tmp_path / "domain.yml").write_text("responses:\n  utter_greet: [{text: Hi}, {text: Hello}]\n", encoding="utf-8")
    monkeypatch.setattr(check_content, "ROOT", tmp_path)
    assert main() == 1
    said = capsys.readouterr().out
    assert "data/nlu/faq/home.yml: 25 is claimed" in said
    assert "domain.yml: utter_greet: one variant" in said


def test_every_answer_names_sections_that_exist() -> None:
    named = [
        (source["document"], source["section"])
        for path in (ROOT / "data/nlu/faq").glob("*.yml")
        for variants in yaml.safe_load(path.read_text(encoding="utf-8"))["responses"].values()
        for source in variants[0]["custom"]["sources"]
    ]
    assert [pair for pair in named if pair[1] not in DOCUMENTS.get(pair[0], {})] == []
