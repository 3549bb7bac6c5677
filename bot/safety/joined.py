"""The two readers joined: clinical rules and the learned reader. See docs/decisions/0006."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.escalation import Tier
from bot.safety.disguise import read_plainly
from bot.safety.learned import LearnedReader, Opinion
from bot.safety.screen import Screen, default_screen
from bot.safety.sentences import sentences
from bot.safety.verdict import Doubt, Evidence, Verdict

log = logging.getLogger(__name__)

# Where the learned reader is, for processes that are started by `make run`.
MODEL_VARIABLE = "SCREEN_MODEL"
# Chosen on the held-out set, see docs/decisions/0006: an emergency is believed sooner.
REPORT_AT: Mapping[Tier, float] = {Tier.EMERGENCY: 0.5, Tier.URGENT: 0.6, Tier.SAME_DAY: 0.6}
# What a rule found needs less; below this the learned reader has read what the rule cannot.
RULE_STANDS_AT = 0.2
# Where the rules read nothing but denials ("no fever, no chest pain"), for every tier.
DENIED_AT = 0.95
# Not a report, but worth the question "is this happening right now?".
# What would be milder than an emergency is asked about by the symptom talk.
ASK_BACK_AT: Mapping[Tier, float] = {Tier.EMERGENCY: 0.2, Tier.URGENT: 0.4, Tier.SAME_DAY: 0.4}
ASK_BACK_WITH_RULE_AT = 0.1
# Worth the staff's review.
BORDERLINE_AT = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """From which chance on what is done; `make evaluate-safety` tries others than the chosen ones."""

    report_at: Mapping[Tier, float]
    rule_stands_at: float
    ask_back_at: Mapping[Tier, float]
    denied_at: float
    ask_back_with_rule_at: float
    borderline_at: float


CHOSEN = Limits(REPORT_AT, RULE_STANDS_AT, ASK_BACK_AT, DENIED_AT, ASK_BACK_WITH_RULE_AT, BORDERLINE_AT)


# Where the whole message is no report: its statements without its questions, and each statement alone. The
# less of a message is read, the less it is to be doubted.
WITHOUT_QUESTIONS = replace(CHOSEN, report_at=dict.fromkeys(REPORT_AT, 0.8), rule_stands_at=0.3)
IN_A_SENTENCE = replace(CHOSEN, report_at=dict.fromkeys(REPORT_AT, 0.9), rule_stands_at=0.4)
# A message surer to be ordinary than this is not taken apart.
SENTENCES_FROM = 0.01
_MIN_WORDS = 3


class JoinedScreen:
    """Both readers. Without a trained model the rules read alone, and say so once."""

    def __init__(self, rules: Screen, model: Path | None) -> None:
        self._rules = rules
        self._model = model
        self._learned: LearnedReader | None = None
        self._said = False

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Verdict:
        """What `text` reports. `earlier` are the patient's turns before it, oldest first."""
        return read_plainly(text, earlier, self._read)

    def _read(self, text: str, earlier: Sequence[str]) -> Verdict:
        found = self._rules(text, earlier)
        learned = self._reader()
        if learned is None:
            return found
        opinion = learned(text, earlier)
        verdict = join(text, found, opinion)
        if verdict.is_report or opinion.chance < SENTENCES_FROM:
            return verdict
        return self._by_sentence(text, learned) or verdict

    def _by_sentence(self, text: str, learned: LearnedReader) -> Verdict | None:
        """An ordinary question beside a report must not drown it: what the statements report without it."""
        parts = list(sentences(text))
        if len(parts) < 2:
            return None
        statements = [(at, part) for at, part in parts if not part.endswith("?")]
        if 0 < len(statements) < len(parts):
            # Joined by spaces of the questions' own length, so that offsets stay those of the message.
            rest = _without_questions(text, parts)
            verdict = join(rest, self._rules(rest), learned(rest), WITHOUT_QUESTIONS)
            if verdict.is_report:
                return verdict
        for at, part in statements:
            if len(part.split()) >= _MIN_WORDS:
                verdict = join(part, self._rules(part), learned(part), IN_A_SENTENCE)
                if verdict.is_report:
                    return Verdict(tuple(replace(e, start=e.start + at, end=e.end + at) for e in verdict.evidence))
        return None

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


def join(text: str, found: Verdict, opinion: Opinion, limits: Limits = CHOSEN) -> Verdict:
    """A report where either reader is sure enough, with the evidence of both; else what is in doubt."""
    sure = opinion.chance >= (limits.denied_at if found.denied else limits.report_at[opinion.tier])
    if found.is_report and (sure or opinion.chance >= limits.rule_stands_at):
        return Verdict((*found.evidence, *((_evidence(text, opinion),) if sure else ())))
    if sure:
        return Verdict((_evidence(text, opinion),))
    return Verdict(doubt=_doubt(found, opinion, limits))


def _without_questions(text: str, parts: Sequence[tuple[int, str]]) -> str:
    """The text with spaces where its questions are: what is found keeps its place."""
    for at, part in parts:
        if part.endswith("?"):
            text = text[:at] + " " * len(part) + text[at + len(part) :]
    return text


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


def _doubt(found: Verdict, opinion: Opinion, limits: Limits) -> Doubt | None:
    if opinion.chance < limits.borderline_at:
        return None
    if found.is_report:
        ask_back_at = limits.ask_back_with_rule_at
    else:
        ask_back_at = (limits.report_at if found.denied else limits.ask_back_at)[opinion.tier]
    tier = found.tier.worst(opinion.tier) if found.tier else opinion.tier
    return Doubt(round(opinion.chance, 3), tier, opinion.category, opinion.chance >= ask_back_at)


@functools.cache
def current_screen() -> JoinedScreen:
    """The screen of this process, with the model that `make run` trained."""
    model = os.environ.get(MODEL_VARIABLE)
    return JoinedScreen(default_screen(), Path(model) if model else None)
