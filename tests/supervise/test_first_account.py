"""The way in when nobody has an account: printed once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot import app as composition
from bot.app import Office, build_office
from bot.domain.staff import Role
from bot.services.accounts import NewAccount
from bot.services.sign_in import Visitor
from bot.settings import ROOT, Settings
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from bot.supervise.first_account import DEMO_CLINIC, first_account
from tests.harness.console import HASHER, PASSWORD
from tests.harness.settings import make_settings


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "Argon2Hasher", lambda: HASHER)


def start(folder: Path, demo: bool) -> tuple[Settings, Office]:
    """A first start, of the clinic as it comes or of a clinic of one's own."""
    file = folder / "clinic.yml"
    settings = make_settings(folder, **({"CLINIC_FILE": str(ROOT / "clinic.yml")} if demo else {}))
    assert file.exists() is not demo
    engine = create_engine(settings.database_url)
    upgrade(engine)
    return settings, build_office(settings, engine)


def test_the_demonstration_is_the_clinic_of_the_file_as_it_comes() -> None:
    shipped = yaml.safe_load((ROOT / "clinic.yml").read_text(encoding="utf-8"))
    assert shipped["name"] == DEMO_CLINIC


def test_the_demonstration_gets_an_account_with_a_password_of_its_own(tmp_path: Path) -> None:
    settings, office = start(tmp_path, demo=True)
    text = first_account(settings, office) or ""
    found = re.search(r"user name +(\S+)\n +password +(\S+) ", text)
    assert found is not None
    office.sign_in.with_password(found[1], found[2], Visitor("127.0.0.1"))
    assert first_account(settings, office) is None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert found[2] not in (first_account(*start(elsewhere, demo=True)) or "")


def test_a_clinic_gets_a_link_to_make_one_at_every_start_until_there_is_one(tmp_path: Path) -> None:
    settings, office = start(tmp_path, demo=False)
    links = [re.findall(r"/staff/set-up/(\S+)", first_account(settings, office) or "")[0] for _ in range(2)]
    assert links[0] != links[1]
    assert office.accounts.is_empty()
    office.accounts.make_first(links[1], NewAccount("mara", "Mara", Role.MANAGER, None, PASSWORD))
    assert first_account(settings, office) is None
