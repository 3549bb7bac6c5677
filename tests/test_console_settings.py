"""The staff console as an operator sets it; all that is wrong is said at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.console_settings import EXAMPLE
from bot.domain.errors import ConfigurationError
from bot.domain.staff import EVERYBODY, Role, SignInRules
from bot.settings import Settings, load_settings
from tests.harness.settings import ON_CALL, environment

OIDC = {
    "OIDC_ISSUER": "https://login.example.org/",
    "OIDC_CLIENT_ID": "console",
    "OIDC_CLIENT_SECRET": "not a real one",
}


def load(folder: Path, section: Any = None, **changes: str) -> Settings:
    """Settings with that section."""
    clinic = {"name": "Harbor", "phone": "555-010-0177", "on_call": ON_CALL, "console": section}
    variables = environment(folder, **changes)
    (folder / "clinic.yml").write_text(yaml.safe_dump(clinic), encoding="utf-8")
    return load_settings(variables)


def problems(folder: Path, section: Any = None, **changes: str) -> tuple[str, ...]:
    """What is wrong with it."""
    with pytest.raises(ConfigurationError) as caught:
        load(folder, section, **changes)
    return caught.value.problems


def test_without_a_section_everybody_needs_a_second_factor(tmp_path: Path) -> None:
    assert load(tmp_path).sign_in == SignInRules(EVERYBODY, timedelta(minutes=15))


@pytest.mark.parametrize(
    ("section", "rules"),
    [
        ({"second_factor": "required"}, SignInRules()),
        ({"second_factor": "optional"}, SignInRules(frozenset())),
        ({"second_factor": ["manager", "auditor"]}, SignInRules(frozenset({Role.MANAGER, Role.AUDITOR}))),
        ({"second_factor": []}, SignInRules(frozenset())),
        ({"idle_minutes": 60}, SignInRules(idle=timedelta(hours=1))),
        (yaml.safe_load(EXAMPLE)["console"], SignInRules()),
        ({}, SignInRules()),
    ],
)
def test_what_a_clinic_sets_holds(tmp_path: Path, section: Any, rules: SignInRules) -> None:
    assert load(tmp_path, section).sign_in == rules


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"second_factor": "always"}, "second_factor: 'always' is not possible: write required, optional"),
        ({"second_factor": True}, "second_factor: 'True' is not possible"),
        ({"second_factor": ["managers"]}, "there is no role 'managers'; did you mean manager?"),
        ({"idle_minutes": 0}, "give a whole number of minutes from 1 to 720"),
        ({"idle_minutes": "15"}, "give a whole number of minutes from 1 to 720"),
        ({"idle_minute": 15}, "there is no key 'idle_minute'; did you mean idle_minutes?"),
        ("required", "'required' is not readable: write it as second_factor: required"),
        (["required"], "is not readable: write it as second_factor: required"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_write(tmp_path: Path, section: Any, said: str) -> None:
    (problem,) = problems(tmp_path, section)
    assert problem.startswith("clinic.yml: console: ")
    assert said in problem


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, {"idle": 1, "second_factor": 5}, OIDC_ISSUER="x", TRUSTED_PROXIES="x")
    assert len(found) == 4


def test_the_clinics_own_service_is_set_whole(tmp_path: Path) -> None:
    provider = load(tmp_path, **OIDC).provider
    assert provider is not None
    assert (provider.issuer, provider.client_id, provider.name) == (
        "https://login.example.org", "console", "your organisation",
    )  # fmt: skip
    assert "not a real one" not in repr(provider)


def test_without_it_there_is_none(tmp_path: Path) -> None:
    assert load(tmp_path).provider is None


@pytest.mark.parametrize("missing", OIDC)
def test_half_of_it_is_refused(tmp_path: Path, missing: str) -> None:
    (problem,) = problems(tmp_path, **{name: value for name, value in OIDC.items() if name != missing})
    assert problem.startswith(f"{missing} missing: set all of OIDC_ISSUER, ")


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.example.org",
        "login.example.org",
        "ftp://login.example.org",
        "https://",
        "https://x/?a=1",
        "https://[x",
    ],
)
def test_an_issuer_that_anybody_could_play_is_refused(tmp_path: Path, issuer: str) -> None:
    (problem,) = problems(tmp_path, **{**OIDC, "OIDC_ISSUER": issuer})
    assert problem.startswith("OIDC_ISSUER is ")


def test_proxies_are_addresses_or_networks(tmp_path: Path) -> None:
    found = load(tmp_path, TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.1,,2001:db8::/32").trusted_proxies
    assert [str(network) for network in found] == ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]


def test_a_proxy_that_is_neither_is_named(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, TRUSTED_PROXIES="10.0.0.0/8, proxy.example.org")
    assert problem.startswith("TRUSTED_PROXIES: 'proxy.example.org' is neither")
