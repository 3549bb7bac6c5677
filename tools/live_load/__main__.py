"""A real gateway, as many connected chat elements as asked for, and staff who write to random ones of them.

    python -m tools.live_load [--streams 1000] [--messages 400] [--rate 10] [--postgres URL]

The staff write from another process, as the command line does; what the gateway
itself stores is seen sooner. Meanwhile patients ask questions, which a stand-in
for Rasa answers. Writes reports/live_load/<database>.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.settings import ROOT
from bot.supervise.serve import gateway_program, pager_program
from tools.live_load.elements import Elements
from tools.live_load.talks import Talk, make_talks
from tools.torture.clinic import child_environment
from tools.torture.figures import table
from tools.torture.judge import spread
from tools.torture.parts import Part, running
from tools.torture.run import CannotRun, Stage, stage, stand_in_program, until_ready

OUT = ROOT / "reports" / "live_load"
_LADDER = ({"page": ["noor"]},)
_IDLE_SECONDS = 20.0
_SETTLE_SECONDS = 3.0
_QUESTIONS_A_SECOND = 2.0
_MEGABYTE = 2**20


@dataclass(frozen=True)
class Load:
    """What a run is made of. `rate` in messages of the staff a second."""

    streams: int
    messages: int
    rate: float


@dataclass(frozen=True)
class Use:
    """What a process has used so far."""

    megabytes: float
    cpu_seconds: float
    at: float

    def share_since(self, before: Use) -> float:
        """Of one core, between the two."""
        return round((self.cpu_seconds - before.cpu_seconds) / (self.at - before.at), 3)


def main() -> int:
    """Measure, write, print."""
    options = _options()
    try:
        figures = asyncio.run(measure(Load(options.streams, options.messages, options.rate), options.postgres))
    except (CannotRun, TimeoutError) as error:
        print(f"live_load: {error or 'the streams were not all connected in time'}", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{figures['database']}.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    print(table(figures))
    return 0 if not figures["staff messages lost"] and not figures["streams broken"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--streams", type=int, default=1000, help="chat elements that are connected")
    parser.add_argument("--messages", type=int, default=400, help="messages of the staff")
    parser.add_argument("--rate", type=float, default=10.0, help="of them in a second")
    parser.add_argument("--postgres", metavar="URL", help="a server on which a database may be made; else SQLite")
    return parser.parse_args()


async def measure(load: Load, server_url: str | None) -> dict[str, Any]:
    """The figures. Raises CannotRun, TimeoutError."""
    with stage(server_url, _LADDER) as on:
        environment = child_environment(on.settings, on.provider)
        environment |= {"STREAMS": str(load.streams), "STREAMS_PER_ADDRESS": str(load.streams)}
        programs = [gateway_program(), pager_program(), stand_in_program(on.settings)]
        with running(programs, environment, on.folder / "logs") as (gateway, *_):
            await until_ready(on.settings)
            talks = await asyncio.to_thread(make_talks, on.settings, load.streams)
            async with aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
            ) as session:
                return await _measure(load, on, gateway, talks, session, environment)


async def _measure(
    load: Load,
    on: Stage,
    gateway: Part,
    talks: list[Talk],
    session: aiohttp.ClientSession,
    environment: dict[str, str],
) -> dict[str, Any]:
    elements = Elements(session, on.settings.own_url)
    await _ask(session, on.settings.own_url, 1.0)  # what the screen needs is loaded with the first messages
    alone = _use(gateway)
    async with elements.following([talk.token for talk in talks]) as connecting:
        connected = _use(gateway)
        await asyncio.sleep(_IDLE_SECONDS)
        idle = _use(gateway)
        asking = asyncio.create_task(_ask(session, on.settings.own_url, load.messages / load.rate))
        stored = await _staff_write(load, on.folder / "talks.json", talks, environment)
        await asyncio.sleep(_SETTLE_SECONDS)
        asked, busy = await asking, _use(gateway)
        broken = elements.broken
    delays = [max(0.0, elements.arrived[words] - at) for words, at in stored.items() if words in elements.arrived]
    return {
        "database": on.settings.database_url.split(":", 1)[0].split("+", 1)[0],
        "processors": os.cpu_count(),
        "load of the machine, 1 minute": round(os.getloadavg()[0], 1),
        "streams": load.streams,
        "seconds to connect all": round(connecting, 1),
        "gateway megabytes without streams": alone.megabytes,
        "gateway megabytes with streams": idle.megabytes,
        "gateway megabytes after the messages": busy.megabytes,
        "kilobytes a stream": round((idle.megabytes - alone.megabytes) * 1024 / load.streams, 1),
        "gateway share of a core, idle streams": idle.share_since(connected),
        "gateway share of a core, messages": busy.share_since(idle),
        "staff messages": len(stored),
        "staff messages a second": load.rate,
        "staff messages lost": len(stored) - len(delays),
        "streams broken": broken,
        "seconds from stored to the stream": spread(delays),
        "seconds to answer a patient meanwhile": spread(asked),
    }


async def _staff_write(load: Load, path: Path, talks: list[Talk], environment: dict[str, str]) -> dict[str, float]:
    """When each message was stored, by its words."""
    await asyncio.to_thread(path.write_text, json.dumps([talk.reference for talk in talks]), encoding="utf-8")
    arguments = ("-m", "tools.live_load.talks", str(path), str(load.messages), str(load.rate))
    writing = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await writing.communicate()
    if writing.returncode != 0:
        raise CannotRun("the staff could not write")
    return dict(json.loads(line) for line in output.splitlines())


async def _ask(session: aiohttp.ClientSession, url: str, seconds: float) -> list[float]:
    """Seconds to the answer of each question of new patients, at a steady rate."""
    taken = []
    for _ in range(int(seconds * _QUESTIONS_A_SECOND)):
        begun = time.monotonic()
        body = {"text": "what should I wear?", "message_id": str(uuid.uuid4())}
        async with session.post(f"{url}/api/chat/messages", json=body) as response:
            await response.read()
            response.raise_for_status()
        taken.append(time.monotonic() - begun)
        await asyncio.sleep(max(0.0, begun + 1 / _QUESTIONS_A_SECOND - time.monotonic()))
    return taken


def _use(part: Part) -> Use:
    process = Path("/proc") / str(part.pid)
    pages = int((process / "statm").read_text().split()[1])
    # After the name, which may hold spaces: utime and stime are the 12th and 13th from there.
    times = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    cpu = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return Use(round(pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE, 1), cpu, time.monotonic())


if __name__ == "__main__":
    sys.exit(main())
