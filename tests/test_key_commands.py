"""`keys` on the command line, and commands that refuse keys which are not the database's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import __main__ as command_line
from bot.app import build_house, build_pager, build_sealer
from bot.kept_keys import parse_data_keys
from bot.settings import Settings, load_settings
from bot.storage import tables
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from bot.storage.talks import Talks, talks_engine
from tests.harness.clock import START
from tests.harness.servers import Postgres
from tests.harness.settings import environment, free_ports
from tests.harness.storage import Database
from tests.storage.earlier import back_to, fill_as_0003

Run = Callable[..., tuple[int, str, str]]
ANA = "+15555550101"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database on each backend; for SQLite the one in DATA_DIR."""
    if request.param == "sqlite":
        yield ""
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as engine:
        yield engine.url.render_as_string(hide_password=False)


@pytest.fixture
def settings(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The environment of the commands, with keys that are kept in DATA_DIR."""
    variables = environment(tmp_path, PORT=str(free_ports(1)[0]), DATABASE_URL=url, DATA_KEYS="")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings(variables)


@pytest.fixture
def run(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; returns status, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = command_line.main(arguments)
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def talk(settings: Settings) -> str:
    """A conversation with a number to call back; its id."""
    engine = create_engine(settings.database_url)
    upgrade(engine)
    with build_house(settings, engine).unit_of_work() as uow:
        conversation = uow.conversations.add("web", START)
        uow.conversations.set_callback_number(conversation.id, ANA, START)
        uow.commit()
    return conversation.id


def _number(settings: Settings, talk: str) -> str | None:
    with build_house(settings).unit_of_work() as uow:
        return uow.conversations.get(talk).callback_number


def _file(settings: Settings) -> Path:
    assert settings.data_keys_file is not None
    return settings.data_keys_file


def test_a_new_key_is_printed_and_nothing_else(run: Run, settings: Settings) -> None:
    before = _file(settings).read_bytes()
    status, out, errors = run("keys", "new")
    assert (status, errors, len(parse_data_keys(out))) == (0, "", 1)
    assert _file(settings).read_bytes() == before


def test_a_new_key_is_put_first_in_the_private_file(run: Run, settings: Settings) -> None:
    status, out, _ = run("keys", "new", "--add")
    keys = parse_data_keys(_file(settings).read_text(encoding="ascii"))
    assert (status, keys[1:]) == (0, settings.data_keys)
    assert keys[0] not in out
    assert _file(settings).stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in _file(settings).parent.glob("*keys*")) == ["data.keys"]


def test_a_key_cannot_be_added_to_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("DATA_KEYS", settings.data_keys[0])
    status, _, errors = run("keys", "new", "--add")
    assert (status, "put it there yourself" in errors) == (1, True)


def test_a_key_is_replaced_while_everything_runs(run: Run, settings: Settings, talk: str) -> None:
    running = build_sealer(settings)
    rasas = Talks(talks_engine(settings.database_url), running)
    rasas.prepare()
    rasas.put(talk, "my chest hurts", START)
    assert run("keys", "new", "--add")[0] == 0
    status, out, errors = run("keys", "rotate")
    assert (status, errors) == (0, "")
    assert out.splitlines() == [
        "rasa_talks: 1 values sealed with the first key",
        "conversations: 1 values sealed with the first key",
        "under former keys: 0",
        "done: former keys may be removed, once every process has the new key first",
    ]
    (row,) = Database(create_engine(settings.database_url)).stored(tables.conversations)
    assert running.open(row["callback_number"]) == ANA
    new, _ = parse_data_keys(_file(settings).read_text(encoding="ascii"))
    _file(settings).write_text(new, encoding="ascii")
    assert (_number(load_settings(), talk), rasas.get(talk)) == (ANA, "my chest hurts")


@pytest.mark.parametrize("url", [""])
def test_what_was_plain_before_cannot_be_read_in_the_files_after(run: Run, settings: Settings) -> None:
    engine = create_engine(settings.database_url)
    upgrade(engine)
    back_to(engine, "0003")
    fill_as_0003(engine)
    with engine.connect():  # somebody is at work: the write-ahead log stays
        assert run("keys", "rotate")[0] == 0
        contents = b"".join(path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file())
    assert [secret in contents for secret in (b"my chest", b"Call us", b"5550101", b"slack:ana")] == [False] * 4


@pytest.mark.parametrize("command", ["serve", "gateway", "pager", "escalations"])
def test_nothing_starts_with_keys_that_are_not_the_databases(
    run: Run, settings: Settings, talk: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "serve", _must_not_be_reached)
    _file(settings).unlink()
    status, out, errors = run(command)
    assert (status, out) == (1, "")
    assert "assistant: cannot go on:\n- DATA_KEYS (or data.keys in DATA_DIR): a key is missing" in errors


async def _must_not_be_reached(_: Settings) -> None:
    raise AssertionError


@pytest.mark.parametrize("url", ["sqlite:////nowhere/assistant.db"])
def test_a_database_that_is_away_keeps_nobody_from_starting(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    build_pager(settings)
    assert "keys_not_checked_yet" in caplog.text
