"""Pictures of the staff console with an invented clinic: `python -m tools.screenshots.console --to docs/images`."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml
from aiohttp import web
from playwright.sync_api import Browser, sync_playwright

from bot.app import build_app, build_house, build_office
from bot.channels.web import INTAKE
from bot.domain.clock import utc_now
from bot.domain.escalation import Tier
from bot.domain.messages import Inbound, Reply, ReplyKind, Source
from bot.domain.staff import Role
from bot.services.accounts import NewAccount
from bot.settings import ROOT, Settings, load_settings
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade

_PASSWORD: Final = "four quiet herons wade"  # noqa: S105 - of an invented nurse, for pictures
_PORT: Final = 18377
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_SIZES: Final = {"desktop": (1280, 900, 1), "phone": (390, 844, 1)}
# Those of the documentation.
_KEPT: Final = frozenset(
    {
        ("queue", "desktop", "light"),
        ("queue", "phone", "dark"),
        ("case", "desktop", "light"),
        ("case", "phone", "dark"),
        ("borderline", "desktop", "light"),
        ("questions", "desktop", "light"),
    }
)
_REPORT: Final = "My chest feels tight since the infusion this morning and I can't breathe properly"
_ANSWER: Final = Reply(
    "Do not drive for at least 24 hours after a session. Have somebody take you home.",
    ReplyKind.ANSWER,
    "faq/driving",
    sources=(Source("What To Know Before Your First Session", "After"),),
).approved()
_OFFER: Final = Reply("I have no answer to that. Shall I ask the staff?", ReplyKind.FALLBACK, "ask_staff/companions")


def main() -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--all", action="store_true", help="each page in each size, light and dark")
    given = parser.parse_args()
    folder: Path = given.to
    chromium = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if chromium is None:
        print(f"no Chromium: install one of {', '.join(_CHROMIUM)}", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        _console(Path(scratch)) as reference,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for size in _SIZES:
            for scheme in ("light", "dark"):
                _take(browser, folder, reference, (size, scheme), given.all)
        browser.close()
    return 0


def _take(browser: Browser, folder: Path, reference: str, look: tuple[str, Any], every: bool) -> None:
    size, scheme = look
    width, height, scale = _SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale, color_scheme=scheme
    )
    page = context.new_page()
    home = f"http://127.0.0.1:{_PORT}/staff"
    page.goto(home)
    page.get_by_label("User name").fill("noor@example.org")
    page.get_by_label("Password").fill(_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".rows")
    for name, path in (
        ("queue", "/queue"),
        ("case", f"/escalations/{reference}"),
        ("borderline", "/borderline"),
        ("questions", "/questions"),
    ):
        if not every and (name, size, scheme) not in _KEPT:
            continue
        page.goto(home + path)
        page.wait_for_timeout(400)
        page.evaluate("document.getElementById('sound').hidden = true")
        page.screenshot(path=folder / f"console-{name}-{size}-{scheme}.png")
    context.close()


@contextmanager
def _console(scratch: Path) -> Iterator[str]:
    """A gateway with reports, in a thread; gives the reference of one that somebody has."""
    settings = _settings(scratch)
    engine = create_engine(settings.database_url)
    upgrade(engine)
    noor = NewAccount("noor@example.org", "Noor Haddad", Role.NURSE, "noor", _PASSWORD)
    build_office(settings, engine).accounts.add("screenshots", noor)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    app = build_app(settings)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    run(_listen(runner))
    yield run(_fill(app, settings))
    run(runner.cleanup())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


async def _listen(runner: web.AppRunner) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", _PORT).start()


async def _fill(app: web.Application, settings: Settings) -> str:
    """What an evening at the clinic may look like."""
    house = build_house(settings)
    with house.unit_of_work() as uow:
        talk = uow.conversations.add("web", utc_now())
        first = uow.messages.add_inbound(talk.id, "q-1", "Can I drive myself home tonight?", {}, utc_now())
        uow.messages.add_replies(first, (_ANSWER,), utc_now())
        other = uow.conversations.add("sms", utc_now())
        odd = uow.messages.add_inbound(other.id, "q-2", "May I bring my parrot to the infusion?", {}, utc_now())
        uow.messages.add_replies(odd, (_OFFER,), utc_now())
        third = uow.conversations.add("web", utc_now())
        doubt = uow.messages.add_inbound(third.id, "q-3", "my heart feels a bit odd since noon", {}, utc_now())
        uow.borderlines.add(doubt.id, Tier.URGENT, "cardiac", 0.41, utc_now())
        uow.commit()
    intake = app[INTAKE]
    mine = await intake.receive(Inbound("web", _REPORT, "r-1", talk.id))
    reference = mine.escalation.reference if mine.escalation else ""
    for number, (channel, text) in enumerate(
        (
            ("sms", "I fell on the stairs after the treatment and hit my head, it is bleeding"),
            ("web", "Estoy embarazada y ayer me pusieron ketamina"),
            ("web", "I keep throwing up and cannot keep water down since last night"),
        )
    ):
        await intake.receive(Inbound(channel, text, f"r-{number + 2}"))
    handling = house.handling
    await asyncio.to_thread(handling.acknowledge, reference, "noor", "link")
    await asyncio.to_thread(
        handling.say, reference, "noor", "This is Noor. I am calling you now. Is somebody with you?"
    )
    await intake.receive(Inbound("web", "Yes, my sister. My number is +1 212 555 0142.", "r-9", talk.id))
    await asyncio.to_thread(
        handling.note, reference, "noor", "Blood pressure was high before the session. Sister is with her."
    )
    return reference


def _settings(scratch: Path) -> Settings:
    clinic = yaml.safe_load((ROOT / "clinic.yml").read_text(encoding="utf-8"))
    clinic["name"] = "Riverbend Ketamine Clinic"
    clinic["on_call"] = {
        "people": {"noor": {"name": "Noor", "role": "nurse", "contacts": ["log"]}},
        "ladder": {tier: {"steps": [{"page": ["noor"]}]} for tier in ("emergency", "urgent")},
        "last_resort": ["noor"],
    }
    path = scratch / "clinic.yml"
    path.write_text(yaml.safe_dump(clinic), encoding="utf-8")
    return load_settings({"CLINIC_FILE": str(path), "DATA_DIR": str(scratch / "var"), "PORT": str(_PORT)})


if __name__ == "__main__":
    sys.exit(main())
