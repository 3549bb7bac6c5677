"""A drill goes the whole way, names the link that is broken, wakes nobody, and cannot be forged."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot import canary
from bot.app import build_house, build_pager
from bot.canary import HEADER, Canary, Link, signature
from bot.domain.clock import utc_now
from bot.domain.errors import AlreadyTaken
from bot.domain.escalation import Outcome, Status
from bot.services.notices import Notices
from bot.settings import Settings
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.test_web import DATABASE_AWAY, REPORT
from tests.harness.settings import ON_CALL

LINKS = [
    "report is taken in, screened and answered",
    "page is sent",
    "link acknowledges",
    "patient is told",
    "case is closed",
]


@dataclass(frozen=True)
class Drill:
    """The parts of a drill against a gateway; each can be changed for one that is broken."""

    base_url: str
    key: bytes
    page_of: Callable[[str], str | None]
    link_of: Callable[[str], str]
    resolve: Callable[[str, Outcome], object]

    async def run(self, **changes: Any) -> list[Link]:
        """What it says of each link."""
        parts = replace(self, **changes)
        drill = Canary(parts.base_url, parts.key, parts.page_of, parts.link_of, parts.resolve)
        return await asyncio.to_thread(lambda: list(drill.run()))


def drill_of(gateway: Gateway, settings: Settings | None = None) -> Drill:
    """As the command line has it, with a pager whose turns are the test's."""
    settings = settings or gateway.settings
    house, pager = build_house(settings), build_pager(settings)
    base_url = str(gateway.client.make_url("")).rstrip("/")

    def page_of(reference: str) -> str | None:
        pager.once()
        return house.desk.sent_page(reference)

    return Drill(
        base_url=base_url,
        key=settings.secret_key,
        page_of=page_of,
        link_of=lambda page: f"{base_url}/staff/pages/{house.links.token_for_an_hour(page, utc_now())}",
        resolve=lambda reference, outcome: house.handling.resolve(reference, "canary", outcome, "drill"),
    )


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is sent is sent in the first turn of the test's pager."""
    monkeypatch.setattr(canary, "_PAGE_WITHIN_SECONDS", 0.3)


@pytest.fixture
def drill(gateway: Gateway) -> Drill:
    """Nothing is broken."""
    return drill_of(gateway)


def cases(gateway: Gateway) -> list[tuple[Status, bool]]:
    """Status of every case that is stored, and whether it is a drill's."""
    with build_house(gateway.settings).unit_of_work() as uow:
        return [(case.status, case.canary) for case in uow.escalations.listing(include_resolved=True, canaries=True)]


# -- all is well ---------------------------------------------------------------


async def test_a_drill_tries_every_link_in_order(drill: Drill) -> None:
    links = await drill.run()
    assert [(link.name, link.problem) for link in links] == [(name, None) for name in LINKS]
    assert all(link.seconds >= 0 for link in links)


async def test_a_drill_is_listed_nowhere(gateway: Gateway, drill: Drill) -> None:
    await drill.run()
    assert cases(gateway) == [(Status.RESOLVED, True)]
    assert build_house(gateway.settings).desk.listing(include_resolved=True) == ()


async def test_one_drill_after_the_other_is_a_new_case(gateway: Gateway, drill: Drill) -> None:
    assert [link.problem for _ in range(2) for link in await drill.run()] == [None] * 10
    assert cases(gateway) == [(Status.RESOLVED, True)] * 2


