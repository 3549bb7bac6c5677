"""Settings as an operator would give them, in a folder of the test's own."""

from __future__ import annotations

import socket
from pathlib import Path

import yaml

from bot.settings import Settings, load_settings
from tests.harness.cast import CLINIC

# Nobody is woken by a test.
ON_CALL = {
    "people": {"noor": {"name": "Noor", "role": "nurse", "contacts": ["log"]}},
    "ladder": {tier: {"steps": [{"page": ["noor"]}]} for tier in ("emergency", "urgent")},
    "last_resort": ["noor"],
}
SECRET = "a key for tests that is long enough to sign with"
DATA_KEY = "YSBrZXkgZm9yIHRlc3RzIG9mIHRoaXJ0eS10d28gYi4="


def write_clinic(folder: Path, content: str | None = None) -> Path:
    """A clinic.yml, the cast's clinic unless told otherwise."""
    path = folder / "clinic.yml"
    good = yaml.safe_dump(
        {
            "name": CLINIC.name,
            "phone": CLINIC.phone,
            "emergency_number": CLINIC.emergency_number,
            "crisis_number": CLINIC.crisis_number,
            "time_zone": CLINIC.time_zone,
            "on_call": ON_CALL,
        }
    )
    path.write_text(good if content is None else content, encoding="utf-8")
    return path


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """Variables that are complete, with some changed."""
    if "CLINIC_FILE" not in changes:
        write_clinic(folder)
    return {
        "CLINIC_FILE": str(folder / "clinic.yml"),
        "DATA_DIR": str(folder / "var"),
        "MODELS_DIR": str(folder / "models"),
        "SECRET_KEY": SECRET,
        "DATA_KEYS": DATA_KEY,
        **changes,
    }


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def make_settings(folder: Path, **changes: str) -> Settings:
    """Settings with ports that are free."""
    names = ("PORT", "RASA_PORT", "ACTIONS_PORT")
    ports = {name: str(port) for name, port in zip(names, free_ports(3), strict=True)}
    return load_settings(environment(folder, **{**ports, **changes}))
