"""Nothing that we run reports to its makers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT
from bot.supervise.serve import ENVIRONMENT


@pytest.mark.parametrize("module", ["bot.embedding", "bot.safety.joined", "bot.nlu.featurizer"])
def test_the_embeddings_leave_no_trace_in_a_users_home(module: str, tmp_path: Path) -> None:
    told = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = f"import {module}; from bot.embedding import *"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={**told, "HOME": str(tmp_path)},
        check=True,
        timeout=100,
    )
    assert [path for path in tmp_path.rglob("*") if "microsoft" in str(path).lower()] == []


def test_rasas_own_telemetry_is_off_for_all_that_we_start() -> None:
    assert ENVIRONMENT["RASA_TELEMETRY_ENABLED"] == "false"
