"""One server for all, trained once; tests that break things start their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.settings import ROOT
from bot.supervise.training import model_path
from tests.e2e.server import Server, environment


@pytest.fixture(scope="session")
def model() -> None:
    """A model of the inputs as they are now."""
    if not model_path(ROOT / "models").exists():
        subprocess.run([sys.executable, "-m", "bot", "train"], cwd=ROOT, env=environment(), check=True)


@pytest.fixture(scope="session")
def server(model: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that nobody breaks."""
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server.start()
    finally:
        server.stop()
