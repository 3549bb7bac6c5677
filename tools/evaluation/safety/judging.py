"""What the rules, the learned reader and both together make of a message."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.safety.joined import REPORT_AT, Limits, join
from bot.safety.learned import LearnedReader, Opinion
from bot.safety.screen import default_screen
from bot.safety.verdict import Verdict
from tools.evaluation.safety.messages import Message


@dataclass(frozen=True, slots=True)
class Readers:
    """Both readers, apart, so that each can be looked at alone."""

    rules: Callable[[str, Sequence[str]], Verdict]
    learned: Callable[[str, Sequence[str]], Opinion]

    @classmethod
    def load(cls, model: Path) -> Readers:
        """The screen's own rules with a trained model."""
        return cls(default_screen(), LearnedReader.load(model))

    def joined(self, text: str, turns: Sequence[str] = ()) -> Verdict:
        """What the screen says: both readers joined at the chosen limits."""
        return join(text, self.rules(text, turns), self.learned(text, turns))


@dataclass(frozen=True, slots=True)
class Judged:
    """A message with every reading of it. `milliseconds` is CPU time of the joined screen."""

    message: Message
    found: Verdict
    opinion: Opinion
    verdict: Verdict
    without_turns: Verdict
    milliseconds: float = field(default=0.0, compare=False)

    @property
    def is_report(self) -> bool:
        """What the author of the line says."""
        return self.message.is_report

    @property
    def asked_back(self) -> bool:
        """Not taken for a report, but asked about."""
        return asks_back(self.verdict)

    @property
    def learned_alone(self) -> bool:
        """Whether the learned reader by itself would take it for a report."""
        return self.opinion.chance >= REPORT_AT[self.opinion.tier]

    def at(self, limits: Limits) -> Verdict:
        """What the screen would say at other limits."""
        return join(self.message.text, self.found, self.opinion, limits)


def asks_back(verdict: Verdict) -> bool:
    """Whether the patient is asked "is this happening right now?"."""
    return verdict.doubt is not None and verdict.doubt.ask_back


def judge(readers: Readers, messages: Iterable[Message]) -> list[Judged]:
    """Every message read with the turns before it, and without."""
    # What is loaded on first use is no message's own time; `cost` measures that.
    readers.joined("")
    return [_judge(readers, message) for message in messages]


def _judge(readers: Readers, message: Message) -> Judged:
    # CPU time: on a busy machine the clock on the wall measures the others.
    began = time.process_time()
    found = readers.rules(message.text, message.turns)
    opinion = readers.learned(message.text, message.turns)
    verdict = join(message.text, found, opinion)
    milliseconds = (time.process_time() - began) * 1e3
    without = readers.joined(message.text) if message.turns else verdict
    return Judged(message, found, opinion, verdict, without, milliseconds)
