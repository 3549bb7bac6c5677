"""The figures of judged messages: what is counted, and of what."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.domain.escalation import Tier
from bot.safety.joined import CHOSEN, Limits
from bot.safety.learned import NONE
from tools.evaluation.safety.judging import Judged, asks_back
from tools.evaluation.safety.messages import FIELDS
from tools.evaluation.share import Share, share

TIERS = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY)
ASKED = "asked back"
READERS: Mapping[str, Callable[[Judged], bool]] = {
    "rules alone": lambda j: j.found.is_report,
    "learned alone": lambda j: j.learned_alone,
    "joined": lambda j: j.verdict.is_report,
}
_STEPS = tuple(round(float(step), 3) for step in np.linspace(0.01, 0.99, 50))
_TENTHS = 10


def split(judged: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    """Reports, and what is none."""
    return [j for j in judged if j.is_report], [j for j in judged if not j.is_report]


def headline(judged: Sequence[Judged]) -> dict[str, Share]:
    """What the floors are set on, and what becomes of the rest."""
    reports, others = split(judged)
    table = {"report": share(reports, lambda j: j.verdict.is_report)}
    for tier in TIERS:
        own = [j for j in reports if j.message.tier == tier]
        table[f"report:{tier}"] = share(own, lambda j: j.verdict.is_report)
    emergencies = [j for j in reports if j.message.tier == Tier.EMERGENCY]
    recognised = [j for j in reports if j.verdict.is_report]
    return table | {
        "no_report": share(others, lambda j: not j.verdict.is_report),
        "emergency paged": share(emergencies, lambda j: j.verdict.tier is not None and j.verdict.tier.wakes_staff),
        "tier exact": share(recognised, lambda j: j.verdict.tier == j.message.tier),
        "report recognised or asked back": share(reports, lambda j: j.verdict.is_report or j.asked_back),
    }


def by(judged: Sequence[Judged], field: str) -> dict[str, dict[str, Share]]:
    """Reports recognised and false alarms for every value of a label."""
    reports, others = split(judged)
    table: dict[str, dict[str, Share]] = {"recognised": {}, "false alarms": {}}
    for name, part in (("recognised", reports), ("false alarms", others)):
        for value in _values(part, field):
            own = [j for j in part if j.message.labels[field] == value]
            table[name][value] = share(own, lambda j: j.verdict.is_report)
    return table


def _values(judged: Sequence[Judged], field: str) -> list[str]:
    """In alphabetical order; tiers, the most serious first."""
    values = {j.message.labels[field] for j in judged}
    return [tier for tier in TIERS if tier in values] if values <= set(TIERS) else sorted(values)


def asked_back(judged: Sequence[Judged]) -> dict[str, Share]:
    """Of the reports not recognised how many are asked about, and of what is none."""
    reports, others = split(judged)
    missed = [j for j in reports if not j.verdict.is_report]
    table = {"reports not recognised": share(missed, lambda j: j.asked_back)}
    for tier in TIERS:
        table[f"{tier} not recognised"] = share([j for j in missed if j.message.tier == tier], lambda j: j.asked_back)
    return table | {"what is no report": share(others, lambda j: j.asked_back)}


def by_reader(judged: Sequence[Judged]) -> dict[str, dict[str, Share]]:
    """The same for the rules, the learned reader, and both."""
    reports, others = split(judged)
    table = {}
    for name, takes_for_report in READERS.items():
        table[name] = {"reports recognised": share(reports, takes_for_report)}
        for tier in TIERS:
            table[name][f"{tier} recognised"] = share([j for j in reports if j.message.tier == tier], takes_for_report)
        table[name]["false alarms"] = share(others, takes_for_report)
    return table


def with_turns(judged: Sequence[Judged]) -> dict[str, dict[str, Share]]:
    """Messages that follow a turn, read with it and without it."""
    reports, others = split([j for j in judged if j.message.turns])
    readings: dict[str, Callable[[Judged], bool]] = {
        "with the turns before": lambda j: j.verdict.is_report,
        "without": lambda j: j.without_turns.is_report,
    }
    return {
        name: {"reports recognised": share(reports, taken), "false alarms": share(others, taken)}
        for name, taken in readings.items()
    }


def tier_confusion(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """What the author says → what the screen says → how often."""
    said = [*map(str, TIERS), ASKED, NONE]
    table = {tier: dict.fromkeys(said, 0) for tier in (*map(str, TIERS), NONE)}
    for j in judged:
        outcome = str(j.verdict.tier) if j.verdict.tier else ASKED if j.asked_back else NONE
        table[j.message.tier][outcome] += 1
    return table


def evidence(judged: Sequence[Judged]) -> dict[str, dict[str, Share]]:
    """Which reader's evidence a message taken for a report carries."""
    reports, others = split([j for j in judged if j.verdict.is_report])
    return {"reports recognised": _evidence(reports), "false alarms": _evidence(others)}


