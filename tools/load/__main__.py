"""Play the day of a clinic, faster and faster, until p95 passes a second.

    python -m tools.load --cluster            what `make cluster` starts (or --run: what `make run` starts)
    python -m tools.load --url URL [URL …]    something that runs already; without staff and texts
    python -m tools.load --cluster --flood 20 --rates 10     one client floods it: what becomes of the others?

Visitors of the page ask, ask on, report and catch up; patients text, signed as
the provider signs; staff acknowledge what they are paged for. Writes
reports/load/<what>.{json,svg}.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.errors import AssistantError
from bot.settings import ROOT
from tools.cluster.cluster import CannotRun
from tools.load import figures, plots
from tools.load.clinic import Staff, clinic
from tools.load.plan import PLAN_VARIABLE, Plan, Run, Texts
from tools.load.targets import Target, one_of_each, two_of_each

OUT = ROOT / "reports" / "load"
# Each about 1.4 times the one before: twice as many after two steps.
_RATES = (2.0, 4.0, 6.0, 8.0, 11.0, 16.0, 22.0, 32.0, 45.0, 64.0, 90.0, 128.0)
_MEGABYTE = 2**20


@dataclass
class Scene:
    """What a run is played against."""

    target: Target
    texts: Texts | None = None
    staff: Staff | None = None


def main() -> int:
    """Play, count, write, print."""
    options = _options()
    try:
        with tempfile.TemporaryDirectory(prefix="load-") as name, _scene(options, Path(name)) as scene:
            found = _play(options, scene, Path(name))
    except (CannotRun, AssistantError) as error:
        print(f"load: {error}", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{found['against']}{'-flood' if options.flood else ''}"
    path.with_suffix(".json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    path.with_suffix(".svg").write_text((plots.by_part if options.flood else plots.by_rate)(found), encoding="utf-8")
    print(_table(found))
    print(f"all of it: {path.with_suffix('.json')}, {path.with_suffix('.svg')}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    against = parser.add_mutually_exclusive_group(required=True)
    against.add_argument("--cluster", action="store_true", help="start the cluster and play against it")
    against.add_argument("--run", action="store_true", help="start what `make run` starts and play against it")
    against.add_argument("--url", nargs="+", help="gateways that run already")
    parser.add_argument("--rates", type=float, nargs="+", default=_RATES, help="messages a second, one step each")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of a step")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds that p95 may be")
    parser.add_argument("--flood", type=int, default=0, help="requests that one more client has underway all the time")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.flood and len(options.rates) != 1:
        parser.error("--flood is played at one rate: say it with --rates")
    return options


@contextlib.contextmanager
def _scene(options: argparse.Namespace, folder: Path) -> Iterator[Scene]:
    """Everything that a run needs is up. Raises CannotRun."""
    if options.url:
        yield Scene(Target("url", tuple(url.rstrip("/") for url in options.url)))
        return
    start = two_of_each if options.cluster else one_of_each
    with clinic(folder) as own, start(folder, own.environment) as target:
        own.company.serves(target.urls[0], target.public_url)
        with Staff(own, target.urls[0]) as staff:
            yield Scene(target, own.texts(target.public_url), staff)


def _play(options: argparse.Namespace, scene: Scene, folder: Path) -> dict[str, Any]:
    out = folder / "run.json"
    plan = Plan(
        urls=scene.target.urls, rates=tuple(options.rates), seconds=options.seconds, limit=options.limit,
        out=str(out), seed=options.seed, texts=scene.texts, flooders=options.flood,
    )  # fmt: skip
    before = scene.target.memory()
    _generate(plan, folder)
    run, after = Run.read(out), scene.target.memory()
    return {
        "against": scene.target.name,
        "processors": os.cpu_count(),
        "load of the machine, 1 minute": round(os.getloadavg()[0], 1),
        **figures.summary(run, options.limit),
        "megabytes before and after": {
            name: [size // _MEGABYTE, after[name] // _MEGABYTE] for name, size in before.items()
        },
        "staff": _of_staff(scene.staff),
    }


def _generate(plan: Plan, folder: Path) -> None:
    """Run locust to its end: it must be the first thing in its process. Raises CannotRun."""
    path = folder / "plan.json"
    plan.write(path)
    argv = (sys.executable, "-m", "locust", "-f", str(ROOT / "tools/load/day.py"), "--headless", "--only-summary")
    environment = {**os.environ, PLAN_VARIABLE: str(path), "PYTHONPATH": str(ROOT)}
    run = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if not Path(plan.out).exists():
        raise CannotRun(f"the load generator failed:\n{run.stderr[-2000:]}")


def _of_staff(staff: Staff | None) -> dict[str, Any]:
    if staff is None:
        return {}
    return {
        "acknowledged": len(staff.acknowledged),
        "seconds for it": figures.quantiles(staff.acknowledged),
        "in vain": staff.failed,
    }


def _table(found: dict[str, Any]) -> str:
    lines = [f"{'part':16}{'meant/s':>9}{'played/s':>10}{'p50':>8}{'p95':>8}{'p99':>8}  problems"]
    for part in found["parts"]:
        spread = part["seconds to the answer"]
        quantiles = "".join(f"{spread.get(name, 0):8.3f}" for name in ("p50", "p95", "p99"))
        lines.append(
            f"{part['part']:16}{part['messages a second, meant']:9.1f}{part['messages a second']:10.1f}{quantiles}"
            f"  {part['problems'] or '-'} {part.get('of the flood', '')}"
        )
    lines += [f"{name}: {found[name]}" for name in ("highest rate below it", "first rate above it", "staff")]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
