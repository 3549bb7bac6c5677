"""The units for one machine without containers."""

from __future__ import annotations

import configparser
import getpass
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import ROOT
from tests.deploy.shipped import DEPLOY, unknown_variables

FOLDER = DEPLOY / "systemd"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in (".service", ".timer", ".target"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]
ANALYZE = shutil.which("systemd-analyze")
PYTHON = "/opt/ketamine-assistant/.venv/bin/python"


class _Unit(configparser.ConfigParser):
    """Names of a unit are not written small."""

    optionxform = staticmethod(str)  # type: ignore[assignment]


def read(path: Path) -> _Unit:
    """A unit's sections; `%` stands for itself."""
    unit = _Unit(interpolation=None, strict=False, comment_prefixes=("#",))
    unit.read(path, encoding="utf-8")
    return unit


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_what_is_started_is_a_command(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = read(path)["Service"]["ExecStart"]
    name = re.fullmatch(rf"{PYTHON} -m bot (\w+)", command)
    assert name is not None
    with pytest.raises(SystemExit):
        main([name[1], "--help"])
    assert f"bot {name[1]}" in capsys.readouterr().out


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_no_service_has_more_rights_than_it_needs(path: Path) -> None:
    service = read(path)["Service"]
    assert (service["User"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == (
        "ketamine-assistant",
        "yes",
        "",
    )
    assert (service["ProtectSystem"], service["UMask"]) == ("strict", "0077")


@pytest.mark.parametrize("name", ["gateway", "pager", "rasa", "actions"])
def test_what_must_stay_up_is_started_again_however_often(name: str) -> None:
    unit = read(FOLDER / f"ketamine-assistant-{name}.service")
    assert (unit["Service"]["Restart"], unit["Unit"]["StartLimitIntervalSec"]) == ("always", "0")
    assert unit["Install"]["WantedBy"] == "ketamine-assistant.target"


def test_the_example_names_variables_that_are_read() -> None:
    text = (FOLDER / "example.environment").read_text("utf-8")
    assert unknown_variables(set(re.findall(r"^#? ?(\w+)=", text, re.M))) == set()


def test_the_docs_install_every_unit() -> None:
    assert "cp deploy/systemd/ketamine-assistant* /etc/systemd/system/" in (ROOT / "docs/deploy.md").read_text("utf-8")


@pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")
def test_systemd_reads_them(tmp_path: Path) -> None:
    for path in UNITS:
        text = path.read_text("utf-8").replace(PYTHON, sys.executable)
        text = re.sub(r"^(User|Group)=.*$", rf"\1={getpass.getuser()}", text, flags=re.M)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = [tmp_path / path.name for path in UNITS]
    run = subprocess.run([str(ANALYZE), "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    said = [line for line in run.stderr.splitlines() if str(tmp_path) in line]
    assert (run.returncode, said) == (0, [])
