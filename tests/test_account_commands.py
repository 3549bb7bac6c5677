"""Accounts and the record on the command line."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import __main__ as command_line
from bot import account_commands
from bot import app as composition
from bot.app import Office, build_office
from bot.domain.staff import Role
from bot.services.account_ports import AuditFilter
from bot.services.sign_in import NotSignedIn, Visitor
from bot.settings import Settings, load_settings
from bot.storage.engine import create_engine
from tests.harness.console import HASHER, PASSWORD
from tests.harness.settings import environment

Run = Callable[..., tuple[int, str, str]]
NOOR = ("add", "noor@example.org", "--name", "Noor", "--role", "nurse")
OTHER = "other words entirely here"


class _Terminal(io.StringIO):
    """Standard input with somebody at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The environment of the commands."""
    monkeypatch.setattr(composition, "Argon2Hasher", lambda: HASHER)
    variables = environment(tmp_path, PUBLIC_URL="https://clinic.example.org")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings(variables)


@pytest.fixture
def run(settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `python -m bot staff …` with a line on standard input; returns status, output and errors."""

    def run(*arguments: str, typed: str = "", command: str = "staff") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = command_line.main([command, *arguments])
        return status, *capsys.readouterr()

    return run


def office(settings: Settings) -> Office:
    """The same database, as another process has it."""
    return build_office(settings)


def can_enter(settings: Settings, password: str, name: str = "noor@example.org") -> bool:
    """Whether a password lets in."""
    try:
        office(settings).sign_in.with_password(name, password, Visitor("198.51.100.7"))
    except NotSignedIn:
        return False
    return True


@pytest.fixture
def noor(run: Run) -> None:
    """Noor has an account."""
    assert run(*NOOR, "--person", "noor", "--password-stdin", typed=f"{PASSWORD}\n")[0] == 0


@pytest.mark.usefixtures("noor")
def test_a_password_that_comes_on_standard_input_lets_in(settings: Settings) -> None:
    assert can_enter(settings, PASSWORD)


def test_a_link_is_printed_that_chooses_a_password(run: Run, settings: Settings) -> None:
    _, out, _ = run(*NOOR, "--link")
    found = re.search(r"https://clinic\.example\.org/staff/set-up/(\S+)", out)
    assert found is not None
    office(settings).accounts.choose_password(found[1], OTHER)
    assert can_enter(settings, OTHER)


def test_at_a_terminal_the_password_is_asked_for_twice(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(io, "StringIO", _Terminal)
    for answers, status in (([PASSWORD, OTHER], 1), ([PASSWORD, PASSWORD], 0)):
        monkeypatch.setattr(account_commands.getpass, "getpass", lambda _, answers=answers: answers.pop(0))
        assert run(*NOOR)[0] == status
    assert can_enter(settings, PASSWORD)


def test_without_a_terminal_nobody_is_asked(run: Run) -> None:
    status, _, errors = run(*NOOR)
    assert (status, "use --password-stdin or --link" in errors) == (1, True)


def test_a_password_is_no_argument(run: Run) -> None:
    with pytest.raises(SystemExit):
        run(*NOOR, "--password", PASSWORD)


@pytest.mark.usefixtures("noor")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*NOOR, "--link"), "There is an account noor@example.org already"),
        (("add", "kim", "--name", "Kim", "--role", "nurse", "--person", "kim", "--link"), "not on the on-call list"),
        (("add", "Kim Li", "--name", "Kim", "--role", "nurse", "--link"), "letters a to z"),
        (("disable", "kim"), "There is no such account."),
        (("reset-password", "kim", "--link"), "There is no such account."),
        (("break-glass", "--reason", "x"), "Say why"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, arguments: tuple[str, ...], said: str) -> None:
    status, out, errors = run(*arguments)
    assert (status, out, said in errors) == (1, "", True)
    assert "Traceback" not in errors


@pytest.mark.usefixtures("noor")
def test_the_list_says_who_there_is_and_no_secret(run: Run) -> None:
    status, out, _ = run("list")
    assert (status, out.split()) == (0, ["noor@example.org", "nurse", "noor", "-", "never", "open"])


