"""The keys that encrypt what is stored, on the command line: a new one, and putting everything under it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from bot.app import build_sealer
from bot.domain.errors import ConfigurationError
from bot.kept_keys import add_data_key, new_data_key
from bot.settings import Settings
from bot.storage.engine import create_engine, settle
from bot.storage.migrate import upgrade
from bot.storage.rotation import Rotation
from bot.storage.spool import FileSpool
from bot.storage.talks import Talks, talks_engine
from bot.storage.unit_of_work import SqlUnitOfWork

Run = Callable[[Settings, argparse.Namespace], None]


def add_to(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    settable: Callable[[argparse.ArgumentParser, Run], None],
) -> None:
    """Add the commands to the parser."""
    parser = commands.add_parser("keys", help="the keys that encrypt what is stored: make one, rotate")
    actions = parser.add_subparsers(required=True, metavar="action")
    making = actions.add_parser("new", help="make a key and print it", description=_new.__doc__)
    making.add_argument("--add", action="store_true", help="put it first in the file of keys instead of printing it")
    settable(making, _new)
    settable(
        actions.add_parser("rotate", help="encrypt everything with the first key", description=_rotate.__doc__), _rotate
    )


def _new(settings: Settings, options: argparse.Namespace) -> None:
    """Make a key and print it; or, with --add, put it first in the file that the keys are read from."""
    key = new_data_key()
    if not options.add:
        _print(key)
        return
    path = _file(settings)
    add_data_key(path, key)
    _print(f"{path}: a new key is first; every process that reads this file uses it from now on")
    _print("next: `python -m bot keys rotate`")


def _file(settings: Settings) -> Path:
    if settings.data_keys_file is None:
        raise ConfigurationError(
            ["DATA_KEYS is in the environment: print a key with `python -m bot keys new` and put it there yourself"]
        )
    return settings.data_keys_file


def _rotate(settings: Settings, _: argparse.Namespace) -> None:
    """Encrypt everything that is stored with the first key, also what earlier versions stored plain.

    The assistant may be at work meanwhile. Broken off, it goes on where it was when it is run again.
    """
    engine, sealer = create_engine(settings.database_url), build_sealer(settings)
    upgrade(engine)
    talks = Talks(talks_engine(settings.database_url), sealer)
    talks.prepare()
    if done := talks.reseal():
        _print(f"rasa_talks: {done} values sealed with the first key")
    Rotation(lambda: SqlUnitOfWork(engine, sealer), FileSpool(settings.data_dir / "spool", sealer), _print).run()
    settle(engine)
    _print("done: former keys may be removed, once every process has the new key first")


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201
