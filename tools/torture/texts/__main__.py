"""Texts through a telephone company on a bad day: is one lost, answered twice, or out of order?

    python -m tools.torture.texts [--texts 8500] [--rate 20] [--seed 1] [--kill-every 0]

Starts gateway and pager on a database of their own, a telephone company on
loopback, and a stand-in for Rasa that answers each question with its own words.
The company fails 5 % of the requests (refused, dropped, taken and then dropped,
hanging), loses 5 % of the receipts and sends 5 % twice, all in any order;
deliveries come twice at once, late, or again after an answer that was not
heard. Writes reports/torture/texts.json; exits with 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from tools.torture.figures import OUT, table
from tools.torture.run import CannotRun
from tools.torture.texts.judge import failures
from tools.torture.texts.run import Options, torture


def main() -> int:
    """Run, write, judge."""
    try:
        figures = asyncio.run(torture(_options()))
    except CannotRun as error:
        print(f"texts: {error}", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "texts.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    print(table(figures))
    found = failures(figures)
    for failure in found:
        print(f"FAILED: {failure}")
    return 1 if found else 0


def _options() -> Options:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Options()
    parser.add_argument("--texts", type=int, default=default.texts, help="how many different ones")
    parser.add_argument("--patients", type=int, default=default.patients, help="of how many patients")
    parser.add_argument("--rate", type=float, default=default.rate, help="texts a second")
    parser.add_argument("--seed", type=int, default=default.seed, help="the same bad day again")
    parser.add_argument(
        "--slow", type=float, default=default.slow, help="share of questions that Rasa takes 6 seconds for"
    )
    parser.add_argument("--kill-every", type=float, default=default.kill_every, help="seconds between kills; 0: none")
    return Options(**vars(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
