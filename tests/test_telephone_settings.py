"""The clinic's telephone is checked whole before anybody calls it."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.errors import ConfigurationError
from bot.domain.on_call import Window
from bot.domain.telephone import Account, ClinicNumber, Desk, Telephone
from bot.settings import load_settings
from bot.telephone_settings import EXAMPLE, EXPLAINED, KEYS, warnings
from tests.harness.settings import ON_CALL, environment, write_clinic

SID = "ACaaaabbbbccccddddaaaabbbbccccdddd"
TOKEN = "0123456789abcdef0123456789abcdef"
OLD = "fedcba9876543210fedcba9876543210"
PUBLIC = "https://chat.example.org"
NUMBER = "+1 555-010-0150"
ACCOUNT = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKENS": TOKEN, "PUBLIC_URL": PUBLIC}


def _environment(folder: Path, telephone: Any, account: dict[str, str] = ACCOUNT, **more: Any) -> dict[str, str]:
    clinic = {"name": "Harbor", "phone": "555-010-0177", "on_call": ON_CALL, **more}
    if telephone is not None:
        clinic["telephone"] = telephone
    write_clinic(folder, yaml.safe_dump(clinic))
    return environment(folder, CLINIC_FILE=str(folder / "clinic.yml"), **account)


def _read(folder: Path, telephone: Any, account: dict[str, str] = ACCOUNT, **more: Any) -> Telephone:
    return load_settings(_environment(folder, telephone, account, **more)).telephone


def _problems(folder: Path, telephone: Any, account: dict[str, str] = ACCOUNT, **more: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(_environment(folder, telephone, account, **more))
    return caught.value.problems


def test_left_out_there_is_no_telephone(tmp_path: Path) -> None:
    assert _read(tmp_path, None, {}) == Telephone()


def test_the_shortest_is_a_list_of_numbers(tmp_path: Path) -> None:
    telephone = _read(tmp_path, {"numbers": [NUMBER]})
    assert telephone == Telephone(Account(SID, (TOKEN,)), (ClinicNumber("+15550100150"),))


def test_all_of_it_is_read(tmp_path: Path) -> None:
    desk = {"number": "(555) 010-0199", "hours": ["mon-fri 08:00-17:00"]}
    numbers = [NUMBER, {"number": "+15550100151", "per_second": 3}, {"number": "+15550100152", "per_second": 0.5}]
    telephone = _read(tmp_path, {"numbers": numbers, "desk": desk, "menu": ["hours", "driving"]})
    assert [(own.number, own.per_second) for own in telephone.numbers] == [
        ("+15550100150", 1), ("+15550100151", 3), ("+15550100152", 0.5),
    ]  # fmt: skip
    assert telephone.desk == Desk("+15550100199", (Window(frozenset(range(5)), time(8), time(17)),))
    assert telephone.menu == ("ask_staff/hours", "faq/driving")


def test_the_example_of_the_page_is_good_and_every_key_is_explained(tmp_path: Path) -> None:
    telephone = _read(tmp_path, yaml.safe_load(EXAMPLE)["telephone"])
    assert (len(telephone.numbers), len(telephone.menu)) == (1, 3)
    assert {key.partition(":")[0] for key, _, _ in EXPLAINED} == set(KEYS)


def test_numbers_are_read_in_the_clinics_country(tmp_path: Path) -> None:
    telephone = _read(tmp_path, {"numbers": ["020 7946 0150"]}, country="GB")
    assert telephone.number("+442079460150") == ClinicNumber("+442079460150")
    assert telephone.number("+442079460151") is None


def test_a_topic_of_the_clinics_own_may_be_in_the_menu(tmp_path: Path) -> None:
    questions = [
        f"do you sell gift card number {number}" for number in ("one two three four five six seven eight").split()
    ]
    topic = {"id": "gift_cards", "title": "Gift cards", "questions": questions, "text": "We do not."}
    assert _read(tmp_path, {"numbers": [NUMBER], "menu": ["gift_cards"]}, topics=[topic]).menu == (
        "faq/clinic_gift_cards",
    )


@pytest.mark.parametrize(
    ("telephone", "problem"),
    [
        ([NUMBER], "telephone: \"['+1 555-010-0150']\" is not readable: write it as numbers:"),
        ({}, "telephone: numbers: there are none"),
        ({"numbers": []}, "telephone: numbers: there are none"),
        ({"numbers": NUMBER}, "telephone: numbers: '+1 555-010-0150' is not a list"),
        ({"numbers": ["911"]}, "telephone: numbers: 1: '911' is not a telephone number"),
        ({"numbers": [NUMBER, 15550100151]}, "telephone: numbers: 2: '15550100151' is not a telephone number"),
        ({"numbers": [NUMBER, "+15550100150"]}, "telephone: numbers: 2: is there twice"),
        ({"numbers": [{"number": NUMBER, "rate": 3}]}, "telephone: numbers: 1: there is no key 'rate'"),
        ({"numbers": [{"per_second": 3}]}, "telephone: numbers: 1: an empty value is not a telephone number"),
        ({"numbers": [{"number": NUMBER, "per_second": 0}]}, "telephone: numbers: 1: per_second: '0' is not possible"),
        ({"numbers": [{"number": NUMBER, "per_second": True}]}, "telephone: numbers: 1: per_second: 'True' is not"),
        ({"numbers": [NUMBER], "desk": NUMBER}, "telephone: desk: '+1 555-010-0150' is not readable"),
        ({"numbers": [NUMBER], "desk": {"hours": ["mon 08:00-17:00"]}}, "telephone: desk: number: an empty value is not"),
        ({"numbers": [NUMBER], "desk": {"number": NUMBER}}, "telephone: desk: its number is one that the assistant answers"),
        ({"numbers": [NUMBER], "desk": {"number": "+15550100199", "hours": ["daily"]}}, "telephone: desk: hours: 'daily'"),
        ({"numbers": [NUMBER], "menu": ["drivng"]}, "telephone: menu: there is no topic 'drivng'; did you mean driving"),
        ({"numbers": [NUMBER], "menu": ["hours", "hours"]}, "telephone: menu: 'hours' is there twice"),
        ({"numbers": [NUMBER], "menus": []}, "telephone: there is no key 'menus'; did you mean menu"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, telephone: Any, problem: str) -> None:
    (found,) = _problems(tmp_path, telephone)
    assert found.startswith(f"clinic.yml: {problem}")


def test_more_topics_than_keys_are_refused(tmp_path: Path) -> None:
    menu = ["hours", "location", "price", "driving", "insurance", "aftercare", "arrival", "dosage", "history"]
    assert (
        "there are 9: a caller can choose from 8 at most" in _problems(tmp_path, {"numbers": [NUMBER], "menu": menu})[0]
    )


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    account = {"TWILIO_ACCOUNT_SID": "AC 1", "TWILIO_AUTH_TOKENS": "short", "TWILIO_API_URL": "ftp://x"}
    problems = _problems(tmp_path, {"numbers": ["x"], "menu": ["x"]}, account)
    assert [problem.split(" ")[0] for problem in problems] == [
        "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS", "TWILIO_API_URL", "clinic.yml:", "clinic.yml:",
    ]  # fmt: skip


def test_numbers_without_an_account_are_a_problem(tmp_path: Path) -> None:
    assert "it has no account: set TWILIO_ACCOUNT_SID" in _problems(tmp_path, {"numbers": [NUMBER]}, {})[0]


def test_an_account_without_numbers_is_a_problem(tmp_path: Path) -> None:
    assert "there are no numbers for TWILIO_ACCOUNT_SID" in _problems(tmp_path, None)[0]


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS"])
def test_half_an_account_is_a_problem(tmp_path: Path, missing: str) -> None:
    account = {name: value for name, value in ACCOUNT.items() if name != missing}
    (problem,) = _problems(tmp_path, {"numbers": [NUMBER]}, account)
    assert problem.startswith(missing)


@pytest.mark.parametrize("tokens", [f"{TOKEN},{OLD}", f"{TOKEN}, {OLD},", f"{TOKEN}\n{OLD}\n"])
def test_several_tokens_may_be_given(tmp_path: Path, tokens: str) -> None:
    telephone = _read(tmp_path, {"numbers": [NUMBER]}, {**ACCOUNT, "TWILIO_AUTH_TOKENS": tokens})
    assert telephone.account is not None
    assert telephone.account.tokens == (TOKEN, OLD)


def test_tokens_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"{TOKEN}\n", encoding="utf-8")
    account = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKENS_FILE": str(tmp_path / "tokens"), "PUBLIC_URL": PUBLIC}
    assert _read(tmp_path, {"numbers": [NUMBER]}, account).account == Account(SID, (TOKEN,))


def test_a_file_that_cannot_be_read_is_the_only_problem(tmp_path: Path) -> None:
    account = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKENS_FILE": str(tmp_path / "gone"), "PUBLIC_URL": PUBLIC}
    (problem,) = _problems(tmp_path, {"numbers": [NUMBER]}, account)
    assert problem.startswith("TWILIO_AUTH_TOKENS_FILE: cannot read")


def test_no_secret_is_quoted_in_a_problem_or_shown(tmp_path: Path) -> None:
    secret = "hunter2 hunter2"
    problems = _problems(tmp_path, {"numbers": [NUMBER]}, {**ACCOUNT, "TWILIO_AUTH_TOKENS": secret})
    assert "hunter2" not in json.dumps(problems)
    assert TOKEN not in repr(load_settings(_environment(tmp_path, {"numbers": [NUMBER]})))


@pytest.mark.parametrize(
    "url", ["https://api.example.org", "https://space.example.org/api/laml/", "http://127.0.0.1:9000"]
)
def test_another_provider_has_an_address_of_its_own(tmp_path: Path, url: str) -> None:
    telephone = _read(tmp_path, {"numbers": [NUMBER]}, {**ACCOUNT, "TWILIO_API_URL": url})
    assert telephone.account is not None
    assert {telephone.account.api_url, telephone.account.lookup_url} == {url.rstrip("/")}


@pytest.mark.parametrize(
    "url", ["http://api.example.org", "api.example.org", "https://a:b@api.example.org", "https://"]
)
def test_tokens_are_not_sent_in_the_clear(tmp_path: Path, url: str) -> None:
    (problem,) = _problems(tmp_path, {"numbers": [NUMBER]}, {**ACCOUNT, "TWILIO_API_URL": url})
    assert problem.startswith("TWILIO_API_URL is not usable")


@pytest.mark.parametrize(
    ("url", "is_bad"), [(PUBLIC, False), ("http://127.0.0.1:8080", False), ("http://chat.example.org", True)]
)
def test_webhooks_come_in_over_https_alone(tmp_path: Path, url: str, is_bad: bool) -> None:
    env = _environment(tmp_path, {"numbers": [NUMBER]}, {**ACCOUNT, "PUBLIC_URL": url})
    if not is_bad:
        assert load_settings(env).public_url == url
        return
    with pytest.raises(ConfigurationError, match="PUBLIC_URL is not an https address"):
        load_settings(env)


@pytest.mark.parametrize(
    ("public", "api", "warned"),
    [
        (PUBLIC, "https://api.twilio.com", False),
        ("http://127.0.0.1:8080", "https://api.twilio.com", True),
        ("http://localhost:8080", "https://api.twilio.com", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:9000", False),
    ],
)
def test_a_provider_that_cannot_reach_us_is_warned_of(public: str, api: str, warned: bool) -> None:
    assert bool(warnings(Telephone(Account(SID, (TOKEN,), api)), public)) is warned
    assert warnings(Telephone(), public) == []
