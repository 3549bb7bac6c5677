"""What staff and operators do on the command line: the way that works when no page does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from bot.app import House, build_house
from bot.canary import Canary
from bot.domain.clock import utc_now
from bot.domain.errors import AssistantError
from bot.domain.escalation import Outcome
from bot.settings import Settings
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade

Run = Callable[[Settings, argparse.Namespace], None]


class DrillFailed(AssistantError):
    """A link of the chain is broken."""


def add_to(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    settable: Callable[[argparse.ArgumentParser, Run], None],
) -> None:
    """Add the commands to the parser."""
    for name, run, text in (
        ("acknowledge", _acknowledge, "say that you have an escalation; paging stops"),
        ("take-over", _take_over, "speak with the patient yourself; the bot is silent meanwhile"),
        ("hand-back", _hand_back, "stop speaking with the patient; it stays acknowledged"),
    ):
        settable(_acting(commands.add_parser(name, help=text, description=text)), run)
    saying = _acting(commands.add_parser("say", help="write to the patient; whoever writes has taken over"))
    saying.add_argument("text")
    settable(saying, _say)
    resolving = _acting(commands.add_parser("resolve", help="close an escalation"))
    resolving.add_argument("--outcome", required=True, choices=[str(outcome) for outcome in Outcome])
    resolving.add_argument("--reason", default="", help="a few words, for the record")
    settable(resolving, _resolve)
    history = commands.add_parser("history", help="who did what with an escalation")
    history.add_argument("reference")
    settable(history, _history)
    settable(commands.add_parser("canary", help="a drill: the whole way from a report to an acknowledgement"), _canary)


def _acting(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("reference", help="as `python -m bot escalations` lists it")
    parser.add_argument("--by", required=True, help="who acts: an id of the on-call list, or a name")
    return parser


def _house(settings: Settings) -> House:
    engine = create_engine(settings.database_url)
    upgrade(engine)
    return build_house(settings, engine)


def _acknowledge(settings: Settings, options: argparse.Namespace) -> None:
    done = _house(settings).handling.acknowledge(options.reference, options.by, "cli")
    _print(f"{done.reference} is with {options.by}; take it over within the limit, or paging resumes")


def _take_over(settings: Settings, options: argparse.Namespace) -> None:
    done = _house(settings).handling.take_over(options.reference, options.by)
    _print(f"{done.reference} is with {options.by}; write with `say` within the limit, or paging resumes")


def _hand_back(settings: Settings, options: argparse.Namespace) -> None:
    done = _house(settings).handling.hand_back(options.reference, options.by)
    _print(f"{done.reference} is acknowledged by {options.by}")


def _say(settings: Settings, options: argparse.Namespace) -> None:
    done = _house(settings).handling.say(options.reference, options.by, options.text)
    _print(f"{done.reference}: said")


def _resolve(settings: Settings, options: argparse.Namespace) -> None:
    outcome = Outcome(options.outcome)
    done = _house(settings).handling.resolve(options.reference, options.by, outcome, options.reason)
    _print(f"{done.reference} is resolved: {outcome}")


def _history(settings: Settings, options: argparse.Namespace) -> None:
    for entry in _house(settings).desk.history(options.reference):
        detail = ", ".join(f"{key}={value}" for key, value in entry.detail.items() if key != "evidence")
        _print(f"{entry.at:%Y-%m-%d %H:%M:%SZ}  {entry.actor:12}  {entry.event:24}  {detail}")


def _canary(settings: Settings, _: argparse.Namespace) -> None:
    house = _house(settings)
    canary = Canary(
        settings.own_url,
        settings.secret_key,
        page_of=house.desk.sent_page,
        link_of=lambda page_id: f"{settings.own_url}/staff/pages/{house.links.token_for_an_hour(page_id, utc_now())}",
        resolve=lambda reference, outcome: house.handling.resolve(reference, "canary", outcome, "drill"),
    )
    broken = None
    for link in canary.run():
        _print(f"{'BROKEN' if link.problem else 'ok':7} {link.seconds * 1e3:6.0f} ms  web: {link.name}")
        broken = broken or link.problem
    if broken:
        raise DrillFailed(broken)


def _print(line: str) -> None:
    print(line, file=sys.stdout)  # noqa: T201 - the command's own output
