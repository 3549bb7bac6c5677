"""Accounts and the audit on the command line: the way in when there is no other."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from datetime import datetime

from bot.app import Office, build_house, build_office
from bot.domain.errors import AssistantError, PageRefused
from bot.domain.staff import Role, Staff
from bot.services.accounts import AccountRefused, NewAccount
from bot.settings import Settings
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade

Run = Callable[[Settings, argparse.Namespace], None]
Settable = Callable[[argparse.ArgumentParser, Run], None]


class RecordBroken(AssistantError):
    """The audit, or a history, is not as it was written."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser], settable: Settable) -> None:
    """Add the commands to the parser."""
    _add_staff(
        commands.add_parser("staff", help="accounts of the staff console").add_subparsers(required=True), settable
    )
    _add_audit(
        commands.add_parser("audit", help="the record of what people did").add_subparsers(required=True), settable
    )


def _add_staff(actions: argparse._SubParsersAction[argparse.ArgumentParser], settable: Settable) -> None:
    adding = actions.add_parser("add", help="a new account; asks for a password, or prints a link to choose one")
    adding.add_argument("user_name")
    adding.add_argument("--name", required=True, help="as colleagues read it")
    adding.add_argument("--role", required=True, choices=[str(role) for role in Role])
    adding.add_argument("--person", help="an id of the on-call list, for who is paged")
    settable(_with_password(adding), _add)
    settable(actions.add_parser("list", help="all accounts"), _list)
    for name, run, text in (
        ("disable", _disable, "sign somebody out and let them in no more"),
        ("enable", _enable, "let somebody in again"),
        ("reset-second-factor", _reset_second_factor, "for who has lost the authenticator app and the recovery codes"),
    ):
        settable(_about(actions.add_parser(name, help=text)), run)
    resetting = _about(actions.add_parser("reset-password", help="the old password is void, its owner is signed out"))
    settable(_with_password(resetting), _reset_password)
    role = _about(actions.add_parser("role", help="give another role"))
    role.add_argument("role", choices=[str(role) for role in Role])
    settable(role, _role)
    glass = actions.add_parser("break-glass", help="emergency access: a manager for four hours; it is written down")
    glass.add_argument("--reason", required=True, help="why, in a sentence")
    settable(glass, _break_glass)


def _add_audit(actions: argparse._SubParsersAction[argparse.ArgumentParser], settable: Settable) -> None:
    verifying = actions.add_parser("verify", help="check that nobody has changed the record")
    verifying.add_argument(
        "--known",
        type=_noted,
        metavar="NUMBER:HASH",
        help="a line as an earlier check printed it: it must be there still",
    )
    settable(verifying, _verify)


