"""What staff do on the command line: each says what came of it, and what does not go says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import __main__ as command_line
from bot.app import House, build_house
from bot.domain.escalation import Status, Tier
from bot.services.escalations import Report
from bot.settings import Settings, load_settings
from bot.storage import tables
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from tests.harness.settings import environment, free_ports
from tests.harness.storage import Database

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The environment of the commands."""
    (tmp_path / "var").mkdir()
    variables = environment(tmp_path, PORT=str(free_ports(1)[0]))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings(variables)


@pytest.fixture
def house(settings: Settings) -> House:
    """The same database, as another process has it."""
    engine = create_engine(settings.database_url)
    upgrade(engine)
    return build_house(settings, engine)


@pytest.fixture
def reference(house: House) -> str:
    """An emergency that nobody has."""
    return house.desk.open_for_sender(
        "ana", "rest", Report("message-1", Tier.EMERGENCY, "screen", ("cardiac",))
    ).reference


@pytest.fixture
def run(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; returns status, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = command_line.main(arguments)
        return status, *capsys.readouterr()

    return run


def standing(house: House) -> tuple[Status, str | None]:
    """Status and owner of the one case."""
    (case,) = house.desk.listing(include_resolved=True)
    return case.status, case.owner


def test_acknowledge_stops_the_paging(run: Run, house: House, settings: Settings, reference: str) -> None:
    status, out, _ = run("acknowledge", reference, "--by", "noor")
    assert (status, standing(house)) == (0, (Status.ACKNOWLEDGED, "noor"))
    assert out.startswith(f"{reference} is with noor")
    pages = Database(create_engine(settings.database_url)).rows(tables.pages)
    assert {page.state for page in pages} == {"cancelled"}


def test_a_reference_may_be_typed_in_small_letters(run: Run, house: House, reference: str) -> None:
    assert run("acknowledge", reference.lower(), "--by", "noor")[0] == 0
    assert standing(house) == (Status.ACKNOWLEDGED, "noor")


def test_take_over_say_hand_back_and_resolve_follow_each_other(run: Run, house: House, reference: str) -> None:
    seen = []
    for arguments in (
        ("take-over", reference, "--by", "noor"),
        ("say", reference, "--by", "noor", "I am calling you now."),
        ("hand-back", reference, "--by", "noor"),
        ("resolve", reference, "--by", "noor", "--outcome", "handled", "--reason", "spoke with her"),
    ):
        assert run(*arguments)[0] == 0
        seen.append(standing(house)[0])
    assert seen == [Status.WITH_STAFF, Status.WITH_STAFF, Status.ACKNOWLEDGED, Status.RESOLVED]


def test_what_is_said_stands_in_the_talk(run: Run, settings: Settings, reference: str) -> None:
    status, out, _ = run("say", reference, "--by", "noor", "I am calling you now.")
    assert (status, out) == (0, f"{reference}: said\n")
    row = Database(create_engine(settings.database_url)).rows(tables.messages)[-1]
    assert (row.author, row.text) == ("staff:Noor", "I am calling you now.")


@pytest.mark.parametrize("command", ["acknowledge", "take-over", "say"])
def test_who_comes_second_is_told_who_has_it(run: Run, house: House, reference: str, command: str) -> None:
    run("take-over", reference, "--by", "noor")
    words = ("hello",) if command == "say" else ()
    status, out, errors = run(command, reference, "--by", "lee", *words)
    assert (status, out) == (1, "")
    assert f"{reference} is already with Noor" in errors
    assert standing(house) == (Status.WITH_STAFF, "noor")


@pytest.mark.parametrize(
    "arguments",
    [
        ("acknowledge", "XXXXX", "--by", "noor"),
        ("take-over", "XXXXX", "--by", "noor"),
        ("hand-back", "XXXXX", "--by", "noor"),
        ("say", "XXXXX", "--by", "noor", "hello"),
        ("resolve", "XXXXX", "--by", "noor", "--outcome", "handled"),
        ("history", "XXXXX"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_reference_that_nobody_has_is_said(run: Run, arguments: tuple[str, ...]) -> None:
    status, out, errors = run(*arguments)
    assert (status, out) == (1, "")
    assert "no escalation is called XXXXX" in errors
    assert "Traceback" not in errors


def test_what_cannot_follow_is_said(run: Run, reference: str) -> None:
    status, _, errors = run("hand-back", reference, "--by", "noor")
    assert status == 1
    assert f"{reference} is open" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("acknowledge",),
        ("acknowledge", "ABCDE"),
        ("resolve", "ABCDE", "--by", "noor"),
        ("say", "ABCDE", "--by", "noor"),
    ],
    ids=["no reference", "nobody", "no outcome", "no words"],
)
def test_a_command_that_is_not_complete_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


def test_history_says_who_did_what(run: Run, reference: str) -> None:
    run("acknowledge", reference, "--by", "noor")
    status, out, _ = run("history", reference)
    lines = [line.split(maxsplit=4) for line in out.splitlines()]
    acts = [(line[2], line[3]) for line in lines]
    assert status == 0
    assert acts[:3] == [("assistant", "opened"), ("pager", "step_taken"), ("noor", "acknowledged")]
    assert lines[2][4] == "way=cli"


def test_history_holds_no_words_of_the_patient(run: Run, house: House) -> None:
    evidence = {"evidence": [{"text": "I can't breathe"}]}
    report = Report("message-1", Tier.EMERGENCY, "screen", ("respiratory",), evidence)
    reference = house.desk.open_for_sender("ana", "rest", report).reference
    assert "breathe" not in run("history", reference)[1]


def test_a_drill_without_a_gateway_fails_and_says_where(run: Run) -> None:
    status, out, errors = run("canary")
    assert status == 1
    assert out.startswith("BROKEN")
    assert out.rstrip().endswith("web: report is taken in, screened and answered")
    assert "cannot go on" in errors


def test_the_first_command_of_an_installation_makes_its_database(run: Run) -> None:
    assert run("history", "XXXXX")[0] == 1
    assert run("escalations") == (0, "no open escalations\n", "")
