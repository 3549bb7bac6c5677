"""What would fail later is said first, in a sentence a person can act on."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from bot.domain.errors import ConfigurationError
from bot.settings import Settings
from bot.supervise import serve
from tests.harness.settings import make_settings


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def _problems(settings: Settings) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        serve._check_machine(settings)
    return caught.value.problems


def test_a_machine_with_room_and_free_ports_is_good(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    serve._check_machine(settings)
    assert settings.data_dir.is_dir()


@pytest.mark.parametrize("name", ["PORT", "RASA_PORT", "ACTIONS_PORT"])
def test_a_port_in_use_is_one_sentence_with_the_setting_to_change(tmp_path: Path, taken: int, name: str) -> None:
    (problem,) = _problems(make_settings(tmp_path, **{name: str(taken)}))
    assert problem == f"port {taken} on 127.0.0.1 is in use; stop what uses it or set {name} to another port"


def test_a_full_disk_is_one_sentence_with_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=12 * 2**20))
    settings = make_settings(tmp_path)
    (problem,) = _problems(settings)
    assert problem.startswith(f"only 12 MB are free on the disk of {settings.data_dir}; 300 MB are needed.")
    assert "DATA_DIR" in problem


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    (problem,) = _problems(make_settings(tmp_path, DATA_DIR=str(tmp_path / "file" / "var")))
    assert "DATA_DIR" in problem
    assert "cannot be used" in problem


def test_all_problems_of_a_machine_are_named_at_once(
    tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert len(_problems(make_settings(tmp_path, PORT=str(taken)))) == 2


async def test_with_a_problem_nothing_is_started(tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(serve, "_start", lambda *arguments: started.append(arguments))
    with pytest.raises(ConfigurationError):
        await serve.serve(make_settings(tmp_path, PORT=str(taken)))
    assert started == []


def test_rasa_is_told_the_port_of_the_action_server(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    settings.data_dir.mkdir(exist_ok=True)
    endpoints = yaml.safe_load(serve._endpoints(settings).read_text(encoding="utf-8"))
    assert endpoints["action_endpoint"]["url"] == f"http://127.0.0.1:{settings.actions_port}/webhook"


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1"), ("0.0.0.0", "http://127.0.0.1"), ("::", "http://[::1]")],  # noqa: S104
)
def test_the_address_that_is_shown_can_be_opened(tmp_path: Path, host: str, address: str) -> None:
    settings = make_settings(tmp_path, HOST=host)
    assert (settings.own_url, settings.public_url) == (f"{address}:{settings.port}", f"{address}:{settings.port}")
