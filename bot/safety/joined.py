"""The two readers joined: clinical rules and the learned reader. See docs/decisions/0006."""

from __future__ import annotations

import functools
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.domain.escalation import Tier
from bot.safety.learned import LearnedReader, Opinion
from bot.safety.screen import Screen, default_screen
from bot.safety.verdict import Doubt, Evidence, Verdict

log = logging.getLogger(__name__)

Learned = Callable[[str, Sequence[str]], Opinion]

# Where the learned reader is, for processes that are started by `make run`.
MODEL_VARIABLE = "SCREEN_MODEL"
# Chosen on the held-out set, see docs/decisions/0006: an emergency is believed sooner.
REPORT_AT: Mapping[Tier, float] = {Tier.EMERGENCY: 0.35, Tier.URGENT: 0.45, Tier.SAME_DAY: 0.45}
# What a rule found needs less; below this the learned reader has read what the rule cannot.
RULE_STANDS_AT = 0.2
_SENTENCE = re.compile(r"[^.?!\n]+[.?!]*")
# Not a report, but worth the question "is this happening right now?".
ASK_BACK_AT = 0.2
ASK_BACK_WITH_RULE_AT = 0.1
# Worth the staff's review.
BORDERLINE_AT = 0.1


class JoinedScreen:
    """Both readers. Without a trained model the rules read alone, and say so once."""

    def __init__(self, rules: Screen, model: Path | None) -> None:
        self._rules = rules
        self._model = model
        self._learned: LearnedReader | None = None
        self._said = False

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Verdict:
        """What `text` reports. `earlier` are the patient's turns before it, oldest first."""
        found = self._rules(text, earlier)
        learned = self._reader()
        if learned is None:
            return found
        opinion = learned(text, earlier)
        if found.is_report and opinion.chance < RULE_STANDS_AT:
            opinion = heard_again(text, found, learned, opinion)
        return join(text, found, opinion)

    @property
    def is_complete(self) -> bool:
        """Whether everything that it was given reads: while the model is being trained, the rules read alone."""
        return self._model is None or self._model.exists()

    def _reader(self) -> LearnedReader | None:
        # The model may be trained while the gateway is already taking messages in.
        if self._learned is None and self._model is not None and self._model.exists():
            self._learned = LearnedReader.load(self._model)
        if self._learned is None and not self._said:
            self._said = True
            log.warning("screen_without_learned_reader")
        return self._learned


def join(text: str, found: Verdict, opinion: Opinion) -> Verdict:
    """A report where either reader is sure enough, with the evidence of both; else what is in doubt."""
    sure = opinion.chance >= REPORT_AT[opinion.tier]
    if found.is_report and (sure or opinion.chance >= RULE_STANDS_AT):
        return Verdict((*found.evidence, *((_evidence(text, opinion),) if sure else ())))
    if sure:
        return Verdict((_evidence(text, opinion),))
    return Verdict(doubt=_doubt(found, opinion))


def heard_again(text: str, found: Verdict, learned: Learned, whole: Opinion) -> Opinion:
    """What the learned reader says of the sentence in which a rule found something, where that is more.

    An ordinary question beside it ("…? What should I wear?") makes the whole message look ordinary.
    """
    sentences = [match for match in _SENTENCE.finditer(text) if match.group().strip()]
    holding = [s for s in sentences if any(s.start() <= e.start < s.end() for e in found.evidence)]
    if len(sentences) < 2:
        return whole
    opinions = [_moved(learned(s.group(), ()), s.start()) for s in holding]
    return max([whole, *opinions], key=lambda opinion: opinion.chance)


def _moved(opinion: Opinion, by: int) -> Opinion:
    return replace(opinion, start=opinion.start + by, end=opinion.end + by)


def _evidence(text: str, opinion: Opinion) -> Evidence:
    return Evidence(
        flag="learned",
        category=opinion.category,
        tier=opinion.tier,
        words=text[opinion.start : opinion.end],
        start=opinion.start,
        end=opinion.end,
        confidence=round(opinion.chance, 3),
    )


def _doubt(found: Verdict, opinion: Opinion) -> Doubt | None:
    if opinion.chance < BORDERLINE_AT:
        return None
    ask_back = opinion.chance >= (ASK_BACK_WITH_RULE_AT if found.is_report else ASK_BACK_AT)
    tier = found.tier.worst(opinion.tier) if found.tier else opinion.tier
    return Doubt(round(opinion.chance, 3), tier, opinion.category, ask_back)


@functools.cache
def current_screen() -> JoinedScreen:
    """The screen of this process, with the model that `make run` trained."""
    model = os.environ.get(MODEL_VARIABLE)
    return JoinedScreen(default_screen(), Path(model) if model else None)
