"""Alive, and ready with each part by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.app import build_house
from bot.domain.clock import utc_now
from bot.services.pager_process import SILENT_AFTER, PagerProcess
from tests.channels.conftest import Gateway, StartGateway
from tests.channels.fake_rasa import FakeRasa
from tests.channels.test_web import DATABASE_AWAY


def checks(**ok: bool) -> dict[str, dict[str, bool]]:
    """As /readyz writes it; what is not named works."""
    return {name: {"ok": ok.get(name, True)} for name in ("pager", "screen", "database", "rasa", "actions")}


def pager_is_at_work(gateway: Gateway, ago: timedelta = timedelta(0)) -> None:
    """One turn of a pager that has nothing to do."""
    PagerProcess(build_house(gateway.settings).unit_of_work, lambda: utc_now() - ago, ()).once()


async def test_it_is_ready_when_every_part_works(start_gateway: StartGateway, actions_port: str) -> None:
    gateway = await start_gateway(ACTIONS_PORT=actions_port)
    pager_is_at_work(gateway)
    ready = await gateway.request("GET", "/readyz")
    assert (ready.status, ready.body) == (200, {"ready": True, "checks": checks()})
    assert ready.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("rasa", {"RASA_PORT": "9"}),
        ("actions", {"ACTIONS_PORT": "9"}),
    ],
)
async def test_the_part_that_is_down_is_named(
    start_gateway: StartGateway, actions_port: str, name: str, environment: dict[str, str]
) -> None:
    gateway = await start_gateway(**{"ACTIONS_PORT": actions_port, **environment})
    pager_is_at_work(gateway)
    ready = await gateway.request("GET", "/readyz")
    assert (ready.status, ready.body) == (503, {"ready": False, "checks": checks(**{name: False})})


async def test_without_the_database_nobody_is_paged_either(start_gateway: StartGateway, actions_port: str) -> None:
    gateway = await start_gateway(ACTIONS_PORT=actions_port, DATABASE_URL=DATABASE_AWAY)
    ready = await gateway.request("GET", "/readyz")
    assert (ready.status, ready.body) == (503, {"ready": False, "checks": checks(database=False, pager=False)})


async def test_a_pager_that_was_never_at_work_is_named(start_gateway: StartGateway, actions_port: str) -> None:
    gateway = await start_gateway(ACTIONS_PORT=actions_port)
    ready = await gateway.request("GET", "/readyz")
    assert (ready.status, ready.body) == (503, {"ready": False, "checks": checks(pager=False)})


@pytest.mark.parametrize(("ago", "ok"), [(SILENT_AFTER / 2, True), (SILENT_AFTER * 2, False)])
async def test_a_pager_that_has_fallen_silent_is_named(
    start_gateway: StartGateway, actions_port: str, ago: timedelta, ok: bool
) -> None:
    gateway = await start_gateway(ACTIONS_PORT=actions_port)
    pager_is_at_work(gateway, ago)
    assert (await gateway.request("GET", "/readyz")).body["checks"] == checks(pager=ok)


async def test_a_rasa_that_only_fails_is_not_ready(start_gateway: StartGateway, rasa: FakeRasa) -> None:
    rasa.status = 500
    ready = await (await start_gateway()).request("GET", "/readyz")
    assert ready.body["checks"]["rasa"] == {"ok": False}


async def test_it_is_alive_even_when_every_part_is_down(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(DATABASE_URL=DATABASE_AWAY, RASA_PORT="9", ACTIONS_PORT="10")
    alive = await gateway.request("GET", "/healthz")
    assert (alive.status, alive.body) == (200, {"alive": True})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_is_only_read(start_gateway: StartGateway, path: str) -> None:
    refused = await (await start_gateway()).request("POST", path)
    assert (refused.status, refused.code) == (405, "method_not_allowed")
