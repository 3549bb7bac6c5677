"""The two readers joined: clinical rules and the learned reader. See docs/decisions/0006."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from bot.safety.learned import LearnedReader, Opinion
from bot.safety.screen import Screen, default_screen
from bot.safety.verdict import Evidence, Verdict

log = logging.getLogger(__name__)

# Where the learned reader is, for processes that are started by `make run`.
MODEL_VARIABLE = "SCREEN_MODEL"
# Chosen on the held-out set, see docs/decisions/0006.
REPORT_AT = 0.3
# What a rule found is a report unless the learned reader is sure that it is none.
RULE_STANDS_AT = 0.03


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
        return found if learned is None else join(text, found, learned(text, earlier))

    def _reader(self) -> LearnedReader | None:
        # The model may be trained while the gateway is already taking messages in.
        if self._learned is None and self._model is not None and self._model.exists():
            self._learned = LearnedReader.load(self._model)
        if self._learned is None and not self._said:
            self._said = True
            log.warning("screen_without_learned_reader")
        return self._learned


def join(text: str, found: Verdict, opinion: Opinion) -> Verdict:
    """A report where either reader is sure enough; evidence of both."""
    if found.is_report and opinion.chance < RULE_STANDS_AT:
        return Verdict()
    if opinion.chance < REPORT_AT:
        return found
    learned = Evidence(
        flag="learned",
        category=opinion.category,
        tier=opinion.tier,
        words=text[opinion.start : opinion.end],
        start=opinion.start,
        end=opinion.end,
        confidence=round(opinion.chance, 3),
    )
    return Verdict((*found.evidence, learned))


@functools.cache
def current_screen() -> JoinedScreen:
    """The screen of this process, with the model that `make run` trained."""
    model = os.environ.get(MODEL_VARIABLE)
    return JoinedScreen(default_screen(), Path(model) if model else None)
