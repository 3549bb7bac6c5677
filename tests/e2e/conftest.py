"""One server for all, trained once; tests that break things start their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import ROOT, load_settings
from bot.supervise.training import model_path
from tests.e2e.server import Server, environment


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the inputs as they are now."""
    settings = load_settings({"DATA_DIR": str(tmp_path_factory.mktemp("settings"))})
    path = model_path(settings.models_dir, settings.clinic)
    if not path.exists():
        subprocess.run([sys.executable, "-m", "bot", "train"], cwd=ROOT, env=environment(), check=True)
    return path


@pytest.fixture(scope="session")
def server(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that nobody breaks."""
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server.start()
    finally:
        server.stop()
