"""Which processes the cluster has, and what each is told.

Every process has a DATA_DIR of its own, as a container has. ACTIONS_URL is one
address, behind which a deployment has a service name; here each Rasa has an
action server of its own instead, and with that one gone the gateway asks the
other Rasa.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.kept_keys import new_data_key
from bot.safety.joined import MODEL_VARIABLE
from bot.settings import SETTINGS, Settings
from bot.supervise.serve import ENVIRONMENT
from bot.supervise.training import screen_model_path
from tests.harness.settings import free_ports
from tools.cluster.processes import Command

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each."""

    gateways: int = 2
    rasas: int = 2
    pagers: int = 2


@dataclass(frozen=True, slots=True)
class Keys:
    """What all processes share."""

    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    data: str = field(default_factory=new_data_key, repr=False)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen, on the loopback address."""

    gateways: Sequence[int]
    rasas: Sequence[int]
    actions: Sequence[int]

    @classmethod
    def free(cls, size: Size, first: int | None = None) -> Ports:
        """Ports that nobody listens on; `first` is that of the first gateway, the others follow it."""
        found = free_ports(size.gateways + 2 * size.rasas)
        own, rest = found[: size.gateways], found[size.gateways :]
        gateways = own if first is None else list(range(first, first + size.gateways))
        return cls(gateways, rest[: size.rasas], rest[size.rasas :])

    @property
    def gateway_urls(self) -> tuple[str, ...]:
        """Where patients and staff come in."""
        return tuple(f"http://{_HOST}:{port}" for port in self.gateways)


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of a cluster is."""

    folder: Path
    settings: Settings
    database_url: str = field(repr=False)
    redis_url: str
    ports: Ports
    keys: Keys = field(default_factory=Keys)
    # What the operator of this cluster sets besides.
    extra: Mapping[str, str] = field(default_factory=dict)

    def command(self, name: str, what: str, **variables: str) -> Command:
        """`python -m bot WHAT`, with variables of its own."""
        data = self.folder / "data" / name
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        environment = {**self._environment(), "DATA_DIR": str(data), **variables}
        return Command(name, (sys.executable, "-m", "bot", what), self.logs / f"{name}.log", environment)

    @property
    def logs(self) -> Path:
        """Of every process one."""
        return self.folder / "logs"

    def _environment(self) -> dict[str, str]:
        return {
            **without_ours(),
            **ENVIRONMENT,
            MODEL_VARIABLE: str(screen_model_path(self.settings)),
            "MODELS_DIR": str(self.settings.models_dir),
            "CLINIC_FILE": str(self.settings.clinic_file),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": self.keys.secret,
            "DATA_KEYS": self.keys.data,
            "RASA_URLS": ",".join(f"http://{_HOST}:{port}" for port in self.ports.rasas),
            "CANARY_HOURS": "0",
            **self.extra,
        }


def without_ours() -> dict[str, str]:
    """The environment without settings of whoever started this."""
    ours = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")}
    return {name: value for name, value in os.environ.items() if name not in {*ours, MODEL_VARIABLE}}


def commands(place: Place, size: Size) -> list[Command]:
    """All processes but the databases, in the order in which they are started."""
    ports = place.ports
    actions_urls = [f"http://{_HOST}:{port}" for port in ports.actions]
    public = {"PUBLIC_URL": ports.gateway_urls[0], "ACTIONS_URL": actions_urls[0], **place.extra}
    return [
        *(
            place.command(f"gateway-{n}", "gateway", **{**public, "PORT": str(port)})
            for n, port in enumerate(ports.gateways, 1)
        ),
        *(place.command(f"pager-{n}", "pager", **public) for n in range(1, size.pagers + 1)),
        *(place.command(f"actions-{n}", "actions", ACTIONS_PORT=str(port)) for n, port in enumerate(ports.actions, 1)),
        *(
            place.command(f"rasa-{n}", "rasa", RASA_PORT=str(port), ACTIONS_URL=url)
            for n, (port, url) in enumerate(zip(ports.rasas, actions_urls, strict=True), 1)
        ),
    ]
