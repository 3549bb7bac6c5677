"""One run: the clinic and the company are started, patients text, and in the end everything comes to rest."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from bot.domain.clock import utc_now
from bot.services.telephone_ports import TextState
from bot.settings import Settings
from bot.storage import tables
from bot.supervise.serve import gateway_program, pager_program
from bot.supervise.training import screen_model_path
from tests.harness.pager_service import pager_service
from tools.torture.clinic import child_environment, prepare
from tools.torture.parts import Killer, running
from tools.torture.run import on_database, until, until_ready
from tools.torture.texts import judge
from tools.torture.texts.company import BadCompany, BadDay, rasa
from tools.torture.texts.crowd import Crowd, Sent, make_texts

NUMBER = "+15550100150"
# What a carrier takes from a short code, so that the pace is not what is measured.
_PER_SECOND = 100
_LADDER = ({"page": ["noor"]},)
_ON_THE_WAY = (TextState.PENDING, TextState.IN_ANSWER)

# Starts the clinic's processes for as long as it is entered.
Clinic = Callable[[Settings, Mapping[str, str]], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is made of. `rate` in texts a second, times in seconds, shares 0 to 1."""

    texts: int = 8500
    patients: int = 400
    rate: float = 20.0
    seed: int = 1
    slow: float = 0.05
    slow_seconds: float = 6.0
    kill_every: float = 0.0
    quiet_seconds: float = 300.0
    day: BadDay = field(default_factory=BadDay)


async def torture(
    options: Options, clinic: Clinic | None = None, clock: Callable[[], datetime] = utc_now
) -> dict[str, Any]:
    """The figures of one run. `clock`: the clinic's, which the company must share. Raises CannotRun."""
    random = Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="texts-") as name, pager_service() as provider:
        async with BadCompany(NUMBER, options.day, random, clock) as company:
            folder = Path(name)
            telephone = {"numbers": [{"number": NUMBER, "per_second": _PER_SECOND}]}
            settings = prepare(
                folder,
                f"sqlite:///{folder / 'assistant.db'}",
                provider,
                _LADDER,
                {"telephone": telephone},
                company.environment(),
            )
            company.serves(settings.own_url)
            environment = {**child_environment(settings, provider), **company.environment()}
            async with (
                _serving(rasa(random, options.slow, options.slow_seconds), settings.rasa_port),
                (clinic or _processes(options, folder))(settings, environment),
            ):
                sent = make_texts(company, options.texts, options.patients, random)
                await Crowd(company, random).send(sent, options.rate)
                await _until_quiet(options, settings, company, sent)
            return _figures(options, settings, company, sent)


def _figures(options: Options, settings: Settings, company: BadCompany, sent: list[Sent]) -> dict[str, Any]:
    return {
        "seed": options.seed,
        "screen": "rules and learned reader" if screen_model_path(settings).exists() else "rules alone",
        "texts a second": options.rate,
        "requests to the provider": company.troubles.requests,
        "of those in trouble": company.troubles.met,
        "receipts lost": company.receipts_lost,
        "receipts twice": company.receipts_twice,
        "texts sent by REST": sum(text.direction == "outbound-api" for text in company.texts),
        **judge.figures(sent, company.texts),
    }


def _processes(options: Options, folder: Path) -> Clinic:
    """Gateway and pager as they are run, killed now and then if told so."""

    @asynccontextmanager
    async def clinic(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[None]:
        with running([gateway_program(), pager_program()], environment, folder / "logs") as parts:
            await until_ready(settings)
            killing = asyncio.create_task(Killer(parts, options.kill_every, Random(options.seed)).run())
            if not options.kill_every:
                killing.cancel()
            try:
                yield
            finally:
                killing.cancel()
                await asyncio.gather(killing, return_exceptions=True)

    return clinic


@asynccontextmanager
async def _serving(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


async def _until_quiet(options: Options, settings: Settings, company: BadCompany, sent: list[Sent]) -> None:
    """Until no text is on its way any more, and every question that can be is answered."""

    async def quiet() -> bool:
        await company.webhooks.settle()
        waiting = await asyncio.to_thread(_waiting, settings)
        return not waiting and not judge.missing(sent, company.texts)

    await until(quiet, options.quiet_seconds, "texts are still on their way, or questions are not answered")


def _waiting(settings: Settings) -> int:
    query = sa.select(sa.func.count()).select_from(tables.texts).where(tables.texts.c.state.in_(_ON_THE_WAY))

    def count(engine: sa.engine.Engine) -> int:
        with engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    return on_database(settings, count)
