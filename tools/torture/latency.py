"""How long a page takes while reports pour in, and how well the ladder keeps its time.

    python -m tools.torture.latency [--rate 20] [--seconds 30] [--postgres URL]

Two waves of reports: the second begins when the second steps of the first are
due, so that those are taken under load. Nothing is killed. Measures the time
from the 2xx to the first page handed to the provider, and from there to the
page of the second step, against what the policy says. Writes
reports/torture/latency-<database>.{html,json}.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bot.app import build_sealer
from bot.supervise.serve import gateway_program, pager_program
from bot.supervise.training import screen_model_path
from tools.evaluation.page import figures_in_full, page, picture, section
from tools.torture import judge, plots
from tools.torture.clinic import PageSeen, child_environment, pages
from tools.torture.figures import OUT, table
from tools.torture.parts import running
from tools.torture.patients import Crowd, Report, make_reports
from tools.torture.run import CannotRun, Stage, on_database, stage, stand_in_program, until, until_ready

_POLICY_SECONDS = 60.0
_LADDER = ({"page": ["noor"]}, {"page": ["kim"], "after": 1})
_SECOND_STEP = "kim"
_LATE_SECONDS = 120


@dataclass(frozen=True)
class Load:
    """So many reports a second, for so long."""

    rate: float
    seconds: float

    def reports(self, seed: int) -> list[Report]:
        """Those of one wave."""
        return make_reports(int(self.rate * self.seconds), Random(seed))


def main() -> int:
    """Measure, write, print."""
    options = _options()
    load = Load(options.rate, options.seconds)
    try:
        figures, images = asyncio.run(measure(load, options.postgres))
    except CannotRun as error:
        print(f"latency: {error}", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"latency-{figures['database']}"
    path.with_suffix(".json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    pictures = [section(title, picture(title, png)) for title, png in images.items()]
    whole = page("From report to page", *pictures, figures_in_full(figures))
    path.with_suffix(".html").write_text(whole, encoding="utf-8")
    print(table(figures))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=20.0, help="reports a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of a wave, at most 60")
    parser.add_argument("--postgres", metavar="URL", help="a server on which a database may be made; else SQLite")
    return parser.parse_args()


async def measure(load: Load, server_url: str | None) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The figures, and the plots. Raises CannotRun."""
    with stage(server_url, _LADDER) as on:
        programs = [gateway_program(), pager_program(), stand_in_program(on.settings)]
        with running(programs, child_environment(on.settings, on.provider), on.folder / "logs"):
            await until_ready(on.settings)
            first, second = load.reports(1), load.reports(2)
            await asyncio.gather(
                _wave(on, load, first, 0.0),
                _wave(on, load, second, _POLICY_SECONDS),
            )
            await until(lambda: _all_taken(on, len(first)), _LATE_SECONDS, "second steps are still to come")
            return _figures(load, on, first, second)


async def _wave(on: Stage, load: Load, reports: list[Report], after: float) -> None:
    await asyncio.sleep(after)
    await Crowd(on.settings.own_url, Random(3)).send(reports, load.rate)


async def _all_taken(on: Stage, count: int) -> bool:
    return sum(page.person == _SECOND_STEP for page in pages(on.provider.accepted)) >= count


def _figures(
    load: Load, on: Stage, first: list[Report], second: list[Report]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    seen = pages(on.provider.accepted)
    stored = on_database(on.settings, lambda engine: judge.read(engine, build_sealer(on.settings)))
    steps = [page for page in seen if page.person != _SECOND_STEP]
    reply = [r.accepted_at - r.begun_at for r in (*first, *second) if r.accepted_at]
    paged = judge.delays([*first, *second], stored, steps)
    late = _late(seen)
    figures = {
        "database": on.settings.database_url.split(":", 1)[0].split("+", 1)[0],
        "screen": "rules and learned reader" if screen_model_path(on.settings).exists() else "rules alone",
        "reports": len(first) + len(second),
        "reports a second": load.rate,
        "tries": sum(report.tries for report in (*first, *second)),
        "seconds to the reply": judge.spread(reply),
        "seconds from reply to page": judge.spread(paged),
        "second steps": len(late),
        "seconds that the second step was late": judge.spread(late),
        "ladder time kept, ratio to policy": {
            name: round((_POLICY_SECONDS + seconds) / _POLICY_SECONDS, 4)
            for name, seconds in judge.spread(late).items()
        },
    }
    images = {
        "From the first try to the reply": plots.waiting(reply, "seconds until the patient had a reply"),
        "From the reply to the first page": plots.waiting(paged, "seconds until a provider had the page"),
        "How late the second step was": plots.waiting(late, "seconds past the policy's time"),
    }
    return figures, images


def _late(seen: Sequence[PageSeen]) -> list[float]:
    """How much later than the policy says the second step's page came, counted from the first step's."""
    times: defaultdict[str, dict[bool, float]] = defaultdict(dict)
    for each in seen:
        times[each.reference].setdefault(each.person == _SECOND_STEP, each.at)
    return [both[True] - both[False] - _POLICY_SECONDS for both in times.values() if len(both) == 2]


if __name__ == "__main__":
    sys.exit(main())
