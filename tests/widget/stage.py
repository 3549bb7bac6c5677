"""The gateway, and beside it the clinic's own site, on ports of their own."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
import yaml
from aiohttp import web
from sqlalchemy.engine import Engine

from bot.app import House, build_app, build_house, build_pager
from bot.domain.clock import utc_now
from bot.domain.conversation import ConversationTokens
from bot.services.forgetting import Forgetter
from bot.settings import Settings, load_settings
from bot.storage import tables
from bot.storage.engine import create_engine
from tests.channels.fake_rasa import FakeRasa
from tests.harness.pager_service import pager_service

T = TypeVar("T")

PAGES = Path(__file__).parent / "pages"
CLINIC = {"name": "Cleo's Clinic", "phone": "+1 555-010-0123"}
ON_CALL = {
    "people": {"noor": {"name": "Noor", "role": "nurse", "contacts": ["url:PAGE_NOOR"]}},
    "ladder": {tier: {"steps": [{"page": ["noor"]}]} for tier in ("emergency", "urgent")},
    "last_resort": ["noor"],
}
QUIET_SECONDS = 20
MANY = 10_000

ANSWER = [
    {"recipient_id": "x", "text": "Do not drive for at least 24 hours. Call [clinic phone] if you are unsure."},
    {
        "recipient_id": "x",
        "custom": {
            "topic": "faq/driving",
            "version": "5f0c21ab",
            "sources": [
                {"document": "What To Know Before", "section": "After Your Session"},
                {"document": "How To Prepare", "section": "Going Home"},
            ],
        },
    },
]
OFFER = [
    {"recipient_id": "x", "text": "I do not know that. Shall I ask the staff?"},
    {
        "recipient_id": "x",
        "custom": {
            "kind": "fallback",
            "buttons": [{"title": "Yes, ask the staff", "text": "Yes please ask them"}, {"title": "No", "text": "No"}],
        },
    },
]


@dataclass(frozen=True)
class Ports:
    """Where everything listens."""

    gateway: int
    site: int
    rasa: int
    actions: int


class Stage:
    """Runs them in a thread, so that a test can drive the browser meanwhile."""

    def __init__(self, folder: Path, template: Path, clinic: dict[str, Any], **environment: str) -> None:
        # Held until they are listened on, so that nobody else on the machine takes them.
        self._sockets = {place.getsockname()[1]: place for place in map(_bind, [0] * 4)}
        self.ports = Ports(*self._sockets)
        self.home = f"http://127.0.0.1:{self.ports.gateway}/"
        # Another port is another origin: what a test sees here has crossed from site to site.
        self.site = f"http://127.0.0.1:{self.ports.site}"
        self.rasa = FakeRasa()
        self.rasa.messages = ANSWER
        self._closing = ExitStack()
        # What rings at Noor's.
        environment["PAGE_NOOR"] = self._closing.enter_context(pager_service()).apprise_url()
        clinic = {**CLINIC, "on_call": ON_CALL, "widget": {"sites": [self.site]}, **clinic}
        self.settings = _settings(folder, self.ports, clinic, environment)
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template, self.settings.data_dir / "assistant.db")
        self._engine = create_engine(self.settings.database_url)
        self.house: House = build_house(self.settings, self._engine)
        self.pager = build_pager(self.settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        for app, port in ((self.rasa.app(), self.ports.rasa), (self._site(), self.ports.site)):
            self._closing.callback(self._run_cleanup, self._listen(app, port))
        self._gateway: web.AppRunner | None = None
        self.start()

    def start(self) -> None:
        """The gateway comes up, with the data that it had."""
        self._gateway = self._listen(build_app(self.settings), self.ports.gateway)

    def stop(self) -> None:
        """The gateway goes, and every connection with it."""
        if self._gateway is not None:
            self._run_cleanup(self._gateway)
            self._gateway = None

    def close(self) -> None:
        """Everything goes."""
        self.rasa_answers()
        self.stop()
        self._closing.close()
        self._run(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(QUIET_SECONDS)
        self._loop.close()
        self._engine.dispose()
        for place in self._sockets.values():
            place.close()

    def rasa_answers(self) -> None:
        """Whatever hangs is answered now."""
        self.rasa.hangs = False
        self._loop.call_soon_threadsafe(self.rasa.release)

    @property
    def engine(self) -> Engine:
        """The database, as another process sees it."""
        return self._engine

    def said(self) -> list[str]:
        """What patients have written, as it is stored."""
        talks = self._talks()
        with self.house.unit_of_work() as uow:
            entries = [entry for talk in talks for entry in uow.messages.talk(talk, 0, MANY)]
        return [entry.text for entry in sorted(entries, key=lambda entry: entry.at) if entry.author == "patient"]

    def token(self, conversation_id: str) -> str:
        """What a browser calls a talk."""
        return ConversationTokens(self.settings.secret_key).issue(conversation_id)

    def forget_everything(self) -> None:
        """Every talk is deleted, as by the end of its time."""
        for talk in self._talks():
            Forgetter(self.house.unit_of_work, utc_now, lambda _: None).ask(talk)

    def until_asked(self) -> None:
        """A message has come as far as Rasa."""
        self.until(lambda: self.rasa.asked)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that happens in another process or thread."""
        deadline = time.monotonic() + QUIET_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.05)

    def page(self) -> None:
        """The pager takes its turn."""
        assert self.pager.once() is not None

    def _talks(self) -> list[str]:
        with self._engine.connect() as connection:
            return [row.id for row in connection.execute(sa.select(tables.conversations.c.id)).all()]

    def _run_cleanup(self, runner: web.AppRunner) -> None:
        self._run(runner.cleanup())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(QUIET_SECONDS)

    def _listen(self, app: web.Application, port: int) -> web.AppRunner:
        return self._run(_listen(app, self._sockets.pop(port) if port in self._sockets else _bind(port)))

    def _site(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{name}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.Response:
        path = PAGES / f"{request.match_info['name']}.html"
        if not path.is_file():
            raise web.HTTPNotFound
        text = path.read_text(encoding="utf-8").replace("%GATEWAY%", self.home.rstrip("/"))
        headers = {"Content-Security-Policy": _policy(self.home.rstrip("/"))} if path.stem == "strict" else {}
        return web.Response(text=text, content_type="text/html", headers=headers)


def _policy(gateway: str) -> str:
    """What docs/widget.md tells a careful clinic to send, and nothing more."""
    return (
        f"default-src 'none'; script-src {gateway}/widget.js; connect-src {gateway}/api/chat/; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


async def _end_tasks() -> None:
    """What is left of connections that were cut."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(app: web.Application, place: socket.socket) -> web.AppRunner:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, place).start()
    return runner


def _bind(port: int) -> socket.socket:
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", port))
    return place


def _settings(folder: Path, ports: Ports, clinic: dict[str, Any], environment: dict[str, str]) -> Settings:
    file = folder / "clinic.yml"
    file.write_text(yaml.safe_dump(clinic), encoding="utf-8")
    return load_settings(
        {
            "CLINIC_FILE": str(file),
            "DATA_DIR": str(folder / "data"),
            "PORT": str(ports.gateway),
            "RASA_PORT": str(ports.rasa),
            "ACTIONS_PORT": str(ports.actions),
            **environment,
        }
    )
