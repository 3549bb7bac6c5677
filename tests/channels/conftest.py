"""The real gateway on a temporary database, with a Rasa that says what it is told to."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp.test_utils import TestClient, TestServer, unused_port
from aiohttp.typedefs import LooseHeaders
from yarl import URL

from bot.app import build_app
from bot.settings import Settings, load_settings
from tests.channels import contract
from tests.channels.fake_rasa import FakeRasa
from tests.harness.settings import DATA_KEY, ON_CALL, SECRET

MESSAGES = "/api/chat/messages"
CLINIC = {"name": "Cleo's Clinic", "phone": "+1 555-010-0123"}


@dataclass(frozen=True)
class Response:
    """A response whose JSON was held against the contract."""

    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.body["error"]["code"])

    @property
    def texts(self) -> str:
        """Everything that was said."""
        return "\n".join(reply["text"] for reply in self.body["replies"])


class Gateway:
    """A client of the gateway; checks every JSON response against docs/openapi.yaml."""

    def __init__(self, client: TestClient[Any, Any], settings: Settings) -> None:
        self.client = client
        self.settings = settings

    async def request(self, method: str, path: str | URL, **options: Any) -> Response:
        """Any request; the response must be JSON as the contract says."""
        async with self.client.request(method, path, **options) as response:
            body = await response.json()
            contract.check(method, str(path), response.status, body)
            return Response(response.status, body, response.headers)

    async def say(self, text: str, conversation_id: str | None = None, message_id: str | None = None) -> Response:
        """One message, as a well-behaved client sends it."""
        body = {"text": text, "message_id": message_id or str(uuid.uuid4())}
        if conversation_id is not None:
            body["conversation_id"] = conversation_id
        return await self.request("POST", MESSAGES, json=body)

    async def send(self, body: Any, **fields: Any) -> Response:
        """A body as it is (bytes, or JSON), with a content type of JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers: LooseHeaders = {"Content-Type": "application/json"}
        return await self.request("POST", MESSAGES, data=data, **{"headers": headers, **fields})


StartGateway = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    """What Rasa is told to say is set on this."""
    fake = FakeRasa()
    yield fake
    fake.release()


@pytest.fixture
async def start_gateway(
    tmp_path: Path, rasa: FakeRasa, aiohttp_server: Any, aiohttp_client: Any
) -> AsyncIterator[StartGateway]:
    """Start a gateway; arguments change `clinic.yml` or, in capitals, the environment."""
    server: TestServer[Any] = await aiohttp_server(rasa.app())

    async def start(clinic: dict[str, Any] | None = None, **environment: str) -> Gateway:
        file = tmp_path / "clinic.yml"
        file.write_text(yaml.safe_dump({**CLINIC, "on_call": ON_CALL, **(clinic or {})}), encoding="utf-8")
        settings = load_settings(
            {
                "DATA_DIR": str(tmp_path / "data"), "CLINIC_FILE": str(file), "SECRET_KEY": SECRET, "DATA_KEYS": DATA_KEY,
                "RASA_PORT": str(server.port), "ACTIONS_PORT": str(unused_port()), **environment,
            }
        )  # fmt: skip
        # Nobody waits a second (the least that can be set) for a server that hangs on purpose.
        settings = replace(settings, dialogue_timeout=0.3)
        return Gateway(await aiohttp_client(build_app(settings)), settings)

    yield start
    rasa.release()


@pytest.fixture
async def actions_port(aiohttp_server: Any) -> str:
    """The port of an action server that works."""
    server: TestServer[Any] = await aiohttp_server(FakeRasa().app())
    return str(server.port)


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway with nothing special."""
    return await start_gateway()
