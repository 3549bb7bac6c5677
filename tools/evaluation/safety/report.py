"""The screen's page: every set of messages beside the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tools.evaluation import drawing
from tools.evaluation.drawing import BLUE, GREEN, OCHRE, Curves
from tools.evaluation.page import figures_in_full, folded, note, page, picture, section, table
from tools.evaluation.safety import figures
from tools.evaluation.safety.cost import Cost
from tools.evaluation.safety.judging import Judged
from tools.evaluation.safety.messages import FIELDS
from tools.evaluation.share import Share

# Name of a set → its messages.
Sets = Mapping[str, Sequence[Judged]]
Shares = Mapping[str, Mapping[str, Share]]
# Above this no limit would be chosen; below it the lines can be told apart.
_LIMITS_RANGE = (-0.005, 0.25)
_FIELD_NAMES = {"lang": "language"}


def report(sets: Sets, questions: Share, cost: Cost, written: Any) -> str:
    """The page; `questions` are the held-out FAQ questions left alone, `written` is what the JSON file holds."""
    return page(
        "How well severe reports are recognised",
        note("Shares with their 95 % intervals (Wilson). No message is shown: the held-out sets stay unseen."),
        _headline(sets, questions),
        *(_by(sets, field) for field in FIELDS),
        _asked_back(sets),
        _confusion(sets),
        _readers(sets),
        _turns(sets),
        _limits(sets),
        _calibration(sets),
        _evidence(sets),
        _cost(sets, cost),
        figures_in_full(written),
    )


def _headline(sets: Sets, questions: Share) -> str:
    columns = {name: figures.headline(judged) for name, judged in sets.items()}
    rows = [[row, *(column[row] for column in columns.values())] for row in next(iter(columns.values()))]
    size = ["messages", *(len(judged) for judged in sets.values())]
    return table(("", *sets), [size, *rows]) + note(f"FAQ questions left alone: {questions}")


def _by(sets: Sets, field: str) -> str:
    found = {name: figures.by(judged, field) for name, judged in sets.items()}
    panels = {panel: {name: found[name][panel] for name in sets} for panel in ("recognised", "false alarms")}
    if field == "tier":
        # What is no report has no tier.
        del panels["false alarms"]
    title = f"By {_FIELD_NAMES.get(field, field)}"
    return section(title, picture(title, drawing.dots(panels)), _dots_table(panels))


def _dots_table(panels: Mapping[str, Shares]) -> str:
    rows = [
        (panel, row, name, shares[row])
        for panel, series in panels.items()
        for name, shares in series.items()
        for row in shares
    ]
    return folded("as a table", table(("", "", "set", "share"), rows))


def _asked_back(sets: Sets) -> str:
    title = "Asked back"
    text = "Asked whether it is happening right now: of the reports that are not recognised, more is better; of the rest, less."
    panels = {title: {name: figures.asked_back(judged) for name, judged in sets.items()}}
    return section(title, note(text), picture(title, drawing.dots(panels)), _dots_table(panels))


def _confusion(sets: Sets) -> str:
    counts = {name: figures.tier_confusion(judged) for name, judged in sets.items()}
    picked = picture("Tier", drawing.grids(counts, "what the author says", "what the screen says"))
    return section("Tier", picked)


def _compared(title: str, sets: Sets, measured: Callable[[Sequence[Judged]], Shares], text: str) -> str:
    panels = {name: measured(judged) for name, judged in sets.items()}
    return section(title, note(text), picture(title, drawing.dots(panels)), _dots_table(panels))


def _readers(sets: Sets) -> str:
    text = "The learned reader alone is believed from the same chance on as in the joined screen."
    return _compared("Rules alone, learned reader alone, joined", sets, figures.by_reader, text)


def _turns(sets: Sets) -> str:
    text = "Messages that follow another, read with the turns before them and as if they were the first."
    return _compared("Messages with turns before", sets, figures.with_turns, text)


def _limits(sets: Sets) -> str:
    by_set = [
        [
            Curves(f"chance from which {sweep.limit}", sweep.steps, sweep.lines, sweep.chosen, name, _LIMITS_RANGE)
            for sweep in figures.sweeps(judged)
        ]
        for name, judged in sets.items()
    ]
    title = "What each limit costs and buys"
    text = "One limit is moved, the others stay as chosen. Shares of the reports, and of what is none."
    return section(title, note(text), picture(title, drawing.curves(list(zip(*by_set, strict=True)))))


def _calibration(sets: Sets) -> str:
    measured = {name: figures.calibration(judged) for name, judged in sets.items()}
    rows = [(name, f"{m.brier:.3f}", f"{m.expected_error:.3f}") for name, m in measured.items()]
    title = "Whether the chance is one"
    drawn = picture(title, drawing.calibration({name: m.bins for name, m in measured.items()}))
    return section(title, drawn, table(("set", "Brier score", "expected calibration error"), rows))


def _evidence(sets: Sets) -> str:
    found = {name: figures.evidence(judged) for name, judged in sets.items()}
    rows = {f"{name}: {what}": parts for name, by_what in found.items() for what, parts in by_what.items()}
    bars = {row: {part: own.value for part, own in parts.items() if own.total} for row, parts in rows.items()}
    colours = {"rules only": OCHRE, "both": GREEN, "learned only": BLUE}
    title = "Whose evidence it is"
    drawn = picture(title, drawing.stacked(bars, colours, "share of messages taken for a report"))
    return section(title, drawn, table(("", *colours), [(row, *parts.values()) for row, parts in rows.items()]))


def _cost(sets: Sets, cost: Cost) -> str:
    times = {name: [j.milliseconds for j in judged] for name, judged in sets.items()}
    percentiles = {name: figures.milliseconds(judged) for name, judged in sets.items()}
    rows = [(name, f"{p['p50']:.1f} ms", f"{p['p95']:.1f} ms") for name, p in percentiles.items()]
    loading = [(what.replace("_", " "), value) for what, value in asdict(cost).items()]
    title = "Time and memory"
    return section(
        title,
        table(("one message, CPU time", "p50", "p95"), rows),
        picture("Time of one message", drawing.histogram(times, "ms of CPU time for one message")),
        note("A new process that loads the screen and reads one message:"),
        table(("", ""), loading),
    )