async def test_a_drill_wakes_nobody_and_a_report_does(start_gateway: StartGateway, aiohttp_server: Any) -> None:
    rang: list[str] = []

    async def ring(request: web.Request) -> web.Response:
        rang.append((await request.json())["message"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/", ring)
    phone = await aiohttp_server(app)
    people = {"noor": {"name": "Noor", "role": "nurse", "contacts": ["url:PAGE_NOOR"]}}
    gateway = await start_gateway(
        {"on_call": {**ON_CALL, "people": people}}, PAGE_NOOR=f"json://127.0.0.1:{phone.port}/"
    )
    assert (await drill_of(gateway).run())[-1].problem is None
    assert rang == []
    answer = await gateway.say(REPORT)
    pager = build_pager(gateway.settings)
    async with asyncio.timeout(20):
        while not rang:
            await asyncio.to_thread(pager.once)
    assert answer.body["escalation"]["reference"] in rang[0]


# -- a link is broken ----------------------------------------------------------


async def broken(drill: Drill, **changes: Any) -> tuple[str, str]:
    """The last link and its problem; all before it were good."""
    *good, last = await drill.run(**changes)
    assert [(link.name, link.problem) for link in good] == [(name, None) for name in LINKS[: len(good)]]
    assert last.name == LINKS[len(good)]
    assert last.problem is not None
    return last.name, last.problem


async def test_a_gateway_that_does_not_answer_is_named(drill: Drill) -> None:
    name, _ = await broken(drill, base_url=f"http://127.0.0.1:{unused_port()}")
    assert name == LINKS[0]


async def test_a_screen_that_does_not_find_the_report_is_named(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "TEXT", "How long is a session?")
    assert await broken(drill) == (
        LINKS[0],
        "the report was not escalated: the screen did not find it, or nothing could be stored",
    )


async def test_a_database_that_is_away_is_named(start_gateway: StartGateway) -> None:
    drill = drill_of(await start_gateway(DATABASE_URL=DATABASE_AWAY))
    name, problem = await broken(drill)
    assert (name, "nothing could be stored" in problem) == (LINKS[0], True)


async def test_another_key_than_the_gateways_is_no_drill_and_is_named(start_gateway: StartGateway) -> None:
    """It would have been a real report: the gateway does not know it as its own."""
    gateway = await start_gateway()
    name, _ = await broken(drill_of(gateway), key=b"another key", page_of=lambda _: None)
    assert name == LINKS[1]
    assert cases(gateway) == [(Status.RESOLVED, False)]


async def test_a_pager_that_is_not_at_work_is_named(gateway: Gateway, drill: Drill) -> None:
    house = build_house(gateway.settings)
    name, problem = await broken(drill, page_of=house.desk.sent_page)
    assert name == LINKS[1]
    assert "is the pager running?" in problem


async def test_a_link_that_does_not_acknowledge_is_named(drill: Drill) -> None:
    name, problem = await broken(drill, link_of=lambda page: f"{drill.base_url}/staff/pages/{page}")
    assert (name, "410" in problem) == (LINKS[2], True)


@pytest.mark.parametrize("notice", ["paged", "seen"])
async def test_a_patient_who_is_not_told_is_named(drill: Drill, monkeypatch: pytest.MonkeyPatch, notice: str) -> None:
    monkeypatch.setattr(Notices, notice, lambda *_: None)
    assert await broken(drill) == (LINKS[3], f"the patient was not told: notice/{notice}")


async def test_a_case_that_cannot_be_closed_is_named(drill: Drill) -> None:
    def taken(reference: str, _: Outcome) -> None:
        raise AlreadyTaken(reference, "Noor")

    name, problem = await broken(drill, resolve=taken)
    assert (name, "is already with Noor" in problem) == (LINKS[4], True)


async def test_a_drill_that_fails_leaves_no_open_case(gateway: Gateway, drill: Drill) -> None:
    await broken(drill, page_of=lambda _: None)
    assert cases(gateway) == [(Status.RESOLVED, True)]


async def test_without_a_database_a_drill_sounds_no_alarm_and_a_report_does(
    start_gateway: StartGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    caplog.set_level(logging.WARNING, "pager")
    await broken(drill_of(gateway))
    await gateway.say(REPORT)
    async with asyncio.timeout(20):
        while not (pages := [record for record in caplog.records if record.name == "pager"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len(pages) == 1


# -- nobody else makes one -----------------------------------------------------


def headers_of_others(key: bytes) -> dict[str, Callable[[str], str]]:
    """What a client might send, by the message's id."""
    return {
        "any text": lambda _: "1",
        "nothing": lambda _: "",
        "another message's": lambda _: signature(key, str(uuid.uuid4())),
        "another key's": lambda message_id: signature(b"another key", message_id),
        "cut short": lambda message_id: signature(key, message_id)[:-1],
        "not ASCII": lambda _: "\u00fc" * 64,
    }


@pytest.mark.parametrize("header", headers_of_others(b""))
async def test_a_client_cannot_have_a_report_taken_for_a_drill(gateway: Gateway, header: str) -> None:
    message_id = str(uuid.uuid4())
    forged = headers_of_others(gateway.settings.secret_key)[header](message_id)
    answer = await gateway.request(
        "POST", MESSAGES, json={"text": REPORT, "message_id": message_id}, headers={HEADER: forged}
    )
    assert answer.body["escalation"]["tier"] == "emergency"
    assert cases(gateway) == [(Status.OPEN, False)]


async def test_the_same_words_without_a_signature_are_a_report(gateway: Gateway) -> None:
    message_id = str(uuid.uuid4())
    signed = {HEADER: signature(gateway.settings.secret_key, message_id)}
    await gateway.request("POST", MESSAGES, json={"text": canary.TEXT, "message_id": message_id}, headers=signed)
    await gateway.say(canary.TEXT)
    assert sorted(cases(gateway)) == [(Status.OPEN, False), (Status.OPEN, True)]
