"""What staff and operators do on the command line: the way that works when no page does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping

from bot.app import House, build_house
from bot.canary import Canary, Front, WebFront
from bot.canary_telephone import CallFront, Line, TextFront
from bot.domain.clock import utc_now
from bot.domain.conversation import ConversationTokens
from bot.domain.errors import AssistantError, ConfigurationError
from bot.domain.escalation import Outcome
from bot.domain.messages import Sender
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
    drilling = commands.add_parser("canary", help="a drill: the whole way from a report to an acknowledgement")
    drilling.add_argument(
        "--channel", choices=("web", "sms", "phone", "all"), default="all", help="all: each that is set up"
    )
    settable(drilling, _canary)


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


def _canary(settings: Settings, options: argparse.Namespace) -> None:
    house = _house(settings)
    found = fronts(settings, house, options.channel)
    broken = [problem for channel, front in found.items() if (problem := _drill(settings, house, channel, front))]
    if broken:
        raise DrillFailed("\n".join(broken))


def fronts(settings: Settings, house: House, channel: str) -> Mapping[str, Front]:
    """Where the reports of drills go in, by channel; "all": each that is set up. Raises ConfigurationError for a channel that is not set up."""
    found: dict[str, Front] = {"web": WebFront(settings.own_url, settings.secret_key)}
    account = settings.telephone.account
    if account is not None:
        line = Line(
            own_url=settings.own_url,
            public_url=settings.public_url,
            account=account,
            number=settings.telephone.numbers[0].number,
            key=settings.secret_key,
            emergency_number=settings.clinic.emergency_number,
            case_of=lambda sender: _case_of(settings, house, sender),
            has_pending=lambda sender: _has_pending(house, sender),
        )
        found |= {"sms": TextFront(line), "phone": CallFront(line)}
    if channel == "all":
        return found
    if channel not in found:
        raise ConfigurationError([f"there is no {channel}: TWILIO_ACCOUNT_SID is not set"])
    return {channel: found[channel]}


def _case_of(settings: Settings, house: House, sender: Sender) -> tuple[str, str] | None:
    with house.unit_of_work() as uow:
        address = uow.addresses.find(sender.number, sender.clinic_number)
        case = uow.escalations.open_for(address.conversation_id) if address else None
    if address is None or case is None:
        return None
    return ConversationTokens(settings.secret_key).issue(address.conversation_id), case.reference


def _has_pending(house: House, sender: Sender) -> bool:
    with house.unit_of_work() as uow:
        address = uow.addresses.find(sender.number, sender.clinic_number)
        return address is not None and uow.texts.waiting(address.id)


def _drill(settings: Settings, house: House, channel: str, front: Front) -> str | None:
    """One channel's drill; the link that is broken and why."""
    canary = Canary(
        settings.own_url,
        settings.secret_key,
        page_of=house.desk.sent_page,
        link_of=lambda page_id: f"{settings.own_url}/staff/pages/{house.links.token_for_an_hour(page_id, utc_now())}",
        resolve=lambda reference, outcome: house.handling.resolve(reference, "canary", outcome, "drill"),
        front=front,
    )
    broken = None
    for link in canary.run():
        _print(f"{'BROKEN' if link.problem else 'ok':7} {link.seconds * 1e3:6.0f} ms  {channel}: {link.name}")
        broken = broken or (f"{channel}: {link.name}: {link.problem}" if link.problem else None)
    return broken


def _print(line: str) -> None:
    print(line, file=sys.stdout)  # noqa: T201 - the command's own output
