"""Patients who report something severe over HTTP, and try again like a real client when nothing comes back."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp

from bot.domain.escalation import REFERENCE_LENGTH
from bot.domain.texts import TEXTS

# Found by the clinical rules alone, so that a run needs no trained model.
REPORTS = (
    "I can't breathe.",
    "My chest hurts and it goes down my left arm.",
    "She collapsed and does not answer.",
    "I am going to kill myself tonight.",
    "He is having a seizure right now.",
    "No puedo respirar.",
)
# What is asked beside goes to Rasa, after the report is safe.
_BESIDE = " What should I wear to the appointment?"
_WITH_QUESTION = 0.25
_REPEATED = 0.2
_TRY_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 3.0
_REFERENCE = re.compile(rf"\b[3479ACDEFGHJKMNPQRTWXY]{{{REFERENCE_LENGTH}}}\b")
_NOT_STORED = tuple(texts.not_stored.partition(".")[0] for texts in TEXTS.values())


@dataclass
class Report:
    """One report, and what its patient was told. Times in seconds since 1970."""

    text: str
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    begun_at: float = 0.0
    accepted_at: float | None = None
    tries: int = 0
    promised: set[str] = field(default_factory=set)
    told_not_stored: bool = False
    without_safety_text: bool = False


def make_reports(count: int, random: Random) -> list[Report]:
    """So many, some with a question beside."""
    return [
        Report(random.choice(REPORTS) + (_BESIDE if random.random() < _WITH_QUESTION else "")) for _ in range(count)
    ]


class Crowd:
    """Sends reports at a rate; each patient goes on until an answer comes or patience ends."""

    def __init__(self, base_url: str, random: Random, patience_seconds: float = 180.0) -> None:
        self._url = f"{base_url}/api/chat/messages"
        self._random = random
        self._patience = patience_seconds

    async def send(self, reports: list[Report], rate: float, sent: Callable[[int], None] = lambda count: None) -> None:
        """All of them, `rate` a second; `sent` hears how many have begun."""
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=_TRY_SECONDS)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            asyncio.TaskGroup() as tasks,
        ):
            begin = asyncio.get_running_loop().time()
            for number, report in enumerate(reports):
                await asyncio.sleep(begin + number / rate - asyncio.get_running_loop().time())
                tasks.create_task(self._report(session, report))
                sent(number + 1)

    async def _report(self, session: aiohttp.ClientSession, report: Report) -> None:
        report.begun_at = time.time()
        await self._until_answered(session, report)
        if report.accepted_at is not None and self._random.random() < _REPEATED:
            await self._until_answered(session, report)  # the answer was lost on the way: the same message again

    async def _until_answered(self, session: aiohttp.ClientSession, report: Report) -> None:
        pause = 0.25
        while time.time() - report.begun_at < self._patience:
            report.tries += 1
            answer = await self._try(session, report)
            if answer is not None:
                _hear(report, answer)
                return
            await asyncio.sleep(pause * self._random.uniform(0.5, 1.5))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _try(self, session: aiohttp.ClientSession, report: Report) -> dict[str, Any] | None:
        """The body of a 2xx; None for everything else."""
        body = {"text": report.text, "message_id": report.message_id}
        try:
            async with session.post(self._url, json=body) as response:
                answer: dict[str, Any] | None = await response.json() if response.ok else None
                return answer
        except (aiohttp.ClientError, TimeoutError):
            return None


def _hear(report: Report, answer: dict[str, Any]) -> None:
    report.accepted_at = report.accepted_at or time.time()
    text = " ".join(reply["text"] for reply in answer["replies"])
    report.promised.update(_REFERENCE.findall(text))
    if answer["escalation"]:
        report.promised.add(answer["escalation"]["reference"])
    report.told_not_stored |= any(said in text for said in _NOT_STORED)
    report.without_safety_text |= not answer["replies"] or answer["replies"][0]["kind"] != "safety"
