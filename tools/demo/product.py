"""The product itself, as `make run` starts it, with a scratch folder and the pretend company's account."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.settings import ROOT, SETTINGS
from tools.demo.cast import CLINIC_FILE

# What the visitor of the demonstration may still choose.
_KEPT = frozenset({"MODELS_DIR", "LOG_LEVEL"})
_GRACE_SECONDS = 30.0
_ACCOUNT = re.compile(r"^\s+(user name|password)\s+(\S+)", re.MULTILINE)


class Product:
    """One run of `python -m bot serve`."""

    def __init__(self, folder: Path, port: int, inner_ports: tuple[int, int]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.clock_file = folder / "clock"
        self.is_ready = False
        self.account: dict[str, str] = {}
        self._folder = folder
        self._ports = {"PORT": port, "RASA_PORT": inner_ports[0], "ACTIONS_PORT": inner_ports[1]}
        self._process: asyncio.subprocess.Process | None = None

    def prepare(self) -> None:
        """Write the clinic's file and the clock's."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "clinic.yml").write_text(CLINIC_FILE, encoding="utf-8")
        self.set_clock(0)

    def set_clock(self, seconds: int) -> None:
        """How much later it is than really; processes read it at any moment."""
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(seconds), encoding="ascii")
        fresh.replace(self.clock_file)

    def environment(self, company: Mapping[str, str]) -> dict[str, str]:
        """None of the visitor's own settings, and none that would reach anybody."""
        names = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")} - _KEPT
        kept = {name: value for name, value in os.environ.items() if name not in names}
        return {
            **kept,
            **{name: str(port) for name, port in self._ports.items()},
            "PUBLIC_URL": self.url,
            "DATA_DIR": str(self._folder / "data"),
            "CLINIC_FILE": str(self._folder / "clinic.yml"),
            "CLOCK_FILE": str(self.clock_file),
            "HANDOFF_KEY": secrets.token_hex(32),
            "CANARY_HOURS": "0",
            **company,
        }

    async def run(self, company: Mapping[str, str], say: Callable[[str], None]) -> int:
        """Until it ends; each line of its output is passed on. Returns its exit status."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=ROOT, env=self.environment(company),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._read(text)
            say(text)
        return await self._process.wait()

    def _read(self, line: str) -> None:
        self.is_ready = self.is_ready or "ready after" in line
        self.account |= dict(_ACCOUNT.findall(line))

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
            return
        process.kill()
        await process.wait()
