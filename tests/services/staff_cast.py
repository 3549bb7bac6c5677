"""Accounts over a real database, with a clock that a test moves and passwords that cost nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp

from bot.domain.staff import EVERYBODY, Role, SignInRules, Staff
from bot.services.account_ports import SignedIn
from bot.services.accounts import AccountDesk, NewAccount
from bot.services.audit import AuditDesk
from bot.services.passwords import Argon2Hasher
from bot.services.sessions import SessionDesk
from bot.services.sign_in import Begun, SignIn, Visitor
from bot.services.staff_keys import StaffKeys
from tests.harness.clock import FakeClock
from tests.harness.console import HASHER, PASSWORD
from tests.harness.settings import SECRET
from tests.harness.storage import Database

NOOR = "noor@example.org"
HERE = Visitor("198.51.100.7", "Firefox")


@dataclass
class Accounts:
    """The use cases of accounts."""

    database: Database
    clock: FakeClock
    rules: SignInRules = field(default_factory=lambda: SignInRules(second_factor=frozenset()))
    hasher: Argon2Hasher = HASHER

    def __post_init__(self) -> None:
        keys = StaffKeys(SECRET.encode())
        self.desk = AccountDesk(self.database, self.clock, self.hasher, keys, ("noor", "lee"))
        self.sessions = SessionDesk(self.database, self.database.reader, self.clock, self.rules)
        self.sign_in = SignIn(self.database, self.clock, self.rules, keys, self.hasher)
        self.audit = AuditDesk(self.database, self.database.reader, self.clock)

    def add(self, user_name: str = NOOR, role: Role = Role.NURSE, person: str | None = None) -> Staff:
        """An account with the password of the cast."""
        return self.desk.add("test", NewAccount(user_name, "Noor", role, person, PASSWORD))[0]

    def enter(self, user_name: str = NOOR, password: str = PASSWORD, visitor: Visitor = HERE) -> Begun:
        """Sign in with a password."""
        return self.sign_in.with_password(user_name, password, visitor)

    def found(self, token: str) -> SignedIn:
        """Who a token belongs to."""
        found = self.sessions.find(token, False)
        assert found is not None
        return found

    def app(self, staff: Staff) -> pyotp.TOTP:
        """Set up a second factor for somebody who has none."""
        signed_in = self.found(self.enter(staff.user_name).token)
        app = pyotp.TOTP(self.desk.offer_second_factor(signed_in))
        self.codes, _ = self.desk.confirm_second_factor(
            self.found_again(signed_in), app.at(self.clock()), HERE, self.sign_in
        )
        self.clock.move(minutes=1)
        return app

    def found_again(self, signed_in: SignedIn) -> SignedIn:
        """The same session as it is stored by now."""
        (session,) = [each for each in self.sessions.of(signed_in.staff.id) if each.id == signed_in.session.id]
        return SignedIn(signed_in.staff, session, signed_in.ends_at)

    def audited(self) -> list[tuple[str, str, str]]:
        """Who did what about whom, in order."""
        with self.database() as uow:
            return [(entry.actor, entry.action, entry.subject) for entry in uow.audit.entries(0, 1000)]

    def required(self) -> Accounts:
        """The same, where everybody needs a second factor."""
        return Accounts(self.database, self.clock, SignInRules(second_factor=EVERYBODY))
