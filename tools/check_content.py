"""Checks what authors write: topics, texts, sources, held-out questions.

    python -m tools.check_content

Prints every problem with its file and exits with 1, or says how much there is.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bot.domain.documents import DOCUMENTS
from bot.domain.messages import ReplyKind
from bot.safety.rules import load_rules
from bot.safety.screen import default_screen
from bot.settings import ROOT
from bot.training_lines import files, labelled, lines_of, normal, read

MAX_SHORT = 300
MAX_TEXT = 700
MIN_QUESTIONS = 15
MIN_TOPICS = 30
FAQ_KEYS = {"topic", "title", "question", "short", "facts", "sources", "disagreement", "reviewer", "reviewed"}
STAFF_KEYS = {"kind", "topic", "title", "question", "short"}
FIGURE = re.compile(r"\d+")
ABSOLUTE = re.compile(r"\b(completely|totally|perfectly|entirely|100 ?%) safe\b|\brisk[- ]free\b|\bno risks?\b", re.I)

Content = dict[str, Any]
Contents = dict[Path, Content]


def main() -> int:
    """Check everything below data/ and tests/nlu/."""
    contents: Contents = {path: read(path) for path in files(ROOT / "data/nlu")}
    problems = [
        f"{path.relative_to(ROOT)}: {problem}" for path, content in contents.items() for problem in _file(path, content)
    ]
    for name, variants in read(ROOT / "domain.yml")["responses"].items():
        problems += [f"domain.yml: {name}: {problem}" for problem in _response(variants)]
    problems += [*_duplicates(contents), *_buttons(contents), *_staff(contents), *_held_out(contents)]
    load_rules()  # raises with every problem of the red flags
    topics = sum(path.parent.name == "faq" for path in contents)
    if topics < MIN_TOPICS:
        problems.append(f"only {topics} topics in data/nlu/faq, {MIN_TOPICS} are promised")
    for problem in problems:
        print(problem)
    print(f"content: {topics} topics, {len(_lines(contents))} training lines, {len(problems)} problems")
    return 1 if problems else 0


def _file(path: Path, content: Content) -> Iterator[str]:
    for name, variants in (content.get("responses") or {}).items():
        yield from (f"{name}: {problem}" for problem in _response(variants))
    for entry in content["nlu"]:
        yield from (f"{entry['intent']}: {problem}" for problem in _examples(entry))
    if path.parent.name == "faq":
        yield from _topic(path, content)


def _topic(path: Path, content: Content) -> Iterator[str]:
    intent = f"faq/{path.stem}"
    if [entry["intent"] for entry in content["nlu"]] != [intent] or list(content["responses"]) != [f"utter_{intent}"]:
        yield f"the file must hold {intent} and utter_{intent}, and nothing else"
        return
    examples = lines_of(content["nlu"][0])
    if len(examples) < MIN_QUESTIONS:
        yield f"{len(examples)} questions, at least {MIN_QUESTIONS} are needed"
    custom = content["responses"][f"utter_{intent}"][0]["custom"]
    if set(custom) != FAQ_KEYS:
        yield f"custom must have exactly {', '.join(sorted(FAQ_KEYS))}"
        return
    if custom["topic"] != intent:
        yield f"topic is {custom['topic']}, the file says {intent}"
    if custom["question"] not in examples:
        yield "question must stand among the examples: pressing the button sends it"
    yield from _sources(custom["sources"])
    text = content["responses"][f"utter_{intent}"][0]["text"]
    known = {f for s in custom["sources"] for f in DOCUMENTS.get(s["document"], {}).get(s["section"], ())}
    for figure in sorted(set(FIGURE.findall(f"{text} {custom['short']}")) - known):
        yield f"{figure} is claimed, but no section that is named as a source states it"


def _sources(sources: list[dict[str, str]]) -> Iterator[str]:
    if not sources:
        yield "an answer rests on at least one source"
    for source in sources:
        if source["document"] not in DOCUMENTS:
            yield f"no such document: {source['document']}"
        elif source["section"] not in DOCUMENTS[source["document"]]:
            yield f"{source['document']} has no section {source['section']!r}"


def _response(variants: list[Content]) -> Iterator[str]:
    if len(variants) != 1:
        yield "one variant: Rasa would choose at random among several"
    text: str = variants[0]["text"]
    custom: Content = variants[0].get("custom") or {}
    short: str = custom.get("short", text)
    if custom.get("kind", "answer") not in list(ReplyKind):
        yield f"kind {custom['kind']!r} is not known"
    if "\n\n" in text:
        yield "a blank line splits the answer into two messages"
    yield from _form("text", text, MAX_TEXT)
    yield from _form("short", short, MAX_SHORT)


def _form(name: str, form: str, limit: int) -> Iterator[str]:
    if len(form) > limit:
        yield f"{name} has {len(form)} characters, at most {limit}"
    if re.search(r"[{}]", form):
        yield f"{name}: braces would be filled by Rasa"
    if found := ABSOLUTE.search(form):
        yield f"{name}: {found[0]!r} is more than any document says"


def _examples(entry: Content) -> Iterator[str]:
    for line in lines_of(entry):
        if re.search(r"[\[\]{}()]", line) or line.startswith("/"):
            yield f"{line!r}: brackets and a leading slash mean something to Rasa"
        if default_screen()(line).is_report:
            yield f"{line!r}: the screen takes this for a severe report"


def _duplicates(contents: Contents) -> Iterator[str]:
    for line, labels in _repeated((normal(line), label) for label, line in _lines(contents)):
        yield f"{line!r} stands in {' and '.join(labels)}"


def _buttons(contents: Contents) -> Iterator[str]:
    """A choice of two buttons that look or ask the same is none."""
    offered = [(name, custom) for name, custom in _customs(contents) if name.startswith(("faq/", "ask_staff/"))]
    for part in ("title", "question"):
        for said, names in _repeated((normal(custom[part]), name) for name, custom in offered if part in custom):
            yield f"the {part} {said!r} is that of {' and '.join(names)}"


def _staff(contents: Contents) -> Iterator[str]:
    """Every subject for the staff can be offered, and be pressed as a button."""
    lines: dict[str, list[str]] = defaultdict(list)
    for label, line in _lines(contents):
        lines[label].append(line)
    customs = dict(_customs(contents))
    subjects = {name for name in (*lines, *customs) if name.startswith("ask_staff/")}
    for name in sorted(subjects):
        yield from (f"{name}: {problem}" for problem in _subject(name, customs.get(name), lines[name]))


def _subject(name: str, custom: Content | None, lines: list[str]) -> Iterator[str]:
    if custom is None:
        yield f"there is no utter_{name}"
    elif set(custom) != STAFF_KEYS:
        yield f"custom must have exactly {', '.join(sorted(STAFF_KEYS))}"
    else:
        if custom["topic"] != name:
            yield f"topic is {custom['topic']}"
        if custom["kind"] != ReplyKind.FALLBACK:
            yield f"kind is {custom['kind']}, an offer to ask the staff is a {ReplyKind.FALLBACK}"
        if custom["question"] not in lines:
            yield "question must stand among the examples: pressing the button sends it"


def _repeated(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """What is said more than once, with who says it."""
    seen: dict[str, list[str]] = defaultdict(list)
    for said, name in pairs:
        seen[said].append(name)
    yield from ((said, names) for said, names in seen.items() if len(names) > 1)


def _held_out(contents: Contents) -> Iterator[str]:
    training = {normal(line) for _, line in _lines(contents)}
    for label, line in labelled(ROOT.glob("tests/nlu/*_questions.yml")):
        if normal(line) in training:
            yield f"tests/nlu: {label}: {line!r} is a training line too"


def _lines(contents: Contents) -> list[tuple[str, str]]:
    return [
        (entry["intent"], line) for content in contents.values() for entry in content["nlu"] for line in lines_of(entry)
    ]


def _customs(contents: Contents) -> Iterator[tuple[str, Content]]:
    for content in contents.values():
        for name, variants in (content.get("responses") or {}).items():
            yield name.removeprefix("utter_"), variants[0].get("custom") or {}


if __name__ == "__main__":
    sys.exit(main())
