"""Reads a message as a turn of a talk: typed choices, follow-ups, two questions at once.

Pure functions over `predict`, which gives each label's probability for a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.training_lines import FOLLOWS

Chances = Mapping[str, float]
Predict = Callable[[str], Chances]

_LEANS = re.compile(
    r"^\s*(and|but|or|so|then|also|what about|how about|why|how come|what if|in that case|even|still)\b"
    r"|\b(it|that|this|they|them|those|these|then|there|he|she|one|ones|too|either|else|instead|same)\b",
    re.IGNORECASE,
)
_FUNCTION_WORDS = frozenset(
    (
        "is are was were be been it that this they them those these there then he she one ones too either else instead "
        "same do does did will would can could should may might i you we my your me us the a an and but or so also what "
        "how why come about if not no in on of to for with at from up out just really even still normal ok okay"
    ).split()
)
# What is said in so few words leaves something out more often than not.
_FEW_WORDS = 5
_SURE = 0.5
# Below this a chance is as good as none: one reading alone must not rule a label out.
_LEAST = 1e-6
_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("1 one first 1st a", "2 two second 2nd b", "3 three third 3rd c", "4 four fourth 4th d"), start=1
    )
    for word in words.split()
}
_CHOICE = re.compile(
    r"^\s*(?:#|no\.\s?|(?:the\s+)?(?:number|option|choice|answer)\s+|the\s+(?!one\b))?"
    r"(\w+?)(?:\s+(?:one|option))?(?:\s+(?:please|pls))?\s*[.)!]?\s*$",
    re.IGNORECASE,
)
_JOINTS = re.compile(
    r"(?<=[?!.])\s+"
    r"|\s*[,;]?\s+(?:and|also|plus|n|&)\s+(?:also\s+|then\s+)?"
    r"|\s*[,;]\s+",
    re.IGNORECASE,
)
_TOPICS = ("faq/", "ask_staff/")


@dataclass(frozen=True, slots=True)
class Talk:
    """What came before: the patient's last question, and what a number would choose."""

    question: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How sure each step must be; chosen on training lines, see docs/evaluation.md."""

    follow_up_weight: float = 0.35
    bare_weight: float = 0.8
    part: float = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """The chances of each label, and the topics in order where several were asked about."""

    chances: Chances
    several: tuple[str, ...] = ()


def read(predict: Predict, text: str, talk: Talk, limits: Limits) -> Reading:
    """What a message is about."""
    chosen = choice(text, talk.choices)
    if chosen is not None:
        return Reading(predict(chosen))
    alone = predict(text)
    several = tuple(two_questions(predict, text, alone, limits))
    label, sure = top(alone)
    about_the_talk = sure >= _SURE and not label.startswith(_TOPICS)  # "shorter please", "thanks"
    if several or about_the_talk or not talk.question or not leans(text):
        return Reading(alone, several)
    together = predict(f"{talk.question}{FOLLOWS}{text}")
    weight = limits.bare_weight if is_bare(text) else limits.follow_up_weight
    return Reading(mixed(alone, together, weight))


def mixed(alone: Chances, together: Chances, weight: float) -> Chances:
    """Two readings of one message, `together` with that weight of 1.

    Their weighted geometric mean: what both find possible wins over what one of
    them is sure of. docs/decisions/0005 has the figures.
    """
    products = {
        label: max(alone[label], _LEAST) ** (1 - weight) * max(together[label], _LEAST) ** weight for label in alone
    }
    whole = sum(products.values())
    return {label: product / whole for label, product in products.items()}


def choice(text: str, choices: Sequence[str]) -> str | None:
    """The text of the button that a typed number or ordinal means."""
    found = _CHOICE.match(text)
    number = _NUMBERS.get(found[1].lower()) if found and choices else None
    return choices[number - 1] if number is not None and number <= len(choices) else None


def leans(text: str) -> bool:
    """Whether a message may need the one before it to be understood."""
    return len(text.split()) <= _FEW_WORDS or bool(_LEANS.search(text))


def is_bare(text: str) -> bool:
    """Whether a message names nothing itself ("is that normal?"): then the talk decides."""
    return set(re.findall(r"[a-z']+", text.lower())) <= _FUNCTION_WORDS


def two_questions(predict: Predict, text: str, alone: Chances, limits: Limits) -> Iterator[str]:
    """The topics of both halves, where a message holds two questions about different things."""
    best: tuple[float, str, str] | None = None
    for left, right in _halves(text):
        (first, sure_first), (second, sure_second) = top(predict(left)), top(predict(right))
        if first != second and first.startswith(_TOPICS) and second.startswith(_TOPICS):
            sure = min(sure_first, sure_second)
            if sure >= limits.part and (best is None or sure > best[0]):
                best = (sure, first, second)
    if best is not None:
        yield from best[1:]


def _halves(text: str) -> Iterator[tuple[str, str]]:
    for joint in _JOINTS.finditer(text):
        left, right = text[: joint.start()].strip(), text[joint.end() :].strip()
        if left.endswith((".", "!")):
            continue  # a statement, and then the question that it is about
        if len(left.split()) >= 2 and len(right.split()) >= 2:
            yield left, right


def top(chances: Chances) -> tuple[str, float]:
    """The likeliest label with its probability."""
    label = max(chances, key=lambda name: chances[name])
    return label, chances[label]


def rank_intents(chances: Chances, pooled: Collection[str]) -> list[tuple[str, float]]:
    """Intents with their confidence, likeliest first.

    A retrieval intent is as sure as its likeliest topic, or, if it is pooled,
    as all of its topics together: they all lead to the same next step.
    """
    intents: dict[str, float] = {}
    for label, chance in chances.items():
        intent = label.split("/")[0]
        known = intents.get(intent, 0.0)
        intents[intent] = known + chance if intent in pooled else max(known, chance)
    return sorted(((name, min(chance, 1.0)) for name, chance in intents.items()), key=lambda item: -item[1])
