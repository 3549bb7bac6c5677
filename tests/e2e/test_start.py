"""A start that cannot work says why, all of it, and ends at once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.e2e.processes import free_ports
from tests.e2e.server import run_bot

pytestmark = pytest.mark.e2e

BROKEN_CLINIC = """
phone: call us
time_zone: Mars/Olympus
colour: blue
"""


def ports(*chosen: int) -> dict[str, str]:
    """Settings of three ports; those not given are free."""
    three = [*chosen, *free_ports(3)][:3]
    return dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), map(str, three), strict=True))


@pytest.mark.parametrize("position", [0, 1, 2], ids=["PORT", "RASA_PORT", "ACTIONS_PORT"])
def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path, position: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupied:
        port = occupied.getsockname()[1]
        settings = ports(*[*free_ports(position), port])
        ended = run_bot("serve", DATA_DIR=str(tmp_path), **settings)
    name = list(settings)[position]
    sentence = f"- port {port} on 127.0.0.1 is in use; stop what uses it or set {name} to another port"
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-2:] == ["assistant: cannot go on:", sentence]


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_broken_clinic_file_is_told_with_all_its_problems(tmp_path: Path, command: str) -> None:
    (tmp_path / "clinic.yml").write_text(BROKEN_CLINIC, encoding="utf-8")
    ended = run_bot(command, DATA_DIR=str(tmp_path), CLINIC_FILE=str(tmp_path / "clinic.yml"), **ports())
    assert ended.returncode == 1
    assert [word for word in ("'name'", "call us", "Mars/Olympus", "'colour'") if word not in ended.stderr] == []
    assert "Traceback" not in ended.stderr


def test_every_wrong_setting_is_told_at_once(tmp_path: Path) -> None:
    ended = run_bot("serve", DATA_DIR=str(tmp_path), PORT="none", DIALOGUE_TIMEOUT="0", CLINIC_FILE="nowhere.yml")
    problems = [line for line in ended.stderr.splitlines() if line.startswith("- ")]
    assert ended.returncode == 1
    assert [name for name in ("PORT", "DIALOGUE_TIMEOUT", "CLINIC_FILE") if name not in ended.stderr] == []
    assert len(problems) == 3


def test_a_right_configuration_is_said_to_be_complete(tmp_path: Path) -> None:
    ended = run_bot("check", DATA_DIR=str(tmp_path))
    assert ended.returncode == 0
    assert ended.stdout == "assistant: the configuration of Riverbend Ketamine Clinic is complete\n"


def test_nothing_to_do_is_said_too(tmp_path: Path) -> None:
    ended = run_bot("escalations", DATA_DIR=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (0, "no open escalations\n")