@pytest.mark.usefixtures("noor")
def test_somebody_is_disabled_let_in_again_and_given_another_role(run: Run, settings: Settings) -> None:
    assert run("disable", "noor@example.org")[0] == 0
    assert not can_enter(settings, PASSWORD)
    assert run("enable", "Noor@example.org")[0] == 0
    assert can_enter(settings, PASSWORD)
    assert run("role", "noor@example.org", "auditor")[0] == 0
    assert office(settings).accounts.by_user_name("noor@example.org").staff.role is Role.AUDITOR


@pytest.mark.usefixtures("noor")
def test_another_password_is_set(run: Run, settings: Settings) -> None:
    assert run("reset-password", "noor@example.org", "--password-stdin", typed=f"{OTHER}\r\n")[0] == 0
    assert (can_enter(settings, PASSWORD), can_enter(settings, OTHER)) == (False, True)


@pytest.mark.usefixtures("noor")
def test_a_link_for_another_password_makes_the_old_one_void(run: Run, settings: Settings) -> None:
    _, out, _ = run("reset-password", "noor@example.org", "--link")
    assert "/staff/set-up/" in out
    assert not can_enter(settings, PASSWORD)


@pytest.mark.usefixtures("noor")
def test_a_second_factor_is_taken_away(run: Run) -> None:
    status, out, _ = run("reset-second-factor", "noor@example.org")
    assert (status, out) == (0, "noor@example.org sets up a second factor at the next sign-in\n")


@pytest.mark.usefixtures("noor")
def test_who_did_it_is_who_sits_at_the_terminal(run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_commands.getpass, "getuser", lambda: "ops")
    run("disable", "noor@example.org")
    (entry,) = office(settings).audit.listing("test", AuditFilter(), 1)
    assert (entry.actor, entry.action, entry.subject) == ("terminal:ops", "account.disabled", "noor@example.org")


# -- emergency access ----------------------------------------------------------


def test_emergency_access_lets_in_and_is_told_at_once(
    run: Run, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    status, out, _ = run("break-glass", "--reason", "both managers are out of reach")
    assert status == 0
    found = re.search(r"user name  (\S+)\npassword   (\S+)\n", out)
    assert found is not None
    assert can_enter(settings, found[2], found[1])
    # The one person of the last resort has only the log.
    (told,) = [record.getMessage() for record in caplog.records if record.name == "pager"]
    assert "emergency access to the staff console" in told
    assert found[1] in told
    assert found[2] not in caplog.text


def test_a_person_who_cannot_be_told_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no way")

    monkeypatch.setattr("bot.senders.log.LogSender.send", fail)
    status, out, _ = run("break-glass", "--reason", "both managers are out of reach")
    assert (status, "Noor could not be told by log: OSError" in out) == (0, True)


# -- the record ----------------------------------------------------------------


@pytest.mark.usefixtures("noor")
def test_a_record_that_is_whole_prints_the_line_to_keep(run: Run) -> None:
    status, out, _ = run("verify", command="audit")
    assert (status, out.splitlines()[0]) == (0, "whole: 2 lines of the audit, 0 lines of histories")
    known = out.split()[-1]
    assert run("verify", "--known", known, command="audit")[0] == 0


@pytest.mark.usefixtures("noor")
def test_a_record_that_was_changed_is_named_and_fails(run: Run, settings: Settings) -> None:
    known = run("verify", command="audit")[1].split()[-1]
    with create_engine(settings.database_url).begin() as connection:
        connection.execute(sa.text("UPDATE audit SET subject = 'kim' WHERE number = 2"))
    status, out, errors = run("verify", "--known", known, command="audit")
    assert (status, out) == (1, "")
    assert "audit line 2 is not as it was written" in errors


@pytest.mark.parametrize("known", ["", "5", "5:", f"x:{'0' * 64}", f"5:{'0' * 63}"])
def test_a_line_that_was_not_printed_by_a_check_is_refused(run: Run, known: str) -> None:
    with pytest.raises(SystemExit):
        run("verify", "--known", known, command="audit")
