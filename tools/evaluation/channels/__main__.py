"""The labelled sets through the web API, signed SMS webhooks, and voice: python -m tools.evaluation.channels

Starts an assistant of its own with the pretend telephone company; prints a table
and writes reports/channels.json. No message is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import build_house
from bot.domain.conversation import ConversationTokens
from bot.settings import ROOT, load_settings
from tools.demo.cast import CLINIC_NUMBER
from tools.demo.product import Product
from tools.evaluation.channels.judging import SETS, Sample, Seen, accuracy, compared, is_said, percentile
from tools.evaluation.channels.players import Numbers, Player, Sms, Stored, Voice, Web
from tools.evaluation.data import FINAL, questions
from tools.evaluation.safety.messages import FILES, messages
from tools.telephone_company import TelephoneCompany

_OUT = ROOT / "reports" / "channels.json"
_AT_ONCE = 4
_START_SECONDS = 300.0
_GOAL_POINTS = 2.0


def samples(every: int) -> list[Sample]:
    """Questions and single messages of the sets that nothing was trained on, each `every`-th of a group."""
    found = [Sample(q.text, q.label, "questions") for q in questions([FINAL]) if q.group == "faq"]
    for message in messages(FILES[-1]):
        if not message.turns:
            group = "reports" if message.is_report else "harmless"
            found.append(Sample(message.text, message.tier, group))
    return [sample for group in SETS for sample in [s for s in found if s.group == group][::every]]


async def _play_all(player: Player, played: Sequence[Sample]) -> list[Seen]:
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(sample: Sample) -> Seen:
        async with free:
            try:
                came = await player.play(sample.text)
            except (TimeoutError, aiohttp.ClientError, AssertionError):
                return Seen((), None, False, False)
        tier = came.escalation.tier if came.escalation else None
        reference = came.escalation.reference if came.escalation and came.escalation.tier.wakes_staff else None
        topics = tuple(reply.topic or "" for reply in came.replies)
        return Seen(topics, tier, came.asked_back, is_said(came.wire, reference))

    return await asyncio.gather(*map(one, played))


async def _latency(company: TelephoneCompany, texts: Sequence[str], rate: float, seconds: float) -> dict[str, float]:
    """Texts at a steady rate, whatever the answers take; how long each webhook was open, in milliseconds."""
    numbers, took, tasks = Numbers(5550170000), list[float](), list[asyncio.Task[None]]()

    async def one(text: str) -> None:
        draft = company.phone(numbers.next()).writes(text)
        began = time.monotonic()
        delivery = await draft.arrives()
        if delivery.status == 200:
            took.append(1000 * (time.monotonic() - began))

    began = time.monotonic()
    for place in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + place / rate - time.monotonic()))
        tasks.append(asyncio.create_task(one(texts[place % len(texts)])))
    await asyncio.gather(*tasks)
    p50, p95 = (round(percentile(took, share), 1) for share in (0.5, 0.95))
    return {"sent": len(tasks), "answered": len(took), "a_second": rate, "p50_ms": p50, "p95_ms": p95}


async def _measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    clinic, rasa, actions = _free_ports()
    product = Product(folder, clinic, (rasa, actions))
    product.prepare()
    company = TelephoneCompany(CLINIC_NUMBER)
    await company.open()
    company.serves(product.url)
    environment = company.environment()
    running = asyncio.ensure_future(product.run(environment, lambda _: None))
    try:
        await _until_ready(product, running)
        settings = load_settings(product.environment(environment))
        stored, tokens = Stored(build_house(settings).readers), ConversationTokens(settings.secret_key)
        played = samples(options.every)
        async with aiohttp.ClientSession() as session:
            players: tuple[Player, ...] = (
                Web(product.url, session, stored, tokens),
                Sms(company, Numbers(5550110000), stored),
                Voice(company, Numbers(5550130000), stored),
            )
            shares = {}
            for player in players:
                print(f"{player.name}: {len(played)} messages …", flush=True)
                shares[player.name] = accuracy(played, await _play_all(player, played))
        asked = [sample.text for sample in played if sample.group == "questions"]
        latency = await _latency(company, asked, options.rate, options.seconds)
        return {"channels": compared(shares), "webhook_latency": latency}
    finally:
        await product.stop()
        await running
        await company.close()


async def _until_ready(product: Product, running: asyncio.Future[int]) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while not product.is_ready:
            if running.done():
                raise OSError("the assistant did not start")
            await asyncio.sleep(0.2)


def _free_ports() -> list[int]:
    sockets = [socket.socket() for _ in range(3)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _show(figures: dict[str, Any]) -> bool:
    """Print the table; whether every channel is as good as the web, within two points."""
    good = True
    for channel, groups in figures["channels"].items():
        for group, row in groups.items():
            good = good and row["points_from_web"] >= -_GOAL_POINTS
            print(
                f"{channel:6} {group:10} {row['right']:4} of {row['of']:4}  {row['percent']:5.1f} %  {row['points_from_web']:+.1f}"
            )
    latency = figures["webhook_latency"]
    print(
        f"SMS webhook at {latency['a_second']:g} a second: {latency['answered']} of {latency['sent']} answered, "
        f"p50 {latency['p50_ms']:g} ms, p95 {latency['p95_ms']:g} ms"
    )
    return good


def main() -> int:
    """0 when SMS and voice are within two points of the web."""
    parser = argparse.ArgumentParser(prog="python -m tools.evaluation.channels", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="play only each n-th message")
    parser.add_argument("--rate", type=float, default=20.0, help="texts a second while latency is measured")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long that takes")
    parser.add_argument("--out", type=Path, default=_OUT, help="where the figures go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_measure(options, Path(folder)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if _show(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
