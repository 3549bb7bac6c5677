"""Checks what authors write: topics, texts, sources, held-out questions.

    python -m tools.check_content

Prints every problem with its file and exits with 1, or says how much there is.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.domain.documents import DOCUMENTS
from bot.domain.messages import ReplyKind
from bot.safety.rules import load_rules
from bot.safety.screen import default_screen
from bot.settings import ROOT

MAX_SHORT = 300
MAX_TEXT = 700
MIN_QUESTIONS = 15
MIN_TOPICS = 30
FAQ_KEYS = {"topic", "title", "question", "short", "facts", "sources", "disagreement", "reviewer", "reviewed"}
FIGURE = re.compile(r"\d+")
ABSOLUTE = re.compile(r"\b(completely|totally|perfectly|entirely|100 ?%) safe\b|\brisk[- ]free\b|\bno risks?\b", re.I)

Content = dict[str, Any]


def main() -> int:
    """Check everything below data/ and tests/nlu/."""
    files = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(ROOT.glob("data/nlu/**/*.yml"))}
    problems = [
        f"{path.relative_to(ROOT)}: {problem}" for path, content in files.items() for problem in _file(path, content)
    ]
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    for name, variants in domain["responses"].items():
        problems += [f"domain.yml: {name}: {problem}" for problem in _response(variants)]
    problems += _duplicates(files)
    problems += _held_out(files)
    load_rules()  # raises with every problem of the red flags
    topics = sum(path.parent.name == "faq" for path in files)
    if topics < MIN_TOPICS:
        problems.append(f"only {topics} topics in data/nlu/faq, {MIN_TOPICS} are promised")
    for problem in problems:
        print(problem)
    print(f"content: {topics} topics, {len(_lines(files))} training lines, {len(problems)} problems")
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
    examples = examples_of(content["nlu"][0])
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
    for line in examples_of(entry):
        if re.search(r"[\[\]{}()]", line) or line.startswith("/"):
            yield f"{line!r}: brackets and a leading slash mean something to Rasa"
        if default_screen()(line).is_report:
            yield f"{line!r}: the screen takes this for a severe report"


def _duplicates(files: dict[Path, Content]) -> Iterator[str]:
    seen: dict[str, list[str]] = defaultdict(list)
    for intent, line in _lines(files):
        seen[normal(line)].append(intent)
    for line, intents in seen.items():
        if len(intents) > 1:
            yield f"{line!r} stands in {' and '.join(intents)}"


def _held_out(files: dict[Path, Content]) -> Iterator[str]:
    training = {normal(line) for _, line in _lines(files)}
    held_out = {
        path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in ROOT.glob("tests/nlu/*_questions.yml")
    }
    for intent, line in _lines(held_out):
        if normal(line) in training:
            yield f"tests/nlu: {intent}: {line!r} is a training line too"


def _lines(files: dict[Path, Content]) -> list[tuple[str, str]]:
    return [
        (entry["intent"], line) for content in files.values() for entry in content["nlu"] for line in examples_of(entry)
    ]


def examples_of(entry: Content) -> list[str]:
    """The lines of an NLU entry's `examples` block."""
    return [line.removeprefix("- ").strip() for line in entry["examples"].splitlines() if line.strip()]


def normal(line: str) -> str:
    """A line as compared: case, outer punctuation and spaces do not count."""
    return " ".join(line.lower().strip(" ?!.").split())


if __name__ == "__main__":
    sys.exit(main())
