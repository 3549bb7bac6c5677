"""A caller in the phone tree alone: nothing is stored, and what the words mean is what the test says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Button
from bot.domain.phone_tree import PhoneTree
from bot.domain.phone_tree.model import (
    Ask,
    Case,
    Effect,
    Event,
    Facts,
    Heard,
    Left,
    Meaning,
    Nothing,
    Pressed,
    Rang,
    Spoke,
    Stage,
    State,
    Step,
    Topic,
)
from tests.harness.cast import CLINIC

MENU = (
    Topic("faq/driving", "Driving afterwards", "When can I drive again?"),
    Topic("faq/nausea", "Nausea and vomiting", "Will I feel sick?"),
)
REFERENCE = "K7QXM"
MOBILE = Facts(can_text=True, number_known=True, ring={tier: ("noor", "lee") for tier in (Tier.EMERGENCY, Tier.URGENT)})
LANDLINE = replace(MOBILE, can_text=False)
WITHHELD = replace(LANDLINE, number_known=False)
EMERGENCY_CASE = Case(REFERENCE, Tier.EMERGENCY)

ANSWER = Heard(Meaning.ANSWER, ("Do not drive for 24 hours.",))
LONG = Heard(Meaning.ANSWER, ("word " * 200,))
CHOICE = Heard(
    Meaning.ANSWER, ("Shall I ask our staff?",), buttons=(Button("Yes", "Yes, please"), Button("No", "No, thank you"))
)
LOST = Heard(Meaning.LOST, ("I am not sure what you mean.",))
QUESTION = Heard(Meaning.QUESTION, ("Is this happening right now? If it is, call 112.",))
REPORT = Heard(Meaning.REPORT, ("Call 112 now.",), case=EMERGENCY_CASE)
NOT_STORED = Heard(Meaning.REPORT, ("Call 112 now. I could not pass this on.",))
PERSON = Heard(Meaning.PERSON, (f"Your request is with our staff as {REFERENCE}.",))
LATE = Heard(Meaning.LATE)


@dataclass
class Caller:
    """One call. `step` is what was said and done last."""

    facts: Facts = MOBILE
    tree: PhoneTree = field(default_factory=lambda: PhoneTree(CLINIC, MENU))
    asked: list[Ask] = field(default_factory=list)
    does: list[Effect] = field(default_factory=list)
    turns: int = 0

    def __post_init__(self) -> None:
        self._takes(self.tree.begin(self.facts))

    # -- what the caller does ------------------------------------------------

    def says(self, text: str, heard: Heard = ANSWER, confidence: float | None = 0.9, number: str | None = None) -> str:
        """Words, and what they mean."""
        return self._does(Spoke(text, confidence, number), heard)

    def presses(self, digits: str, heard: Heard = ANSWER, number: str | None = None) -> str:
        """Keys; `heard` where they stand for words."""
        return self._does(Pressed(digits, number), heard)

    def is_silent(self, times: int = 1) -> str:
        """So many turns."""
        for _ in range(times):
            self._does(Nothing())
        return self.said

    def phone_rang(self, answered: bool) -> str:
        """The desk's, or a person's."""
        return self._does(Rang(answered))

    def leaves(self, seconds: int = 9) -> str:
        """A recorded message."""
        return self._does(Left("RE1", seconds))

    def waits(self, heard: Heard) -> str:
        """The answer was looked for once more."""
        self._takes(self.tree.told(self.state, self.asked[-1], heard, self.facts))
        return self.said

    def _does(self, event: Event, heard: Heard = ANSWER) -> str:
        step = self.tree.after(self.state, event, self.facts)
        if isinstance(step, Ask):
            self.asked.append(step)
            if heard.case is not None:
                self.facts = replace(self.facts, case=heard.case)
            step = self.tree.told(self.state, step, heard, self.facts)
        self._takes(step)
        return self.said

    def _takes(self, step: Step) -> None:
        self.turns += 1
        self.step = replace(step, state=replace(step.state, turn=step.state.turn + 1))
        self.does += step.does
        # What is stored between two webhooks is all that is left of the step.
        self.state = State.from_dict(self.step.state.to_dict())

    # -- what there is to see ---------------------------------------------------

    @property
    def said(self) -> str:
        """All that was said last."""
        return " ".join(line.text for line in self.step.says)

    @property
    def stage(self) -> Stage:
        """Where the call stands."""
        return self.state.stage

    def speaks_spanish(self) -> bool:
        """Whether the call is in Spanish."""
        return self.state.language is Language.SPANISH
