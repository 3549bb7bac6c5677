"""The real gateway with the staff console, on a temporary database and a clock that a test moves."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp.test_utils import unused_port

from bot import app as composition
from bot.settings import Settings, load_settings
from tests.harness.cast import CLINIC
from tests.harness.clock import FakeClock
from tests.harness.console import HASHER, ConsoleHouse
from tests.harness.settings import ON_CALL, environment

StartConsole = Callable[..., Awaitable[ConsoleHouse]]


def _settings(folder: Path, section: dict[str, object], **changes: str) -> Settings:
    clinic = {"name": CLINIC.name, "phone": CLINIC.phone, "on_call": ON_CALL, "time_zone": "America/Chicago"}
    variables = environment(folder, **changes)
    Path(variables["CLINIC_FILE"]).write_text(yaml.safe_dump({**clinic, "console": section}), encoding="utf-8")
    return load_settings(variables)


@pytest.fixture
async def start_console(
    tmp_path: Path, template: Path, clock: FakeClock, aiohttp_server: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StartConsole]:
    """Start a gateway; `console` is that section of clinic.yml, in capitals the environment is changed."""
    houses: list[ConsoleHouse] = []
    # Its clock and its passwords are the test's.
    monkeypatch.setattr(composition, "utc_now", clock)
    monkeypatch.setattr(composition, "Argon2Hasher", lambda: HASHER)

    async def start(console: dict[str, object] | None = None, **changes: str) -> ConsoleHouse:
        database = tmp_path / f"console-{len(houses)}.db"
        shutil.copyfile(template, database)
        section = {"second_factor": "optional"} if console is None else console
        port = unused_port()
        settings = _settings(tmp_path, section, DATABASE_URL=f"sqlite:///{database}", PORT=str(port), **changes)
        app = composition.build_app(settings)
        server = await aiohttp_server(app, port=port)
        house = ConsoleHouse(str(server.make_url("")).rstrip("/"), app, settings, clock)
        houses.append(house)
        return house

    yield start
    for house in houses:
        await house.close()


@pytest.fixture
async def console(start_console: StartConsole) -> ConsoleHouse:
    """A console with nothing special; the second factor is optional."""
    return await start_console()
