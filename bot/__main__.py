"""The command line: python -m bot <command>."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from aiohttp import web

from bot import account_commands, app, key_commands, log_lines, moved_clock, report_commands, staff_commands
from bot.domain import coverage
from bot.domain.clock import utc_now
from bot.domain.errors import AssistantError, ConfigurationError
from bot.domain.escalation import Tier
from bot.domain.on_call import coverage as on_call_coverage
from bot.on_call_settings.section import TIERS
from bot.open_files import allow_connections
from bot.safety.joined import MODEL_VARIABLE
from bot.settings import SETTINGS, Settings, load_settings
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from bot.supervise.serve import ENVIRONMENT, actions_program, rasa_alone, run_in_place, serve
from bot.supervise.training import model_path, screen_model_path, train, train_screen
from bot.telephone_settings import warnings as telephone_warnings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what it says, 1 with a sentence on standard error."""
    options = _parser().parse_args(arguments)
    for name, value in vars(options).items():
        if name in {setting.name for setting in SETTINGS} and value is not None:
            os.environ[name] = value
    try:
        settings = load_settings()
        log_lines.configure(settings.log_level, settings.log_format)
        moved_clock.follow(settings.clock_file)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        options.run(settings, options)
    except (AssistantError, OSError) as error:
        print(f"assistant: cannot go on:\n{error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, text in (
        ("serve", _serve, "train if needed, start Rasa, the action server and the gateway"),
        ("gateway", _gateway, "the gateway alone"),
        ("pager", _pager, "the pager alone: sends pages and keeps time; several may run"),
        ("rasa", _rasa, "the Rasa server alone; several may run, see RASA_URLS"),
        ("actions", _actions, "the action server alone"),
        ("migrate", _migrate, "bring the database to the newest schema"),
        ("check", _check, "check the configuration"),
    ):
        _settable(commands.add_parser(name, help=text, description=text), run)
    training = commands.add_parser("train", help="train what is not trained for the present inputs")
    training.add_argument("--force", action="store_true", help="train all of it again")
    training.add_argument("--verbose", action="store_true", help="show all that Rasa prints, not the stages alone")
    _settable(training, _train)
    listing = commands.add_parser("escalations", help="list open escalations, most serious first")
    listing.add_argument("--all", action="store_true", help="resolved ones too")
    _settable(listing, _escalations)
    staff_commands.add_to(commands, _settable)
    key_commands.add_to(commands, _settable)
    account_commands.add_to(commands, _settable)
    report_commands.add_to(commands, _settable)
    _coverage_command(commands.add_parser("coverage", help="whom a report would page, hour by hour, and the gaps"))
    _review_commands(commands.add_parser("borderline", help="messages just below the line: list them, decide"))
    return parser


def _review_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="action")
    listing = actions.add_parser("list", help="what nobody has decided about, likeliest reports first")
    listing.add_argument("--all", action="store_true", help="decided ones too")
    _settable(listing, _borderline_list)
    deciding = actions.add_parser("decide", help="say what a message was; the screen learns from it when next trained")
    deciding.add_argument("reference", help="as the list has it")
    deciding.add_argument("decision", choices=["report", "not-a-report"])
    deciding.add_argument("--by", required=True, help="who decides")
    deciding.add_argument("--tier", choices=[str(tier) for tier in Tier if tier is not Tier.ROUTINE])
    deciding.add_argument("--category", help="if not the one in the list")
    _settable(deciding, _borderline_decide)


def _coverage_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=_days, default=coverage.DAYS, help="how far to look ahead, 1 to 366")
    parser.add_argument("--tier", choices=TIERS, help="one tier alone")
    parser.add_argument(
        "--from", dest="start", type=_moment, help="first day or time, in the clinic's zone, such as 2026-12-24T17:00"
    )
    _settable(parser, _coverage)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 366):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 366")
    return int(text)


def _moment(text: str) -> datetime:
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if 2000 <= moment.year < 2100:
            return moment
    raise argparse.ArgumentTypeError(f"{text!r} is not a day or time such as 2026-12-24 or 2026-12-24T17:00")


def _settable(parser: argparse.ArgumentParser, run: Callable[[Settings, argparse.Namespace], None]) -> None:
    parser.set_defaults(run=run)
    for setting in SETTINGS:
        if not setting.is_secret:  # secrets do not belong on a command line
            option = "--" + setting.name.lower().replace("_", "-")
            parser.add_argument(option, dest=setting.name, help=setting.help)


def _serve(settings: Settings, _: argparse.Namespace) -> None:
    _check_on_call(settings)
    app.refuse_wrong_keys(app.build_house(settings).unit_of_work)
    try:
        asyncio.run(serve(settings))
    except BaseExceptionGroup as group:
        raise _first(group) from None


