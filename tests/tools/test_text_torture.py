"""Texts through a company on a bad day, in short; and the judgement that must see what went wrong."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot import app
from bot.app import build_app, build_pager
from bot.channels.sms import TEXTING
from bot.settings import Settings
from bot.twilio.client import TwilioTelephony
from tools.telephone_company.texts import TextMessage
from tools.torture.texts import judge
from tools.torture.texts.crowd import Fate, Sent
from tools.torture.texts.run import Options, torture

# The clinic's clock runs so much faster: a minute without a receipt is six seconds.
_HURRY = 10
_BEGAN = datetime.now(UTC)
ANA, BEN = "+15550100201", "+15550100202"


def hurried() -> datetime:
    """The clock of the clinic and of the company."""
    return datetime.now(UTC) + (datetime.now(UTC) - _BEGAN) * _HURRY


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in vain for longer than a test may take."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(app, "utc_now", hurried)
    monkeypatch.setattr(app, "TwilioTelephony", functools.partial(TwilioTelephony, timeout=(1.0, 1.0)))


@asynccontextmanager
async def in_this_process(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Gateway and pager."""
    gateway = build_app(settings)
    runner = web.AppRunner(gateway, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    object.__setattr__(gateway[TEXTING]._parts, "answer_seconds", 0.3)
    stop = threading.Event()
    pager = asyncio.create_task(asyncio.to_thread(build_pager(settings).run, stop))
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        yield
    finally:
        stop.set()
        await pager
        await runner.cleanup()


@pytest.mark.usefixtures("in_a_hurry")
async def test_nothing_is_lost_answered_twice_or_out_of_order_on_a_bad_day() -> None:
    options = Options(texts=120, patients=25, rate=20.0, slow=0.1, slow_seconds=1.0, quiet_seconds=60.0)
    figures = await torture(options, in_this_process, hurried)
    assert judge.failures(figures) == []
    assert figures["of those in trouble"] + figures["receipts lost"] > 0
    assert figures["deliveries of webhooks"] > figures["texts"]


# -- the judgement -----------------------------------------------------------------


def texted(number: str, token: str, begun_at: float = 0.0, fate: Fate = Fate.ONCE) -> Sent:
    """A question."""
    message = TextMessage(number, "+15550100150", token, "inbound", _BEGAN)
    return Sent(number, token, fate, message, begun_at, deliveries=1, statuses=[200])


def got(number: str, body: str) -> TextMessage:
    """A text on a patient's phone."""
    return TextMessage("+15550100150", number, body, "outbound-reply", _BEGAN + timedelta(seconds=1))


def answered(number: str, token: str) -> TextMessage:
    """The answer to a question."""
    return got(number, f"Answer to: How long is a session? {token}")


GREETED = [got(ANA, "This is the automated assistant of a clinic.")]
ASKED = [texted(ANA, "T00001", 1.0), texted(ANA, "T00002", 2.0)]
BOTH = [answered(ANA, "T00001"), answered(ANA, "T00002")]


@pytest.mark.parametrize(
    ("sent", "texts", "failures"),
    [
        (ASKED, [*GREETED, *BOTH], []),
        (ASKED, [*GREETED, *BOTH[:1]], ["lost: 1"]),
        (ASKED, [*GREETED, *BOTH, BOTH[0]], ["answered twice: 1"]),
        (ASKED, [*GREETED, *BOTH[::-1]], ["patients answered out of order: 1"]),
        (ASKED, BOTH, ["never greeted: 1"]),
        (ASKED, [*GREETED, *GREETED, *BOTH], ["greeted twice: 1"]),
        (ASKED, [*GREETED, *BOTH, answered(BEN, "T00003")], ["answers that nobody asked for: 1"]),
        ([texted(ANA, "T00001", 1.0, Fate.ANSWER_LOST), ASKED[1]], [*GREETED, *BOTH[::-1]], []),
    ],
)
def test_the_judgement_sees_what_went_wrong(sent: list[Sent], texts: list[Any], failures: list[str]) -> None:
    assert judge.failures(judge.figures(sent, texts)) == failures


def test_who_was_told_that_the_database_is_away_is_not_lost() -> None:
    put_off = texted(ANA, "T00009")
    put_off.is_put_off = True
    assert judge.missing([put_off], []) == set()
