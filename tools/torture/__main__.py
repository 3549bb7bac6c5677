"""Kill everything at random while reports come in: is anything lost, or promised falsely?

    python -m tools.torture [--reports 500] [--seed 1] [--rate 4] [--rasa]

Starts gateway and pager (with --rasa also Rasa and the action server, else a
stand-in: a severe report does not ask Rasa) on a database of their own: SQLite
in a temporary folder, or a new database on the server of DATABASE_URL. Writes
reports/torture/{report.html,figures.json}; exits with 1 when a report was lost
or a patient was told what is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys

from tools.evaluation.page import figures_in_full, page, picture, section
from tools.evaluation.page import table as html_table
from tools.torture import plots
from tools.torture.figures import OUT, shown, table
from tools.torture.run import CannotRun, Options, Result, torture


def main() -> int:
    """Run, write, judge."""
    options = _options()
    try:
        result = asyncio.run(torture(options))
    except CannotRun as error:
        print(f"torture: {error}", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "figures.json").write_text(json.dumps(result.figures, indent=2), encoding="utf-8")
    (OUT / "report.html").write_text(_page(result), encoding="utf-8")
    print(table(result.figures))
    print(f"the page with plots: {OUT / 'report.html'}")
    for failure in result.failures:
        print(f"FAILED: {failure}")
    return 1 if result.failures else 0


def _options() -> Options:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Options()
    parser.add_argument("--reports", type=int, default=default.reports, help="how many severe reports")
    parser.add_argument("--seed", type=int, default=default.seed, help="the same kills and patients again")
    parser.add_argument("--rate", type=float, default=default.rate, help="reports a second")
    parser.add_argument("--kill-every", type=float, default=default.kill_every, help="seconds from kill to kill")
    parser.add_argument("--outage", type=float, default=default.outage, help="seconds that the database is away")
    parser.add_argument("--rasa", action="store_true", help="the real Rasa and action server, killed as well")
    given = parser.parse_args()
    return Options(**vars(given), database_url=os.environ.get("DATABASE_URL"))


def _page(result: Result) -> str:
    images = {
        "From the first try to the reply": plots.waiting(result.reply_seconds, "seconds until the patient had a reply"),
        "From the reply to the first page": plots.waiting(result.page_seconds, "seconds until a provider had the page"),
    }
    return page(
        "Reports while everything is killed",
        html_table(("figure", "value"), [(name, shown(figure)) for name, figure in result.figures.items()]),
        *(section(title, picture(title, png)) for title, png in images.items()),
        figures_in_full(result.figures),
    )


if __name__ == "__main__":
    sys.exit(main())
