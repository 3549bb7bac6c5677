"""The cluster's processes do as they are told, and are told what a deployment would tell them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.settings import Settings, load_settings
from tests.harness.settings import environment
from tools.cluster.cluster import CannotRun, Cluster, Options, cluster
from tools.cluster.processes import Command, Process
from tools.cluster.servers import Servers, servers
from tools.cluster.topology import Place, Ports, Size, commands

PATIENCE_SECONDS = 30
# Says that it is there; then sleeps, with a child of its own.
PROGRAM = "import subprocess, sys; print('up', flush=True); subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"


def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true; it does at once, or the test fails."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """One that sleeps."""
    made = Process(Command("sleeper", (sys.executable, "-c", PROGRAM), tmp_path / "sleeper.log"))
    yield made
    made.kill()


@pytest.fixture
def running(process: Process) -> Process:
    """The same, and it is up."""
    process.start()
    until(lambda: "up" in process.output() and len(process.family()) == 2)
    return process


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a clinic."""
    return load_settings(environment(tmp_path))


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Place:
    """Where nothing runs yet."""
    return Place(
        tmp_path, settings, "postgresql:///x", "redis://x", Ports.free(Size(), 8080), extra={"LOG_LEVEL": "ERROR"}
    )


def states(process: Process) -> set[str]:
    """Of it and of what it started, as the kernel names them."""
    return {Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in process.family()}


def test_a_process_that_is_killed_is_gone_with_all_that_it_started(running: Process) -> None:
    family = running.family()
    running.kill()
    assert not running.is_running
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
    assert (running.wanted, running.pid, running.memory_bytes()) == (True, None, 0)


def test_a_process_that_is_held_still_is_there_and_goes_on(running: Process) -> None:
    running.pause()
    until(lambda: states(running) == {"T"})
    assert running.is_running
    running.resume()
    until(lambda: "T" not in states(running))


def test_a_process_that_is_held_still_can_be_stopped(running: Process) -> None:
    running.pause()
    running.stop()
    assert (running.is_running, running.wanted) == (False, False)


def test_a_process_is_started_once_until_it_is_down(running: Process) -> None:
    pid = running.pid
    running.start()
    assert (running.pid, running.starts) == (pid, 1)
    running.kill()
    running.start()
    assert running.starts == 2
    assert running.memory_bytes() > 0


# -- databases -----------------------------------------------------------------


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Servers]:
    """A PostgreSQL and a Redis that run."""
    with servers(tmp_path) as made:
        made.postgres.start()
        made.redis.start()
        until(made.database_answers)
        until(made.redis_answers)
        yield made


def test_databases_that_die_are_started_again(base: Servers, place: Place) -> None:
    kept = Cluster(place, base, [])
    kept.keep_up()
    for process, answers in ((base.postgres, base.database_answers), (base.redis, base.redis_answers)):
        process.kill()
        until(lambda process=process: process.starts > 1)
        until(answers)
    kept.stop()


# -- what they are told --------------------------------------------------------


def test_there_are_as_many_as_asked_for_each_with_its_own_data(place: Place) -> None:
    found = commands(place, Size())
    assert [each.name for each in found] == [
        "gateway-1", "gateway-2", "pager-1", "pager-2", "actions-1", "actions-2", "rasa-1", "rasa-2",
    ]  # fmt: skip
    assert len({each.environment["DATA_DIR"] for each in found}) == len(found)


def test_all_are_told_the_same_of_what_they_share(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "that of whoever started the cluster")
    monkeypatch.setenv("METRICS_TOKEN", "another thing that is not meant")
    shared = ("SECRET_KEY", "DATA_KEYS", "DATABASE_URL", "REDIS_URL", "RASA_URLS", "CLINIC_FILE", "LOG_LEVEL")
    found = commands(place, Size())
    assert {tuple(each.environment[name] for name in shared) for each in found} == {
        tuple(found[0].environment[name] for name in shared)
    }
    assert found[0].environment["SECRET_KEY"] == place.keys.secret
    assert "METRICS_TOKEN" not in found[0].environment


def test_what_they_are_told_is_good_for_the_settings(place: Place) -> None:
    for each in commands(place, Size(rasas=3)):
        load_settings(each.environment)


def test_a_gateway_knows_every_rasa_and_each_rasa_an_action_server(place: Place) -> None:
    told = {each.name: each.environment for each in commands(place, Size())}
    rasas = [f"http://127.0.0.1:{told[name]['RASA_PORT']}" for name in ("rasa-1", "rasa-2")]
    assert told["gateway-2"]["RASA_URLS"].split(",") == rasas
    assert [told[f"rasa-{n}"]["ACTIONS_URL"] for n in (1, 2)] == [
        f"http://127.0.0.1:{told[f'actions-{n}']['ACTIONS_PORT']}" for n in (1, 2)
    ]
    assert [told[f"gateway-{n}"]["PORT"] for n in (1, 2)] == ["8080", "8081"]


def test_links_in_pages_lead_to_a_gateway(place: Place) -> None:
    told = {each.name: each.environment for each in commands(place, Size())}
    assert told["pager-2"]["PUBLIC_URL"] == place.ports.gateway_urls[0] == "http://127.0.0.1:8080"


def test_without_a_model_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS_DIR", str(tmp_path))
    with pytest.raises(CannotRun, match="make train"), cluster(Options(folder=tmp_path / "cluster")):
        pass
