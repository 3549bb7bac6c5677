"""Who is alive, as whoever starts processes again asks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot import probe
from bot.app import build_pager
from bot.settings import ROOT
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from tests.harness.settings import make_settings

NOBODY = "9"


async def _ask(name: str, environment: Mapping[str, str]) -> bool:
    """In a thread: the server that is asked runs in this loop."""
    return await asyncio.to_thread(probe.is_alive, name, environment)


@pytest.fixture
async def port(aiohttp_server: Any) -> str:
    """Of a server that says it is there, wherever the three are asked."""

    async def there(_: web.Request) -> web.Response:
        return web.json_response({})

    app = web.Application()
    app.add_routes([web.get(path, there) for path in ("/healthz", "/webhooks/rest/", "/health")])
    return str((await aiohttp_server(app)).port)


@pytest.mark.parametrize(
    ("name", "variable"), [("gateway", "PORT"), ("rasa", "RASA_PORT"), ("actions", "ACTIONS_PORT")]
)
async def test_a_server_that_answers_is_alive(name: str, variable: str, port: str) -> None:
    everywhere = {"HOST": "0.0.0.0", "INTERNAL_HOST": "0.0.0.0"}  # noqa: S104 - where a container listens
    assert await _ask(name, {variable: port, **everywhere})
    assert not await _ask(name, {variable: NOBODY})


async def test_a_server_that_says_something_else_is_not(aiohttp_server: Any) -> None:
    assert not await _ask("gateway", {"PORT": str((await aiohttp_server(web.Application())).port)})


def test_a_pager_is_alive_once_it_has_done_a_turn(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    environment = {"DATA_DIR": str(settings.data_dir)}
    assert not probe.is_alive("pager", environment)
    upgrade(create_engine(settings.database_url))
    assert build_pager(settings).once() == 0
    assert probe.is_alive("pager", environment)


def test_a_pager_that_hangs_is_not(tmp_path: Path) -> None:
    sign = tmp_path / probe.PAGER_SIGN
    sign.touch()
    os.utime(sign, (sign.stat().st_mtime - 61,) * 2)
    assert not probe.is_alive("pager", {"DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python -m bot gateway", "gateway"),
        ("/sbin/docker-init -- python -m bot pager", "pager"),
        ("/opt/venv/bin/python -m rasa run --model models/assistant.tar.gz", "rasa"),
        ("/opt/venv/bin/python -m bot.talks.actions_server", "actions"),
        ("/bin/bash", None),
    ],
)
def test_the_process_of_a_container_is_recognised(command: str, name: str | None) -> None:
    assert probe.running(command.replace(" ", "\0") + "\0") == name


@pytest.mark.parametrize(("name", "status"), [("gateway", 1), ("pager", 1), ("proxy", 2)])
def test_the_exit_status_says_it(name: str, status: int, tmp_path: Path) -> None:
    environment = {**os.environ, "PORT": NOBODY, "DATA_DIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-m", "bot.probe", name], cwd=ROOT, env=environment, check=False)
    assert run.returncode == status