def _about(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("user_name")
    return parser


def _with_password(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    ways.add_argument("--link", action="store_true", help="print a link with which its owner chooses one")
    return parser


def _noted(text: str) -> tuple[int, str]:
    number, _, found = text.partition(":")
    if not (number.isascii() and number.isdigit() and len(found) == 64):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number, a colon and a hash as `audit verify` prints them")
    return int(number), found


# -- accounts ------------------------------------------------------------------


def _office(settings: Settings) -> Office:
    engine = create_engine(settings.database_url)
    upgrade(engine)
    return build_office(settings, engine)


def _by() -> str:
    """Who is at the terminal, as the machine knows them."""
    return f"terminal:{getpass.getuser()}"[:64]


def _find(office: Office, options: argparse.Namespace) -> Staff:
    return office.accounts.by_user_name(options.user_name).staff


def _password(options: argparse.Namespace) -> str | None:
    """None: by a link."""
    if options.link:
        return None
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise AccountRefused("There is nobody to ask: use --password-stdin or --link.")
    password = getpass.getpass("password: ")
    if password != getpass.getpass("the same once more: "):
        raise AccountRefused("The two passwords are not the same.")
    return password


def _add(settings: Settings, options: argparse.Namespace) -> None:
    office = _office(settings)
    new = NewAccount(options.user_name, options.name, Role(options.role), options.person, _password(options))
    staff, token = office.accounts.add(_by(), new)
    _print(f"{staff.user_name} has an account as {staff.role}")
    _print_link(settings, token)


def _list(settings: Settings, _: argparse.Namespace) -> None:
    for view in _office(settings).accounts.listing():
        state = "disabled" if view.disabled else "open" if view.has_password else "no password yet"
        factor = "second factor" if view.has_second_factor else "-"
        seen = f"{view.last_sign_in:%Y-%m-%d %H:%MZ}" if view.last_sign_in else "never"
        staff = view.staff
        _print(f"{staff.user_name:24} {staff.role:8} {staff.person or '-':12} {factor:14} {seen:18} {state}")


def _disable(settings: Settings, options: argparse.Namespace) -> None:
    office = _office(settings)
    _print(
        f"{office.accounts.set_disabled(_by(), _find(office, options).id, True).user_name} is signed out and disabled"
    )


def _enable(settings: Settings, options: argparse.Namespace) -> None:
    office = _office(settings)
    _print(f"{office.accounts.set_disabled(_by(), _find(office, options).id, False).user_name} can sign in again")


def _reset_second_factor(settings: Settings, options: argparse.Namespace) -> None:
    office = _office(settings)
    staff = office.accounts.reset_second_factor(_by(), _find(office, options).id)
    _print(f"{staff.user_name} sets up a second factor at the next sign-in")


def _reset_password(settings: Settings, options: argparse.Namespace) -> None:
    office = _office(settings)
    staff, password = _find(office, options), _password(options)
    if password is None:
        _print_link(settings, office.accounts.reset_password(_by(), staff.id))
        return
    office.accounts.set_password(_by(), staff.id, password)
    _print(f"{staff.user_name} has another password, and is signed out everywhere")


def _role(settings: Settings, options: argparse.Namespace) -> None:
    office = _office(settings)
    staff = office.accounts.set_role(_by(), _find(office, options).id, Role(options.role))
    _print(f"{staff.user_name} is {staff.role}")


def _print_link(settings: Settings, token: str | None) -> None:
    if token is not None:
        _print(f"to choose a password, once and within 48 hours:\n  {settings.public_url}/staff/set-up/{token}")


# -- emergency access ----------------------------------------------------------


def _break_glass(settings: Settings, options: argparse.Namespace) -> None:
    by = _by()
    staff, password, ends = _office(settings).accounts.break_glass(by, options.reason)
    _print(f"user name  {staff.user_name}\npassword   {password}\nuntil      {ends:%Y-%m-%d %H:%M} UTC")
    _print(f"sign in    {settings.public_url}/staff\nThis is in the audit, with your reason.")
    _tell(settings, staff, by, ends)


def _tell(settings: Settings, staff: Staff, by: str, ends: datetime) -> None:
    """The people of the last resort read it at once: nobody takes emergency access in silence."""
    title = f"{settings.clinic.name}: emergency access to the staff console"
    text = f"{title}, {staff.user_name}, opened by {by}, until {ends:%H:%M} UTC. If nobody should have, disable it."
    pager = build_house(settings).pager
    for person in (settings.on_call.people[each] for each in settings.on_call.last_resort):
        for contact in person.contacts:
            try:
                pager.send(contact, title, text)
            except (OSError, PageRefused) as error:
                _print(f"{person.name} could not be told by {contact.method}: {type(error).__name__}")
                continue
            break


# -- the audit -----------------------------------------------------------------


def _verify(settings: Settings, options: argparse.Namespace) -> None:
    verdict = _office(settings).audit.verify(_by(), options.known)
    if verdict.broken is not None:
        raise RecordBroken(verdict.broken)
    _print(f"whole: {verdict.entries} lines of the audit, {verdict.events} lines of histories")
    _print(f"note elsewhere, for --known: {verdict.entries}:{verdict.head}")


def _print(line: str) -> None:
    print(line, file=sys.stdout)  # noqa: T201 - the command's own output
