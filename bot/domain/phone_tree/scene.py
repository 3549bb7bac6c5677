"""A moment of a call: what is known, and how a next step is put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.clinic import Clinic
from bot.domain.language import Language
from bot.domain.phone_tree.model import (
    CallBack,
    Command,
    Effect,
    Facts,
    HangUp,
    Line,
    Listen,
    Stage,
    State,
    Step,
    Then,
    Topic,
)
from bot.domain.texts.phone import PhoneTexts
from bot.domain.texts.phone_english import ENGLISH
from bot.domain.texts.phone_spanish import SPANISH

# The same everywhere, unless a stage gives a key another meaning.
EVERYWHERE: Mapping[str, Command] = {
    "0": Command.PERSON,
    "9": Command.LANGUAGE,
    "*": Command.REPEAT,
    "#": Command.MENU,
}
SAY = "say:"
# After so many turns in a row that brought nothing, the next way is taken without being asked for.
MOST_MISSES = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """The caller's place in the tree, with what is true just now."""

    clinic: Clinic
    menu: tuple[Topic, ...]
    state: State
    facts: Facts

    def changed(self, **changes: Any) -> Scene:
        """The same moment, with the state changed."""
        return replace(self, state=replace(self.state, **changes))

    @property
    def texts(self) -> PhoneTexts:
        """In the call's language."""
        return texts_in(self.state.language)

    def line(self, text: str, **values: str) -> Line:
        """A text with the clinic's numbers in it; what is not known yet is left to be filled in."""
        return Line(clinic_text(self.clinic, filled(text, values)))

    def lines(self, *texts: str, **values: str) -> tuple[Line, ...]:
        """Several of them."""
        return tuple(self.line(text, **values) for text in texts)

    def step(self, says: Iterable[Line], then: Then, stage: Stage, *does: Effect, **changes: Any) -> Step:
        """Say, store and go on in a stage."""
        return Step(replace(self.state, stage=stage, **changes), tuple(says), then, does)

    def listen(
        self,
        says: Iterable[Line],
        stage: Stage,
        keys: Mapping[str, str],
        *does: Effect,
        listen: Listen | None = None,
        **changes: Any,
    ) -> Step:
        """Say, and gather speech and keys. What was said can be said again."""
        said = tuple(says)
        again = tuple(line.text for line in said if line.language is None)
        return self.step(said, listen or Listen(), stage, *does, keys=dict(keys), **{"said": again, **changes})

    def more(self, says: Iterable[Line], *does: Effect, **changes: Any) -> Step:
        """Whether there is anything else. Whoever is called back can leave a message for that."""
        keys: dict[str, str] = {}
        lines = [*says]
        if not self.facts.desk_open and any(isinstance(effect, CallBack) and not effect.recording for effect in does):
            keys["3"] = str(Command.MESSAGE)
            lines.append(self.line(self.texts.offer_message))
        lines.append(self.line(self.texts.anything_else))
        return self.listen(lines, Stage.TALK, keys, *does, misses=0, **changes)

    def goodbye(self, *says: Line) -> Step:
        """The end, with the emergency number once more."""
        return self.step((*says, self.line(self.texts.goodbye)), HangUp(), Stage.OVER)

    def means(self, digits: str) -> str | None:
        """What keys mean here: a command, or words that are sent."""
        return self.state.keys.get(digits) or EVERYWHERE.get(digits)


def texts_in(language: Language) -> PhoneTexts:
    """What is spoken in a language."""
    return SPANISH if language is Language.SPANISH else ENGLISH


def clinic_text(clinic: Clinic, text: str) -> str:
    """A text with one clinic's name and numbers."""
    known = {
        "clinic": clinic.name,
        "emergency": clinic.emergency_number,
        "crisis": clinic.crisis_number,
        "phone": clinic.phone,
    }
    return filled(text, known)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with those placeholders filled; braces that are none of them stay: an answer may hold any."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
