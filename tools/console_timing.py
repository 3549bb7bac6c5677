"""How long the queue of the console takes, and how soon a report is seen: `python -m tools.console_timing`.

Fills a scratch database with escalations, asks for the queue's page, then has many consoles open and measures the time
from a report's sending to its place in each of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from sqlalchemy.engine import Engine

from bot.app import build_app, build_office, build_sealer, unit_of_work_factory
from bot.channels.web import INTAKE
from bot.domain.clock import utc_now
from bot.domain.conversation import new_id
from bot.domain.escalation import Status, Tier
from bot.domain.messages import Inbound
from bot.domain.staff import Role
from bot.services import sessions
from bot.services.account_ports import Stage
from bot.services.accounts import NewAccount
from bot.settings import ROOT, Settings, load_settings
from bot.storage import tables as t
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade

_PORT: Final = 18378
_REPORT: Final = "I have crushing chest pain and cannot breathe"
_HOME: Final = f"http://127.0.0.1:{_PORT}"


def main() -> int:
    """Measure and print JSON; milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--escalations", type=int, default=5000)
    parser.add_argument("--consoles", type=int, default=20)
    parser.add_argument("--reports", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        clinic = str(ROOT / "clinic.yml")
        settings = load_settings({"CLINIC_FILE": clinic, "DATA_DIR": scratch, "PORT": str(_PORT)})
        Path(scratch).mkdir(exist_ok=True)
        engine = create_engine(settings.database_url)
        upgrade(engine)
        fill(engine, given.escalations)
        found = asyncio.run(_measure(settings, engine, given.consoles, given.reports))
    print(json.dumps({"escalations": given.escalations, "consoles": given.consoles, **found}, indent=2))
    return 0


def fill(engine: Engine, count: int) -> None:
    """So many escalations that are not closed, of all tiers."""
    now, tiers = utc_now(), list(Tier)
    talks, cases = [], []
    for number in range(count):
        at, talk = now - timedelta(minutes=number), new_id()
        talks.append({"id": talk, "channel": "web", "mode": "bot", "created_at": at, "updated_at": at})
        cases.append(
            {
                "id": new_id(),
                "reference": f"T{number}",
                "conversation_id": talk,
                "open_key": talk,
                "tier": tiers[number % len(tiers)],
                "categories": ["cardiac"],
                # Emergencies of its own would ring for ever: those of the measurement are told apart.
                "status": Status.ACKNOWLEDGED,
                "reason": "screen",
                "owner": "noor",
                "opened_at": at,
                "updated_at": at,
            }
        )
    with engine.begin() as connection:
        connection.execute(t.conversations.insert(), talks)
        connection.execute(t.escalations.insert(), cases)


async def _measure(settings: Settings, engine: Engine, consoles: int, reports: int) -> dict[str, object]:
    app = build_app(settings)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", _PORT).start()
    cookies = {"staff": _session(settings, engine)}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookies=cookies, connector=connector) as session:
        page = [await _queue(session) for _ in range(20)]
        seen: list[asyncio.Queue[tuple[str, float]]] = [asyncio.Queue() for _ in range(consoles)]
        following = [asyncio.create_task(_follow(session, each)) for each in seen]
        await asyncio.sleep(2)
        taken = []
        for number in range(reports):
            sent = time.perf_counter()
            outcome = await app[INTAKE].receive(Inbound("web", _REPORT, f"timing-{number}"))
            reference = outcome.escalation.reference if outcome.escalation else ""
            taken += [await _until(each, reference) - sent for each in seen]
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    await runner.cleanup()
    return {"queue_page_ms": _figures(page), "report_to_row_ms": _figures(taken)}


def _session(settings: Settings, engine: Engine) -> str:
    staff, _ = build_office(settings, engine).accounts.add(
        "timing", NewAccount("timing", "Timing", Role.NURSE, None, None)
    )
    with unit_of_work_factory(engine, build_sealer(settings))() as uow:
        account = uow.accounts.get(staff.id)
        if account is None:
            raise RuntimeError("the account that was just made is not there")
        token = sessions.begin(uow, account, Stage.SIGNED_IN, "timing", utc_now())
        uow.commit()
        return token


async def _queue(session: aiohttp.ClientSession) -> float:
    began = time.perf_counter()
    async with session.get(f"{_HOME}/staff/queue") as answer:
        answer.raise_for_status()
        await answer.read()
    return time.perf_counter() - began


async def _follow(session: aiohttp.ClientSession, seen: asyncio.Queue[tuple[str, float]]) -> None:
    """As an open page does: hear of a change, fetch the rows."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with session.get(f"{_HOME}/staff/events", timeout=timeout) as stream:
        async for line in stream.content:
            if not line.startswith(b'data: {"waiting"'):
                continue
            async with session.get(f"{_HOME}/staff/queue/rows?tier=emergency&shown=open") as rows:
                seen.put_nowait((await rows.text(), time.perf_counter()))


async def _until(seen: asyncio.Queue[tuple[str, float]], reference: str) -> float:
    async with asyncio.timeout(30):
        while True:
            rows, at = await seen.get()
            if f'data-reference="{reference}"' in rows:
                return at


def _figures(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "median": round(statistics.median(ordered) * 1000, 1),
        "p95": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
        "worst": round(ordered[-1] * 1000, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