def _first(error: BaseException) -> BaseException:
    """The error that ended a group of tasks: the rest were cancelled because of it."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _gateway(settings: Settings, _: argparse.Namespace) -> None:
    os.environ.setdefault(MODEL_VARIABLE, str(screen_model_path(settings)))
    # Says it and goes on: one that is restarted takes in reports whatever a calendar says by now.
    now = utc_now()
    for problem in (
        *coverage.refused(settings.on_call, now),
        *coverage.warnings(settings.on_call, now, app.sent_methods(settings)),
    ):
        logging.getLogger("on_call").error("on_call_incomplete problem=%r", problem)
    allow_connections(settings.streams)
    web.run_app(
        app.build_app(settings), host=settings.host, port=settings.port, print=None, access_log=None,
        shutdown_timeout=5, backlog=1024,
    )  # fmt: skip


def _pager(settings: Settings, _: argparse.Namespace) -> None:
    app.build_pager(settings).run(app.until_told_to_stop())


def _rasa(settings: Settings, _: argparse.Namespace) -> None:
    os.environ.setdefault(MODEL_VARIABLE, str(screen_model_path(settings)))
    run_in_place(rasa_alone(settings))


def _actions(settings: Settings, _: argparse.Namespace) -> None:
    os.environ.setdefault(MODEL_VARIABLE, str(screen_model_path(settings)))
    run_in_place(actions_program(settings))


def _train(settings: Settings, options: argparse.Namespace) -> None:
    os.environ.update(ENVIRONMENT)
    screen, model = screen_model_path(settings), model_path(settings.models_dir, settings.clinic)
    if options.force or not screen.exists():
        shutil.rmtree(screen, ignore_errors=True)
        asyncio.run(train_screen(settings, options.verbose))
    if options.force or not model.exists():
        asyncio.run(train(settings, options.verbose))
    print(f"assistant: trained for the present inputs: {screen.name}, {model.name}")  # noqa: T201


def _migrate(settings: Settings, _: argparse.Namespace) -> None:
    upgrade(create_engine(settings.database_url))


def _check_on_call(settings: Settings) -> None:
    """Say loudly what a trial may leave open; raise ConfigurationError for hours that nobody covers."""
    now = utc_now()
    for warning in coverage.warnings(settings.on_call, now, app.sent_methods(settings)):
        print(f"assistant: WARNING: {settings.clinic_file.name}: {warning}", file=sys.stderr)  # noqa: T201
    for warning in telephone_warnings(settings.telephone, settings.public_url):
        print(f"assistant: WARNING: {warning}", file=sys.stderr)  # noqa: T201
    _refuse(settings, coverage.refused(settings.on_call, now))


def _refuse(settings: Settings, gaps: Sequence[str]) -> None:
    if gaps:
        raise ConfigurationError([f"{settings.clinic_file.name}: {gap}" for gap in gaps])


def _coverage(settings: Settings, options: argparse.Namespace) -> None:
    on_call = settings.on_call
    start: datetime = options.start or utc_now()
    start = (start if start.tzinfo else start.replace(tzinfo=on_call.zone)).astimezone(UTC)
    tiers = [Tier(tier) for tier in TIERS if options.tier in (None, tier)]
    for tier in tiers:
        for line in coverage.lines(on_call, tier, on_call_coverage(on_call, tier, start, options.days)):
            print(line)  # noqa: T201
    _refuse(settings, coverage.refused(on_call, start, options.days, tiers))


def _check(settings: Settings, _: argparse.Namespace) -> None:
    _check_on_call(settings)
    print(f"assistant: the configuration of {settings.clinic.name} is complete")  # noqa: T201


def _escalations(settings: Settings, options: argparse.Namespace) -> None:
    upgrade(create_engine(settings.database_url))
    found = app.build_house(settings).desk.listing(include_resolved=options.all)
    for e in found:
        categories = ",".join(e.categories) or "-"
        line = (
            f"{e.reference}  {e.tier:9}  {e.status:12}  {e.opened_at:%Y-%m-%d %H:%M:%SZ}  {e.reason:20}  {categories}"
        )
        print(line)  # noqa: T201
    if not found:
        print("no open escalations")  # noqa: T201


def _borderline_list(settings: Settings, options: argparse.Namespace) -> None:
    upgrade(create_engine(settings.database_url))
    found = app.build_house(settings).reviews.listing(include_decided=options.all)
    for b in found:
        print(  # noqa: T201
            f"{b.reference}  {b.chance:4.0%}  {b.tier:9}  {b.category:28}  {b.created_at:%Y-%m-%d %H:%M:%SZ}  "
            f"{b.decision or '-':12}  {b.text!r}"
        )
    if not found:
        print("no borderline messages")  # noqa: T201


def _borderline_decide(settings: Settings, options: argparse.Namespace) -> None:
    upgrade(create_engine(settings.database_url))
    escalation = app.build_house(settings).reviews.decide(
        options.reference,
        by=options.by,
        is_report=options.decision == "report",
        tier=Tier(options.tier) if options.tier else None,
        category=options.category,
    )
    print(f"{options.reference} is {options.decision.replace('-', ' ')}; the screen learns it at the next `bot train`")  # noqa: T201
    if escalation is not None:
        print(f"escalation {escalation.reference}: {escalation.tier}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