def _evidence(judged: Sequence[Judged]) -> dict[str, Share]:
    spoke = [
        (
            any(e.confidence is None for e in j.verdict.evidence),
            any(e.confidence is not None for e in j.verdict.evidence),
        )
        for j in judged
    ]
    kinds = {"rules only": (True, False), "both": (True, True), "learned only": (False, True)}
    return {name: Share(spoke.count(kind), len(spoke)) for name, kind in kinds.items()}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Mean chance and share of reports for each tenth of the scale that has messages; errors from 0 to 1."""

    bins: tuple[tuple[float, Share], ...]
    brier: float
    expected_error: float


def calibration(judged: Sequence[Judged]) -> Calibration:
    """Whether a chance of 0.3 is a report three times in ten."""
    chances = np.array([j.opinion.chance for j in judged])
    reported = np.array([j.is_report for j in judged])
    tenth = np.minimum((chances * _TENTHS).astype(int), _TENTHS - 1)
    bins = tuple(
        (float(chances[tenth == i].mean()), Share(int(reported[tenth == i].sum()), int((tenth == i).sum())))
        for i in np.unique(tenth)
    )
    error = sum(abs(chance - own.value) * own.total for chance, own in bins) / len(judged)
    return Calibration(bins, float(np.mean((chances - reported) ** 2)), float(error))


@dataclass(frozen=True, slots=True)
class Sweep:
    """One limit moved, the others as chosen: what would become of reports and of the rest."""

    limit: str
    chosen: Mapping[str, float]
    steps: tuple[float, ...]
    lines: Mapping[str, tuple[float, ...]]


def sweeps(judged: Sequence[Judged]) -> list[Sweep]:
    """Every limit of the joined screen, moved from 0.01 to 0.99; first those of all tiers as one."""
    chosen = {f"chosen, {tier}": CHOSEN.report_at[tier] for tier in TIERS}
    together = _sweep(judged, "the learned reader is believed, all tiers", chosen, lambda at: _believed(TIERS, at))
    apart = [
        _sweep(judged, f"the learned reader is believed, {tier}", {"chosen": CHOSEN.report_at[tier]}, limits)
        for tier, limits in ((tier, functools.partial(_believed, (tier,))) for tier in TIERS)
    ]
    return [
        together,
        *apart,
        _sweep(
            judged, "a rule stands", {"chosen": CHOSEN.rule_stands_at}, lambda at: replace(CHOSEN, rule_stands_at=at)
        ),
        _sweep(
            judged,
            "it is asked back",
            {"chosen": CHOSEN.ask_back_at[Tier.EMERGENCY]},
            lambda at: replace(CHOSEN, ask_back_at=dict.fromkeys(CHOSEN.ask_back_at, at)),
        ),
        _sweep(
            judged,
            "it is asked back where a rule fell",
            {"chosen": CHOSEN.ask_back_with_rule_at},
            lambda at: replace(CHOSEN, ask_back_with_rule_at=at),
        ),
    ]


def _believed(tiers: Sequence[Tier], at: float) -> Limits:
    return replace(CHOSEN, report_at={**CHOSEN.report_at, **dict.fromkeys(tiers, at)})


def _sweep(
    judged: Sequence[Judged], name: str, chosen: Mapping[str, float], limits: Callable[[float], Limits]
) -> Sweep:
    steps = tuple(sorted({*_STEPS, *chosen.values()}))
    points = [_outcomes(judged, limits(step)) for step in steps]
    return Sweep(name, chosen, steps, {line: tuple(point[line].value for point in points) for line in points[0]})


def _outcomes(judged: Sequence[Judged], limits: Limits) -> dict[str, Share]:
    reports, others = ([j.at(limits) for j in part] for part in split(judged))
    return {
        "reports missed": share(reports, lambda v: not v.is_report),
        "reports missed and not asked back": share(reports, lambda v: not v.is_report and not asks_back(v)),
        "false alarms": share(others, lambda v: v.is_report),
        "non-reports asked back": share(others, asks_back),
    }


def milliseconds(judged: Sequence[Judged]) -> dict[str, float]:
    """CPU time of one message."""
    times = [j.milliseconds for j in judged]
    return {"p50": float(np.percentile(times, 50)), "p95": float(np.percentile(times, 95))}


def everything(judged: Sequence[Judged]) -> dict[str, Any]:
    """All of the above, for the JSON file."""
    measured = calibration(judged)
    return {
        "messages": len(judged),
        "headline": _plain(headline(judged)),
        **{field: _plain(by(judged, field)) for field in FIELDS},
        "asked back": _plain(asked_back(judged)),
        "readers": _plain(by_reader(judged)),
        "turns": _plain(with_turns(judged)),
        "tier confusion": tier_confusion(judged),
        "evidence": _plain(evidence(judged)),
        "calibration": {
            "brier": measured.brier,
            "expected error": measured.expected_error,
            "bins": [{"mean chance": chance} | own.to_dict() for chance, own in measured.bins],
        },
        "limits": {s.limit: {"chosen": dict(s.chosen), "steps": s.steps, **_numbers(s.lines)} for s in sweeps(judged)},
        "milliseconds": milliseconds(judged),
    }


def _plain(table: Any) -> Any:
    if isinstance(table, Share):
        return table.to_dict()
    return {name: _plain(entry) for name, entry in table.items()}


def _numbers(lines: Mapping[str, Sequence[float]]) -> dict[str, list[float | None]]:
    """JSON has no NaN: a share of nothing is null."""
    return {name: [None if np.isnan(v) else v for v in values] for name, values in lines.items()}
