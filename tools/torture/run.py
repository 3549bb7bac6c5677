"""One run: everything is started, reports come in, parts are killed, the database goes and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import aiohttp
from sqlalchemy.engine import Engine

from bot.app import build_sealer
from bot.settings import Settings
from bot.storage.engine import create_engine
from bot.supervise.child import Program
from bot.supervise.serve import actions_program, gateway_program, pager_program, rasa_program
from bot.supervise.training import model_path, screen_model_path
from tests.harness.pager_service import PagerService, pager_service
from tools.torture import judge
from tools.torture.clinic import child_environment, pages, prepare, whole
from tools.torture.databases import Database, database
from tools.torture.parts import Killer, running
from tools.torture.patients import Crowd, Report, make_reports

T = TypeVar("T")

_START_SECONDS = 240
# A lease that a killed pager left, a try that is given up, the next one.
_QUIET_SECONDS = 180
_LADDER = ({"page": ["noor", "lee"]}, {"page": ["kim"], "after": 5})


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is made of. `rate` in reports a second; other times in seconds."""

    reports: int = 500
    seed: int = 1
    rate: float = 4.0
    kill_every: float = 3.0
    outage: float = 8.0
    rasa: bool = False
    database_url: str | None = None


class CannotRun(Exception):
    """The parts did not start, or did not come to rest."""


@dataclass(frozen=True)
class Result:
    """The figures, and each report and page behind them."""

    figures: dict[str, Any]
    reply_seconds: list[float]
    page_seconds: list[float]

    @property
    def failures(self) -> list[str]:
        """What must not be."""
        return judge.failures(self.figures)


@dataclass(frozen=True)
class Stage:
    """Everything around the processes."""

    folder: Path
    database: Database
    provider: PagerService
    settings: Settings


@contextlib.contextmanager
def stage(database_url: str | None, ladder: Sequence[dict[str, Any]]) -> Iterator[Stage]:
    """A folder, a database, a provider and a clinic, gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="torture-") as name,
        database(Path(name), database_url) as base,
        pager_service() as provider,
    ):
        yield Stage(Path(name), base, provider, prepare(Path(name), base.url, provider, ladder))


async def torture(options: Options) -> Result:
    """One run from start to judgement. Raises CannotRun."""
    with stage(options.database_url, _LADDER) as on:
        programs = [gateway_program(), pager_program(), *_talking(on.settings, options.rasa)]
        with running(programs, child_environment(on.settings, on.provider), on.folder / "logs") as parts:
            await until_ready(on.settings)
            killer = Killer(parts, options.kill_every, Random(options.seed))
            reports = make_reports(options.reports, Random(options.seed + 1))
            outages = await _storm(options, on, killer, reports)
            await _until_quiet(on)
            return _result(options, on, killer, reports, outages)


def stand_in_program(settings: Settings) -> Program:
    """What answers in Rasa's place."""
    return Program("rasa", (sys.executable, "-m", "tools.torture.stand_in", str(settings.rasa_port)))


def _talking(settings: Settings, rasa: bool) -> list[Program]:
    """Rasa and the action server, or what stands in for both."""
    if not rasa:
        return [stand_in_program(settings)]
    model = model_path(settings.models_dir, settings.clinic)
    if not model.exists():
        raise CannotRun(f"there is no model {model.name} in {settings.models_dir}: run `python -m bot train`")
    return [actions_program(settings), rasa_program(settings, model)]


async def _storm(options: Options, on: Stage, killer: Killer, reports: list[Report]) -> dict[str, int]:
    """Reports, kills and outages at once; returns how many reports had begun when each outage did."""
    outages = dict(on.database.outages)
    start_at = {options.reports * (i + 1) // (len(outages) + 1): name for i, name in enumerate(outages)}
    tasks: list[asyncio.Task[None]] = []

    def begun(count: int) -> None:
        if name := start_at.get(count):
            tasks.append(asyncio.create_task(asyncio.to_thread(outages[name], options.outage)))

    killing = asyncio.create_task(killer.run())
    try:
        await Crowd(on.settings.own_url, Random(options.seed + 2)).send(reports, options.rate, begun)
        await asyncio.gather(*tasks)
    finally:
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    return {name: count for count, name in start_at.items()}


def _result(options: Options, on: Stage, killer: Killer, reports: list[Report], outages: dict[str, int]) -> Result:
    seen = pages(on.provider.accepted)
    stored = on_database(on.settings, lambda engine: judge.read(engine, build_sealer(on.settings)))
    figures = {
        "database": on.settings.database_url.split(":", 1)[0],
        "rasa": "Rasa and the action server" if options.rasa else "a stand-in",
        "screen": "rules and learned reader" if screen_model_path(on.settings).exists() else "rules alone",
        "seed": options.seed,
        "reports a second": options.rate,
        "kills": sum(killer.kills.values()),
        "kills by part": dict(sorted(killer.kills.items())),
        "outages": {name: options.outage for name in outages},
        **judge.figures(reports, stored, seen),
        "pages sent past the database": len(whole(on.provider.accepted)) - len(seen),
    }
    accepted = [report for report in reports if report.accepted_at is not None]
    return Result(
        figures,
        [r.accepted_at - r.begun_at for r in accepted if r.accepted_at],
        judge.delays(accepted, stored, seen),
    )


def on_database(settings: Settings, work: Callable[[Engine], T]) -> T:
    """Look at the run's database as the assistant sees it."""
    engine = create_engine(settings.database_url)
    try:
        return work(engine)
    finally:
        engine.dispose()


async def until_ready(settings: Settings) -> None:
    """Until every part says that it works."""

    async def ready() -> bool:
        async with aiohttp.ClientSession() as session, session.get(f"{settings.own_url}/readyz") as response:
            checks = (await response.json())["checks"]
            # A stand-in for Rasa has no action server beside it.
            return all(check["ok"] for name, check in checks.items() if name != "actions")

    await until(ready, _START_SECONDS, f"not every part works; {settings.own_url}/readyz")


async def _until_quiet(on: Stage) -> None:
    await until_ready(on.settings)
    spool = on.settings.data_dir / "spool"

    async def quiet() -> bool:
        return await asyncio.to_thread(on_database, on.settings, lambda engine: judge.is_quiet(engine, spool))

    await until(quiet, _QUIET_SECONDS, "pages or spooled reports are still waiting")


async def until(condition: Callable[[], Awaitable[bool]], seconds: float, problem: str) -> None:
    """Wait for a condition. Raises CannotRun with the problem when it does not come true in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            if await condition():
                return
        if loop.time() > deadline:
            raise CannotRun(f"{problem}, for {seconds} s")
        await asyncio.sleep(0.5)
