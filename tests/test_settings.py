"""Settings are checked whole, and every problem is named at once."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.clinic import Clinic, OwnAnswer, OwnTopic
from bot.domain.errors import ConfigurationError
from bot.settings import ROOT, known_topics, load_settings
from tests.harness.cast import CLINIC
from tests.harness.settings import DATA_KEY, ON_CALL, SECRET, environment, write_clinic


def _problems(env: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(env)
    return caught.value.problems


def _clinic_problems(folder: Path, content: str) -> tuple[str, ...]:
    write_clinic(folder, content)
    return _problems({**environment(folder, CLINIC_FILE=str(folder / "clinic.yml"))})


# -- variables -----------------------------------------------------------------


def test_with_nothing_set_the_defaults_are_complete(tmp_path: Path) -> None:
    settings = load_settings(environment(tmp_path))
    assert (settings.host, settings.port, settings.rasa_port) == ("127.0.0.1", 8080, 5005)
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'assistant.db'}"
    assert settings.clinic == CLINIC


def test_the_servers_behind_are_on_the_loopback_address(tmp_path: Path) -> None:
    settings = load_settings(environment(tmp_path, HOST="0.0.0.0", RASA_PORT="7001", ACTIONS_PORT="7002"))  # noqa: S104
    assert (settings.rasa_url, settings.actions_url) == ("http://127.0.0.1:7001", "http://127.0.0.1:7002")


def test_the_clinic_file_of_the_repository_is_good(tmp_path: Path) -> None:
    env = environment(tmp_path, CLINIC_FILE="clinic.yml")
    assert load_settings(env).clinic_file == ROOT / "clinic.yml"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "80.5"),
        ("RASA_PORT", "-1"),
        ("ACTIONS_PORT", "99999"),
        ("MAX_CHARACTERS", "99"),
        ("MAX_CHARACTERS", "20001"),
        ("STREAMS", "0"),
        ("STREAMS_PER_ADDRESS", "none"),
        ("DIALOGUE_TIMEOUT", "0.5"),
        ("DIALOGUE_TIMEOUT", "61"),
        ("DIALOGUE_TIMEOUT", "nan"),
        ("DIALOGUE_TIMEOUT", "inf"),
        ("DIALOGUE_TIMEOUT", "8s"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "long enough, but with spaces"),
        ("SECRET_KEY", "k" * 31),
    ],
)
def test_a_bad_value_is_named_with_what_would_be_good(tmp_path: Path, name: str, value: str) -> None:
    (problem,) = _problems(environment(tmp_path, **{name: value}))
    assert problem.startswith(name)
    assert any(
        advice in problem
        for advice in ("give a number from", "choose one of", "give 32 characters", "give 16 characters")
    )


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("PORT", "65535", "port"),
        ("MAX_CHARACTERS", "100", "max_characters"),
        ("DIALOGUE_TIMEOUT", "60", "dialogue_timeout"),
    ],
)
def test_a_limit_itself_is_allowed(tmp_path: Path, name: str, value: str, read: str) -> None:
    assert getattr(load_settings(environment(tmp_path, **{name: value})), read) == float(value)


def test_proxies_are_addresses_and_networks(tmp_path: Path) -> None:
    settings = load_settings(environment(tmp_path, TRUSTED_PROXIES="127.0.0.1, 10.1.2.3/8,,fd00::/8"))
    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]


def test_each_proxy_that_is_none_is_named(tmp_path: Path) -> None:
    problems = _problems(environment(tmp_path, TRUSTED_PROXIES="nginx,127.0.0.1,10.0.0.0/33"))
    assert [problem.split(":")[1].split()[0] for problem in problems] == ["'nginx'", "'10.0.0.0/33'"]


def test_sites_that_are_wrong_are_named_with_all_other_problems(tmp_path: Path) -> None:
    problems = _clinic_problems(
        tmp_path, yaml.safe_dump({"phone": "x", "on_call": ON_CALL, "widget": {"sites": ["*"]}})
    )
    assert [problem for problem in problems if problem.startswith("clinic.yml: widget: sites: '*'")]
    assert len(problems) == 3


def test_a_log_level_may_be_written_small(tmp_path: Path) -> None:
    assert load_settings(environment(tmp_path, LOG_LEVEL="debug")).log_level == "DEBUG"


def test_an_empty_variable_means_the_default(tmp_path: Path) -> None:
    assert load_settings(environment(tmp_path, PORT="", LOG_LEVEL="")).port == 8080


@pytest.mark.parametrize(("one", "other"), [("PORT", "RASA_PORT"), ("RASA_PORT", "ACTIONS_PORT")])
def test_two_servers_on_one_port_are_refused(tmp_path: Path, one: str, other: str) -> None:
    (problem,) = _problems(environment(tmp_path, **{one: "9000", other: "9000"}))
    assert "three different ports" in problem


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    write_clinic(tmp_path, "name: ''\nphone: call us\nfax: 1\ntime_zone: Mars/Base")
    changes = {"PORT": "x", "LOG_LEVEL": "LOUD", "SECRET_KEY": "short", "DATABASE_URL_FILE": "/nowhere/url"}
    problems = _problems(environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml"), **changes))
    for word in ("fax", "phone", "Mars/Base", "PORT", "LOG_LEVEL", "SECRET_KEY", "DATABASE_URL_FILE"):
        assert any(word in problem for problem in problems)


def test_the_error_lists_one_problem_a_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environment(tmp_path, PORT="x", LOG_LEVEL="LOUD"))
    assert [line[:2] for line in str(caught.value).splitlines()] == ["- ", "- "]


# -- secrets -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "read", "value"),
    [
        ("SECRET_KEY_FILE", f"{SECRET}\n", "secret_key", SECRET.encode()),
        ("DATABASE_URL_FILE", "postgresql://db/clinic\n", "database_url", "postgresql://db/clinic"),
    ],
)
def test_a_secret_can_come_from_a_file(tmp_path: Path, name: str, content: str, read: str, value: object) -> None:
    path = tmp_path / "secret"
    path.write_text(content, encoding="utf-8")
    env = environment(tmp_path, **{name: str(path)})
    env.pop("SECRET_KEY")
    assert getattr(load_settings(env), read) == value


def test_a_secret_file_wins_over_the_variable(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("f" * 40, encoding="utf-8")
    assert load_settings(environment(tmp_path, SECRET_KEY_FILE=str(path))).secret_key == b"f" * 40


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00key"], ids=["missing", "not-text"])
def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    (problem,) = _problems(environment(tmp_path, SECRET_KEY_FILE=str(path)))
    assert problem.startswith(f"SECRET_KEY_FILE: cannot read {path}")


def test_without_a_key_one_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = (load_settings(environment(tmp_path, SECRET_KEY="")) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret.key"]
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o077 == 0


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    keys = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        keys.add(load_settings(environment(tmp_path / name, SECRET_KEY="")).secret_key)
    assert len(keys) == 2


def test_of_two_processes_that_start_together_the_first_key_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def other_was_first(source: Path, target: Path) -> None:
        target.write_bytes(b"o" * 64)
        link(source, target)

    monkeypatch.setattr(os, "link", other_was_first)
    assert load_settings(environment(tmp_path, SECRET_KEY="")).secret_key == b"o" * 64


def test_a_folder_that_cannot_hold_the_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    (problem,) = _problems(environment(tmp_path, SECRET_KEY="", DATA_DIR=str(tmp_path / "file" / "var")))
    assert "cannot keep a key in DATA_DIR" in problem


def test_without_data_keys_one_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = (load_settings(environment(tmp_path, DATA_KEYS="")) for _ in range(2))
    (kept,) = (tmp_path / "var").iterdir()
    assert first.data_keys == second.data_keys == (kept.read_text(encoding="ascii"),)
    assert (first.data_keys_file, kept.stat().st_mode & 0o077) == (kept, 0)


def test_data_keys_come_from_the_environment_or_a_file_that_is_watched(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# the one that encrypts\n{'A' * 43}=\n{DATA_KEY}\n", encoding="utf-8")
    given = load_settings(environment(tmp_path))
    read = load_settings(environment(tmp_path, DATA_KEYS_FILE=str(path)))
    assert (given.data_keys, given.data_keys_file) == ((DATA_KEY,), None)
    assert (read.data_keys, read.data_keys_file) == (("A" * 43 + "=", DATA_KEY), path)


@pytest.mark.parametrize("name", ["DATA_KEYS", "DATA_KEYS_FILE", "DATA_DIR"])
@pytest.mark.parametrize("content", ["no key at all, this", "# only words"])
def test_data_keys_that_are_none_are_said_without_them(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / "var" / "data.keys"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    values = {"DATA_KEYS": content, "DATA_KEYS_FILE": str(path), "DATA_DIR": str(path.parent)}
    (problem,) = _problems(environment(tmp_path, **{"DATA_KEYS": "", name: values[name]}))
    assert problem.startswith((name, str(path)))
    assert "`python -m bot keys new` makes keys" in problem
    assert "at all" not in problem


def test_the_data_folder_is_there_also_when_all_keys_are_given(tmp_path: Path) -> None:
    assert load_settings(environment(tmp_path)).data_dir.is_dir()


def test_no_key_is_made_where_the_given_one_cannot_be_read(tmp_path: Path) -> None:
    (problem,) = _problems(environment(tmp_path, DATA_KEYS_FILE=str(tmp_path / "nowhere")))
    assert problem.startswith("DATA_KEYS_FILE: cannot read")
    assert not (tmp_path / "var").exists()


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    shown = repr(load_settings(environment(tmp_path, DATABASE_URL="postgresql://clinic:hunter2@db/clinic")))
    assert "hunter2" not in shown
    assert SECRET not in shown
    assert DATA_KEY not in shown


# -- clinic.yml ----------------------------------------------------------------

WHO_COMES = f"on_call: {json.dumps(ON_CALL)}\n"
GOOD = f"name: Harbor\nphone: '555-010-0177'\n{WHO_COMES}"


def test_what_a_clinic_leaves_out_has_a_default(tmp_path: Path) -> None:
    write_clinic(tmp_path, GOOD)
    clinic = load_settings(environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml"))).clinic
    assert (clinic.emergency_number, clinic.crisis_number, clinic.time_zone) == ("911", "988", "UTC")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD + "fax: '555'\n", "'fax' was unexpected"),
        (f"phone: '555-010-0177'\n{WHO_COMES}", "'name' is a required property"),
        (f"name: Harbor\nphone: 5550100177\n{WHO_COMES}", "phone: 5550100177 is not of type 'string'"),
        (f"name: Harbor\nphone: call us\n{WHO_COMES}", "phone: 'call us' does not match"),
        (GOOD + "emergency_number: ''\n", "emergency_number: '' does not match"),
        (GOOD + "crisis_number: 988\n", "crisis_number: 988 is not of type 'string'"),
        (f"name: {'N' * 81}\nphone: '555-010-0177'\n{WHO_COMES}", "is too long"),
        ("- Harbor\n", "is not of type 'object'"),
        ("Harbor\n", "is not of type 'object'"),
        ("name: [Harbor\nphone: 5", "is not YAML"),
        (GOOD + "  bad: indent\n", "line 4 is not YAML"),
        ("name: \x01\n", "that YAML does not allow"),
        ("name: 2024-13-45\nphone: '555-010-0177'\n", "that YAML does not allow"),
        (GOOD + "time_zone: Chicago\n", "'Chicago' is not an IANA name"),
        (GOOD + "time_zone: America\n", "'America' is not an IANA name"),
        (GOOD + "time_zone: ''\n", "'' is not an IANA name"),
        (GOOD + "time_zone: ../zone\n", "'../zone' is not an IANA name"),
        (GOOD + "time_zone: -6\n", "-6 is not of type 'string'"),
        (GOOD + "country: USA\n", "country: 'USA' is not a country: give two capital letters"),
        (GOOD + "country: us\n", "country: 'us' is not a country: give two capital letters"),
        (GOOD + "country: NO\n", "country: False is not of type 'string'"),
        (GOOD + "name: Haven\n", "line 4: 'name' is there twice"),
    ],
)
def test_a_clinic_file_that_is_wrong_says_what_and_where(tmp_path: Path, content: str, words: str) -> None:
    (problem,) = _clinic_problems(tmp_path, content)
    assert problem.startswith("clinic.yml: ")
    assert words in problem


def test_an_empty_clinic_file_lacks_a_name_a_number_and_who_comes(tmp_path: Path) -> None:
    problems = _clinic_problems(tmp_path, "")
    assert [word for word in ("'name'", "'phone'", "on_call: is missing") if not any(word in p for p in problems)] == []
    assert len(problems) == 3


def test_a_clinic_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "clinic.yml").write_bytes(b"name: \xff\xfe")
    env = environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml"))
    assert _problems(env) == ("clinic.yml: is not UTF-8 text",)


def test_a_missing_clinic_file_is_named_with_the_variable_that_says_where(tmp_path: Path) -> None:
    (problem,) = _problems(environment(tmp_path, CLINIC_FILE=str(tmp_path / "nowhere.yml")))
    assert "nowhere.yml" in problem
    assert "CLINIC_FILE says where it is" in problem


@pytest.mark.parametrize("url", ["nonsense", "mysql://ana@host/clinic"])
def test_a_database_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        load_settings({"DATABASE_URL": url})


# -- on call ---------------------------------------------------------------------


def _paged_by(contact: str, **more: str) -> str:
    people = {"ana": {"name": "Ana", "role": "nurse", "contacts": [contact]}}
    ladder = {tier: {"steps": [{"page": ["ana"]}]} for tier in ("emergency", "urgent")}
    clinic = {"name": "Harbor", "phone": "555-010-0177", "on_call": {"people": people, "ladder": ladder}, **more}
    return yaml.safe_dump(clinic)


def test_who_is_on_call_is_read_in_the_zone_of_the_clinic(tmp_path: Path) -> None:
    write_clinic(tmp_path, _paged_by("log", time_zone="America/Chicago"))
    on_call = load_settings(environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml"))).on_call
    assert (on_call.zone.key, set(on_call.people)) == ("America/Chicago", {"ana"})


@pytest.mark.parametrize(
    ("country", "text", "number"), [("US", "555-010-0101", "+15550100101"), ("GB", "020 7946 0101", "+442079460101")]
)
def test_a_telephone_number_is_one_of_the_clinics_country(tmp_path: Path, country: str, text: str, number: str) -> None:
    write_clinic(tmp_path, _paged_by(f"sms:{text}", country=country))
    settings = load_settings(environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml")))
    assert settings.on_call.people["ana"].contacts[0].address == number
    assert settings.clinic.country == country


@pytest.mark.parametrize("as_file", [False, True])
def test_the_url_of_a_contact_comes_from_the_environment_and_is_not_printed(tmp_path: Path, as_file: bool) -> None:
    write_clinic(tmp_path, _paged_by("url:PAGE_ANA"))
    url = "json://ana:hunter2@hooks.example"
    (tmp_path / "url").write_text(f"{url}\n", encoding="utf-8")
    given = {"PAGE_ANA_FILE": str(tmp_path / "url")} if as_file else {"PAGE_ANA": url}
    settings = load_settings(environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml"), **given))
    assert settings.page_urls == {"PAGE_ANA": url}
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "on_call: people: ana: contacts: 1: PAGE_ANA is not set"),
        ({"PAGE_ANA": "hunter2"}, "on_call: people: ana: contacts: 1: PAGE_ANA is not a URL that Apprise can use"),
        ({"PAGE_ANA_FILE": "/nowhere/url"}, "PAGE_ANA_FILE: cannot read /nowhere/url"),
    ],
)
def test_a_contact_whose_url_is_not_there_is_one_problem(tmp_path: Path, given: dict[str, str], words: str) -> None:
    write_clinic(tmp_path, _paged_by("url:PAGE_ANA"))
    (problem,) = _problems(environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml"), **given))
    assert words in problem
    assert "hunter2" not in problem


def test_two_people_with_one_id_are_named_with_the_line_of_the_second(tmp_path: Path) -> None:
    ana = "{name: Ana, role: nurse, contacts: [log]}"
    ladder = "{emergency: {steps: [{page: [ana]}]}, urgent: {steps: [{page: [ana]}]}}"
    content = f"name: Harbor\nphone: '555'\non_call:\n  people:\n    ana: {ana}\n    ana: {ana}\n  ladder: {ladder}\n"
    assert _clinic_problems(tmp_path, content) == (
        "clinic.yml: line 6: 'ana' is there twice: take one out, or give it another name",
    )


def test_problems_of_who_is_on_call_are_named_with_all_others(tmp_path: Path) -> None:
    content = _paged_by("sms:1", time_zone="Mars/Base", country="XX", fax="1")
    problems = _clinic_problems(tmp_path, content)
    assert len(problems) == 4
    for word in ("'fax'", "Mars/Base", "'XX'", "on_call: people: ana: contacts: 1: '1' is not"):
        assert any(word in problem for problem in problems), word


# -- the clinic's own answers and topics ----------------------------------------

QUESTIONS = [f"do you sell gift cards for {number} sessions" for number in range(8)]
TOPIC: dict[str, Any] = {
    "id": "gift_cards",
    "title": "Gift cards",
    "questions": QUESTIONS,
    "text": "We sell none.",
}


def _with(**content: Any) -> str:
    return GOOD + yaml.safe_dump(content, allow_unicode=True)


def _clinic(folder: Path, content: str) -> Clinic:
    write_clinic(folder, content)
    return load_settings(environment(folder, CLINIC_FILE=str(folder / "clinic.yml"))).clinic


def test_own_answers_are_found_by_the_whole_name_of_their_topic(tmp_path: Path) -> None:
    answers = {"hours": "Open 8 to 17.", "insurance": {"text": "We check Ana's plan.", "short": "We check."}}
    assert _clinic(tmp_path, _with(answers=answers)).answers == {
        "ask_staff/hours": OwnAnswer("Open 8 to 17."),
        "faq/insurance": OwnAnswer("We check Ana's plan.", "We check."),
    }


@pytest.mark.parametrize("short", [None, "None."])
def test_own_topics_are_read_with_or_without_a_short_form(tmp_path: Path, short: str | None) -> None:
    topic = TOPIC if short is None else {**TOPIC, "short": short}
    own = OwnTopic("gift_cards", "Gift cards", tuple(QUESTIONS), OwnAnswer("We sell none.", short))
    assert _clinic(tmp_path, _with(topics=[topic])).topics == (own,)


def test_every_topic_of_the_data_can_have_an_own_answer(tmp_path: Path) -> None:
    clinic = _clinic(tmp_path, _with(answers={topic: "Ask Ben." for topic in known_topics()}))
    assert {name.split("/")[0] for name in clinic.answers} == {"faq", "ask_staff"}
    assert len(clinic.answers) == len(known_topics())


@pytest.mark.parametrize(
    ("topic", "near"),
    [("insurence", "insurance"), ("drivng", "driving"), ("hour", "hours"), ("prices", "price")],
)
def test_an_unknown_topic_is_named_with_one_that_is_near(tmp_path: Path, topic: str, near: str) -> None:
    (problem,) = _clinic_problems(tmp_path, _with(answers={topic: "Ask Ben."}))
    assert problem.startswith(f"clinic.yml: answers: there is no topic {topic!r}; did you mean ")
    assert near in problem.split("did you mean ")[1].rstrip("?").split(" or ")


def test_a_topic_that_is_near_nothing_is_shown_where_to_add_it(tmp_path: Path) -> None:
    (problem,) = _clinic_problems(tmp_path, _with(answers={"zzxqw": "Ask Ben."}))
    assert problem.endswith("there is no topic 'zzxqw'; `topics` adds one of your own")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Call {phone}.",
        "Open 8 to 17.\n\nClosed on Sunday.",
        "Open 8 to 17.\n \t\nClosed on Sunday.",
        "o" * 251,
        ["Open"],
        8,
        {"text": "Open."},
        {"short": "Open."},
        {"text": "Open.", "short": "o" * 251},
        {"text": "o" * 701, "short": "Open."},
        {"text": "Open {now}.", "short": "Open."},
        {"text": "Open.", "short": "Open.", "sources": []},
    ],
)
def test_an_own_answer_that_cannot_be_said_is_refused(tmp_path: Path, answer: Any) -> None:
    (problem,) = _clinic_problems(tmp_path, _with(answers={"hours": answer}))
    assert problem.startswith("clinic.yml: answers: hours: ")


@pytest.mark.parametrize(
    "answer",
    [
        "o" * 250,
        {"text": "o" * 700, "short": "o" * 250},
        "Open 8 to 17.\nClosed on Sunday.",
        "Ruf [clinic phone] an: ☎",
    ],
)
def test_an_own_answer_at_the_limit_is_allowed(tmp_path: Path, answer: Any) -> None:
    assert set(_clinic(tmp_path, _with(answers={"hours": answer})).answers) == {"ask_staff/hours"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": "blue"}, "topics: 0: Additional properties"),
        ({"id": "Gift cards"}, "topics: 0: id: "),
        ({"id": "faq/gifts"}, "topics: 0: id: "),
        ({"title": ""}, "topics: 0: title: "),
        ({"title": "t" * 41}, "topics: 0: title: "),
        ({"questions": QUESTIONS[:7]}, "topics: 0: questions: "),
        ({"questions": [*QUESTIONS[:7], QUESTIONS[0]]}, "topics: 0: questions: "),
        ({"questions": [*QUESTIONS, "/restart"]}, "topics: 0: questions: 8: "),
        ({"questions": [*QUESTIONS, "a [card](gift)"]}, "topics: 0: questions: 8: "),
        ({"questions": [*QUESTIONS, "two\nlines"]}, "topics: 0: questions: 8: "),
        ({"questions": "gift cards?"}, "topics: 0: questions: "),
        ({"text": "We sell {none}."}, "topics: 0: text: "),
        ({"text": "We sell none.\n\nSorry."}, "topics: 0: text: "),
        ({"text": "t" * 701}, "topics: 0: text: "),
        ({"short": "s" * 251}, "topics: 0: short: "),
    ],
)
def test_an_own_topic_that_is_wrong_says_where(tmp_path: Path, change: dict[str, Any], where: str) -> None:
    (problem,) = _clinic_problems(tmp_path, _with(topics=[{**TOPIC, **change}]))
    assert problem.startswith(f"clinic.yml: {where}")


def test_calls_are_handed_over_with_one_key_or_two_while_it_is_replaced(tmp_path: Path) -> None:
    assert load_settings(environment(tmp_path)).handoff_keys == ()
    keys = f"{'a' * 32}, {'b' * 32}"
    assert load_settings(environment(tmp_path, HANDOFF_KEY=keys)).handoff_keys == ("a" * 32, "b" * 32)


def test_a_short_key_for_handing_over_is_refused_without_saying_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environment(tmp_path, HANDOFF_KEY="short-secret"))
    (problem,) = caught.value.problems
    assert problem.startswith("HANDOFF_KEY is too short")
    assert "short-secret" not in problem


@pytest.mark.parametrize("key", ["id", "title", "questions", "text"])
def test_an_own_topic_that_lacks_something_says_what(tmp_path: Path, key: str) -> None:
    topic = {name: value for name, value in TOPIC.items() if name != key}
    (problem,) = _clinic_problems(tmp_path, _with(topics=[topic]))
    assert problem == f"clinic.yml: topics: 0: {key!r} is a required property"


def test_problems_of_own_topics_are_named_together_with_all_others(tmp_path: Path) -> None:
    topics = [{**TOPIC, "questions": [*QUESTIONS, "I can't breathe"]}, TOPIC]
    problems = _clinic_problems(tmp_path, _with(answers={"insurence": "Ask."}, colour="blue", topics=topics))
    for word in ("'colour'", "'insurence'", "used twice", "severe report", "is a question of gift_cards already"):
        assert any(word in problem for problem in problems), word
    assert all(problem.startswith("clinic.yml: ") for problem in problems)


def test_all_that_is_wrong_with_answers_and_topics_is_named_at_once(tmp_path: Path) -> None:
    topics = [{**TOPIC, "colour": "blue"}, {**TOPIC, "questions": QUESTIONS[:3]}]
    problems = _clinic_problems(tmp_path, _with(answers={"hours": "{", "insurence": "Ask."}, topics=topics))
    assert len(problems) == 4
    for word in ("answers: hours", "'insurence'", "'colour'", "topics: 1: questions"):
        assert any(word in problem for problem in problems)
