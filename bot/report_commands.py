"""Reports on the command line: the packet of an incident, and the check of one that was exported."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.app import build_house, build_incidents, build_purge
from bot.services.incident import Maker, Packet, PacketRefused, verify
from bot.settings import Settings
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade

Run = Callable[[Settings, argparse.Namespace], None]


def add_to(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    settable: Callable[[argparse.ArgumentParser, Run], None],
) -> None:
    """Add the commands to the parser."""
    packet = commands.add_parser("packet", help="everything about one escalation, for a report of the incident")
    what = packet.add_mutually_exclusive_group(required=True)
    what.add_argument("reference", nargs="?", help="as `python -m bot escalations` lists it")
    what.add_argument("--verify", type=Path, metavar="FILE", help="check a packet that was exported")
    packet.add_argument("--json", action="store_true", help="the whole packet, signed, instead of its time line")
    settable(packet, _packet)
    purge = commands.add_parser("purge", help="delete what clinic.yml says is kept no longer")
    purge.add_argument("--dry-run", action="store_true", help="say how much it is, and delete nothing")
    settable(purge, _purge)


def _packet(settings: Settings, options: argparse.Namespace) -> None:
    if options.verify is not None:
        _verify(settings, options.verify)
        return
    engine = create_engine(settings.database_url)
    upgrade(engine)
    desk = build_incidents(settings, build_house(settings, engine))
    packet = desk.make(options.reference, Maker(f"terminal:{getpass.getuser()}"[:64]))
    if options.json:
        _print(json.dumps(packet, indent=2))
        return
    for line in _lines(packet):
        _print(line)


def _purge(settings: Settings, options: argparse.Namespace) -> None:
    engine = create_engine(settings.database_url)
    upgrade(engine)
    purge = build_purge(settings, build_house(settings, engine))
    if options.dry_run:
        due = purge.due()
        _print(
            f"would be deleted: {due.talks} talks, {due.feedback} lines of feedback; and what Rasa remembers of old talks"
        )
        return
    while (done := purge.once()).total:
        _print(f"deleted: {done.talks} talks, {done.feedback} lines of feedback, {done.memories} memories of Rasa")
    _print("nothing more is to be deleted")


def _verify(settings: Settings, path: Path) -> None:
    lines = verify(_read(path), settings.secret_key)
    _print(f"whole: the signature is right, and {lines} lines of the history hold together")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise PacketRefused(f"{path} is not JSON: give the file that `packet --json` or the console made") from None


def _lines(packet: Packet) -> list[str]:
    """The time line, with what was said, and what staff have to fill in."""
    said = {each["position"]: each["text"] for each in packet["messages"]}
    escalation, check = packet["escalation"], packet["history_check"]
    lines = [f"{escalation['reference']}  {escalation['tier']}  {escalation['status']}"]
    lines.append("history: whole" if check["whole"] else f"history: CHANGED: {check['problem']}")
    for each in packet["time_line"]:
        lines.append(f"{each['at'][:19]}Z  {each['who']:16}  {each['what']}")
        if each["message"] in said and each["who"] != "carrier":
            lines.append(f"    {said[each['message']]!r}")
    lines += [f"to fill in: {each['label']}" for each in packet["form"] if each["standing"] == "fill_in"]
    return lines


def _print(line: str) -> None:
    print(line, file=sys.stdout)  # noqa: T201 - the command's own output
