"""A clinic of the run's own: its settings, whom it pages, and where the pages go."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.safety.joined import MODEL_VARIABLE
from bot.settings import SETTINGS, Settings, load_settings
from bot.supervise.serve import ENVIRONMENT
from bot.supervise.training import screen_model_path
from tests.harness.pager_service import PagerService, Received

_PEOPLE = ("noor", "lee", "kim")
_PAGE = re.compile(r"report ([A-Z0-9]+)\b.*/staff/pages/([0-9a-f]+)\.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A page that the provider took. `page_id` is the same when the same step is sent again."""

    reference: str
    page_id: str
    person: str
    at: float


def prepare(
    folder: Path,
    database_url: str,
    provider: PagerService,
    ladder: Sequence[Mapping[str, Any]],
    sections: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Settings in `folder`; `ladder` holds the steps of every tier, as in `clinic.yml`, `sections` what else is in it."""
    policy = {"steps": list(ladder), "rounds": 1, "pause": 60}
    limits = {"answer": 60, "take_over": 60, "first_message": 60, "close": 60}
    clinic = {
        "name": "Torture Test Clinic",
        "phone": "+1 555-010-0177",
        "on_call": {
            "people": {
                name: {"name": name.title(), "role": "nurse", "contacts": [f"url:PAGE_{name.upper()}"]}
                for name in _PEOPLE
            },
            "ladder": {"emergency": policy, "urgent": policy},
            "limits": {"emergency": limits, "urgent": limits},
            "last_resort": ["kim"],
        },
        **(sections or {}),
    }
    path = folder / "clinic.yml"
    path.write_text(yaml.safe_dump(clinic), encoding="utf-8")
    ports = map(str, _free_ports(3))
    return load_settings(
        {
            **{name: os.environ[name] for name in ("MODELS_DIR", "MODELS_DIR_FILE") if name in os.environ},
            **dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), ports, strict=True)),
            **_page_urls(provider),
            "CLINIC_FILE": str(path),
            "DATA_DIR": str(folder / "var"),
            "DATABASE_URL": database_url,
            "CANARY_HOURS": "0",
            **(environment or {}),
        }
    )


def child_environment(settings: Settings, provider: PagerService) -> dict[str, str]:
    """For every process of the run: nothing of whoever started it leaks in."""
    names = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")}
    model = screen_model_path(settings)
    return {
        **{name: value for name, value in os.environ.items() if name not in {*names, MODEL_VARIABLE}},
        **ENVIRONMENT,
        **_page_urls(provider),
        **({MODEL_VARIABLE: str(model)} if model.exists() else {}),
        "PORT": str(settings.port),
        "RASA_PORT": str(settings.rasa_port),
        "ACTIONS_PORT": str(settings.actions_port),
        "CLINIC_FILE": str(settings.clinic_file),
        "DATA_DIR": str(settings.data_dir),
        "MODELS_DIR": str(settings.models_dir),
        "DATABASE_URL": settings.database_url,
    }


def whole(accepted: Sequence[Received]) -> list[Received]:
    """Without requests that broke off after their head, because the pager was killed: nobody was paged by those."""
    return [received for received in accepted if received.payload is not None]


def pages(accepted: Sequence[Received]) -> list[PageSeen]:
    """The pages among what the provider took; one without a reference was sent past the database."""
    return [
        PageSeen(found[1], found[2], received.path.strip("/"), received.at)
        for received in whole(accepted)
        if (found := _PAGE.search(received.payload["message"]))
    ]


def _page_urls(provider: PagerService) -> dict[str, str]:
    return {f"PAGE_{name.upper()}": provider.apprise_url(f"/{name}") for name in _PEOPLE}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
