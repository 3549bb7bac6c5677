"""The compose file: as the specification has it, and in agreement with the settings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.settings import load_settings
from tests.deploy.shipped import DEPLOY, PORTS, document, unknown_variables
from tests.harness.settings import write_clinic

COMPOSE = document("compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"].startswith("ketamine-clinic-assistant:")}
RUN_ONCE = {name for name, each in SERVICES.items() if each["restart"] == "no"}
ADDRESS = re.compile(r"(?:https?://)?([\w-]+):(\d+)")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """What `make-secrets` makes."""
    folder = tmp_path / "secrets"
    subprocess.run([DEPLOY / "make-secrets", folder], check=True, capture_output=True)
    return folder


def test_it_is_as_the_specification_has_it() -> None:
    schema = json.loads((Path(__file__).parent / "schemas" / "compose-spec.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(COMPOSE)


def test_it_has_all_that_a_cluster_needs() -> None:
    copies = {name: each["deploy"].get("replicas", 1) for name, each in SERVICES.items() if "profiles" not in each}
    assert copies == {
        "proxy": 1, "gateway-1": 1, "gateway-2": 1, "rasa-1": 1, "rasa-2": 1, "actions": 2, "pager": 2,
        "drill": 1, "migrate": 1, "postgres": 1, "redis": 1,
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_has_more_rights_or_room_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} == set(service["deploy"]["resources"]["limits"])
    assert "privileged" not in service
    # The proxy's server keeps its certificates in a volume that belongs to root, and has no other right of root.
    assert name == "proxy" or re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])


@pytest.mark.parametrize("name", sorted(set(SERVICES) - RUN_ONCE))
def test_every_service_that_stays_says_whether_it_is_alive(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"]
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_is_one_that_is_read(name: str) -> None:
    assert unknown_variables(OURS[name]["environment"]) == set()


def test_secrets_come_as_files_alone() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL|REDIS_URL", name) or name.endswith("_FILE")
            assert (
                not name.endswith("_FILE") or value.startswith(("/run/secrets/", "/config/")) or name == "CLINIC_FILE"
            )


def test_every_secret_that_is_read_is_given(secrets: Path) -> None:
    declared = {name: each["file"] for name, each in COMPOSE["secrets"].items()}
    assert declared == {path.name: f"./secrets/{path.name}" for path in secrets.iterdir()}
    for service in SERVICES.values():
        text = json.dumps([service.get("environment"), service.get("command"), service["healthcheck"]])
        assert set(re.findall(r"/run/secrets/(\w+)", text)) <= set(service.get("secrets", ()))


def test_the_secrets_are_good_for_the_settings(secrets: Path, tmp_path: Path) -> None:
    environment = {**OURS["gateway-1"]["environment"], "PUBLIC_URL": "https://chat.clinic.example", "LOG_LEVEL": "INFO"}
    environment["TWILIO_ACCOUNT_SID"] = ""
    given = {name: str(value).replace("/run/secrets", str(secrets)) for name, value in environment.items()}
    settings = load_settings({**given, "CLINIC_FILE": str(write_clinic(tmp_path)), "DATA_DIR": str(tmp_path)})
    assert (len(settings.rasa_urls), len(settings.metrics_token)) == (2, 64)
    assert settings.database_url.startswith("postgresql://assistant:")
    assert settings.redis_url.endswith("@redis:6379/0")


def test_secrets_that_are_there_stay_and_nobody_else_reads_them(secrets: Path) -> None:
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    subprocess.run([DEPLOY / "make-secrets", secrets], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_addresses_are_those_of_services_and_their_ports() -> None:
    environment = OURS["gateway-1"]["environment"]
    used = f"{environment['RASA_URLS']},{environment['ACTIONS_URL']},{SERVICES['proxy']['environment']['GATEWAYS']}"
    found = ADDRESS.findall(used)
    assert {name for name, _ in found} == {"rasa-1", "rasa-2", "actions", "gateway-1", "gateway-2"}
    for name, port in found:
        assert int(port) == PORTS[SERVICES[name]["command"][0]]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("proxy", "gateway-1", True),
        ("gateway-1", "rasa-1", True),
        ("rasa-2", "actions", True),
        ("pager", "postgres", True),
        ("drill", "gateway-1", True),
        ("proxy", "rasa-1", False),
        ("proxy", "postgres", False),
        ("pager", "rasa-1", False),
        ("drill", "rasa-1", False),
        ("postgres", "rasa-1", True),
    ],
)
def test_only_those_that_speak_to_each_other_share_a_network(one: str, other: str, together: bool) -> None:
    assert bool(set(SERVICES[one]["networks"]) & set(SERVICES[other]["networks"])) is together


def test_what_the_proxy_says_of_where_a_request_comes_from_is_believed() -> None:
    (network,) = COMPOSE["networks"]["edge"]["ipam"]["config"]
    assert {each["environment"]["TRUSTED_PROXIES"] for each in OURS.values()} == {network["subnet"]}


def test_what_is_inside_cannot_be_reached_from_outside() -> None:
    inner = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    for name in ("rasa-1", "rasa-2", "actions", "postgres", "redis", "migrate"):
        assert set(SERVICES[name]["networks"]) <= inner
    assert {name for name, each in SERVICES.items() if "ports" in each} == {"proxy", "prometheus"}


def test_each_gateway_keeps_its_own_reports() -> None:
    disks = [[v for v in OURS[name]["volumes"] if str(v).endswith(":/data")] for name in ("gateway-1", "gateway-2")]
    assert disks == [["gateway-1:/data"], ["gateway-2:/data"]]


def test_the_example_has_what_must_be_said() -> None:
    example = (DEPLOY / "example.env").read_text("utf-8")
    needed = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert needed == set(re.findall(r"^(\w+)=", example, re.M))


@pytest.mark.skipif(
    shutil.which("docker") is None
    or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0,
    reason="needs docker compose",
)
def test_the_engine_reads_it(secrets: Path) -> None:
    run = [
        "docker",
        "compose",
        "-f",
        DEPLOY / "compose.yaml",
        "--env-file",
        DEPLOY / "example.env",
        "config",
        "--quiet",
    ]
    subprocess.run(run, check=True, capture_output=True)


# -- the proxy -----------------------------------------------------------------

CADDY = shutil.which("caddy")
CADDYFILE = (DEPLOY / "caddy" / "Caddyfile").read_text("utf-8")


def test_the_proxy_is_told_what_it_needs() -> None:
    assert set(re.findall(r"\{\$(\w+)\}", CADDYFILE)) == set(SERVICES["proxy"]["environment"])
    assert CADDYFILE.count("{") == CADDYFILE.count("}")


def test_the_proxy_lets_events_through_and_no_metrics_out() -> None:
    assert "flush_interval -1" in CADDYFILE
    assert re.search(r"@inside path /metrics .*\n\s*respond @inside 404", CADDYFILE)
    assert "header_up X-Request-ID" in CADDYFILE
    # An address may hold a signed link.
    assert re.findall(r"^(\s*)log\b", CADDYFILE, re.M) == ["\t"]
    assert "request>uri delete" in CADDYFILE


@pytest.mark.skipif(CADDY is None, reason="needs caddy")
def test_the_proxy_reads_its_file() -> None:
    environment = {"PUBLIC_URL": "https://localhost", "GATEWAYS": "127.0.0.1:8080 127.0.0.1:8081", "HOME": "/tmp"}  # noqa: S108
    run = [str(CADDY), "validate", "--adapter", "caddyfile", "--config", DEPLOY / "caddy" / "Caddyfile"]
    subprocess.run(run, check=True, capture_output=True, env=environment)
