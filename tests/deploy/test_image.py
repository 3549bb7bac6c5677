"""The image: linted, small in what it takes in, without rights."""

from __future__ import annotations

import fnmatch
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.__main__ import main
from bot.domain.clinic import Clinic
from bot.domain.errors import ConfigurationError
from bot.settings import ROOT, load_settings
from bot.supervise.training import fingerprint
from tests.deploy.shipped import DEPLOY, PORTS, unknown_variables
from tests.harness.settings import ON_CALL, environment

QUESTIONS = [
    f"is there a {word} that fits on my bike" for word in "trailer basket lamp bell rack pump lock seat".split()
]
CLINIC = {
    "name": "Cleo's Clinic",
    "phone": "+1 555-010-0123",
    "topics": [{"id": "bikes", "title": "Bikes", "questions": QUESTIONS, "text": "We sell no bikes."}],
}
ACCOUNT = {
    "PAGE_NOOR": "json://127.0.0.1:9",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKENS": "0123456789abcdef0123456789abcdef",
    "PUBLIC_URL": "https://chat.clinic.example",
}
DOCKERFILE = DEPLOY / "Dockerfile"
TEXT = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
FINAL = TEXT[TEXT.index(" AS final") :]
IGNORED, LET_IN = (
    {line.strip("!") for line in (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split() if line[0] in kind}
    for kind in ("*", "!")
)


def instructions(name: str, text: str = FINAL) -> list[str]:
    """The arguments of each instruction of that name."""
    return re.findall(rf"^{name} (.+)$", text, re.M)


def test_the_linter_has_nothing_to_say() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    run = subprocess.run(
        [linter, "--failure-threshold", "style", DOCKERFILE], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")


def test_it_runs_as_a_number_that_is_not_root() -> None:
    (user,) = instructions("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)


def test_it_knows_whether_it_is_alive() -> None:
    (check,) = instructions("HEALTHCHECK")
    assert '["python", "-m", "bot.probe"]' in check


def test_the_ports_are_those_of_the_settings() -> None:
    (ports,) = instructions("EXPOSE")
    assert set(map(int, ports.split())) == set(PORTS.values())


def test_every_variable_is_one_that_is_read() -> None:
    variables = {pair.partition("=")[0] for line in instructions("ENV") for pair in shlex.split(line)}
    assert unknown_variables(variables) == set()


def test_the_command_that_it_runs_by_itself_exists(capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = re.findall(r'^CMD \["(\w+)"\]$', FINAL, re.M)
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert command in capsys.readouterr().out


def test_nothing_goes_to_the_builder_but_what_is_copied() -> None:
    copied = {source for line in instructions("COPY", TEXT) if "--from" not in line for source in line.split()[:-1]}
    assert copied == LET_IN
    assert "*" in IGNORED


@pytest.mark.parametrize("name", sorted(LET_IN))
def test_what_is_let_in_is_in_the_repository(name: str) -> None:
    tracked = subprocess.run(["git", "ls-files", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert tracked
    assert not [line for line in tracked.splitlines() if fnmatch.fnmatch(line, "*.key") or "secret" in line]


def test_the_image_has_all_that_a_model_is_known_by(tmp_path: Path) -> None:
    """Rasa finds its model by the inputs of its training: what is missing in the image would be another model."""
    for name in LET_IN - {"deploy/topics.py"}:
        (tmp_path / name).symlink_to(ROOT / name)
    clinic = Clinic(name="", phone="")
    assert fingerprint(clinic, tmp_path) == fingerprint(clinic)


def test_a_clinic_that_pages_and_texts_is_trained_without_its_secrets(tmp_path: Path) -> None:
    contact = {"name": "Noor", "role": "nurse", "contacts": ["url:PAGE_NOOR"]}
    content = {
        **CLINIC,
        "telephone": {"numbers": ["+15550100150"]},
        "on_call": {**ON_CALL, "people": {"noor": contact}},
    }
    full, alone = tmp_path / "clinic.yml", tmp_path / "alone.yml"
    full.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="PAGE_NOOR"):
        load_settings(environment(tmp_path, CLINIC_FILE=str(full)))
    run = [sys.executable, DEPLOY / "topics.py", full]
    alone.write_bytes(subprocess.run(run, check=True, capture_output=True).stdout)
    trained = load_settings(environment(tmp_path, CLINIC_FILE=str(alone)))
    served = load_settings({**environment(tmp_path, CLINIC_FILE=str(full)), **ACCOUNT})
    assert trained.clinic.topics
    assert fingerprint(trained.clinic) == fingerprint(served.clinic)
