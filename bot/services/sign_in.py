"""Signing in: a password, then a code, each with a lock-out that grows; nobody learns which accounts there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.errors import AssistantError
from bot.domain.passwords import LONGEST
from bot.domain.staff import TRIES_OF_AN_ACCOUNT, TRIES_OF_AN_ADDRESS, SignInRules
from bot.services import second_factor, sessions
from bot.services.account_ports import Account, PasswordHasher, SignedIn, Stage
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.retries import again_on_conflict
from bot.services.staff_keys import StaffKeys, new_token, token_hash

_LONGEST_NAME = 64


class NotSignedIn(AssistantError):
    """The name, the password or the code is wrong: which of them, is not said."""


class LockedOut(AssistantError):
    """Too many tries; `wait` is how long there is to wait."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        minutes = max(1, -int(-wait.total_seconds() // 60))
        super().__init__(f"Too many tries. Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again.")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where somebody signs in from. `device`: the cookie of a browser that was here before, or nothing."""

    address: str
    agent: str = ""
    device: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun: what its cookies hold, and what comes next."""

    token: str = field(repr=False)
    device: str = field(repr=False)
    stage: Stage


class SignIn:
    """Each step counts as a try before it is looked at, so that many at once are not more than one after the other.

    Raises NotSignedIn, LockedOut, StorageUnavailable.
    """

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, clock: Clock, rules: SignInRules, keys: StaffKeys, hasher: PasswordHasher
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._rules = rules
        self._keys = keys
        self._hasher = hasher

    # -- the first step --------------------------------------------------------

    def with_password(self, user_name: str, password: str, visitor: Visitor) -> Begun:
        """Name and password; what comes next depends on the second factor."""
        name = user_name.strip().lower()[:_LONGEST_NAME]
        account, tries = again_on_conflict(lambda: self._take(name, visitor))
        # Outside of a transaction: it is slow on purpose, for a name that nobody has as well.
        right = self._hasher.is_right(account.password_hash if account else None, password[: LONGEST + 1])
        if account is None or not right or not account.is_open(self._clock()):
            self._failed(account, visitor, "password")
            raise NotSignedIn("That name and password do not go together.")
        return self._begin(account, tries, visitor, "password", self._renewed(account, password))

    def with_provider(self, user_name: str, visitor: Visitor, proved: bool) -> Begun:
        """Somebody whom the clinic's own sign-in service vouches for; its second factor stands for ours.

        `proved`: they showed who they are just now, and were not only still signed in there.
        """
        with self._unit_of_work() as uow:
            account = uow.accounts.by_user_name(user_name.strip().lower())
        if account is None or not account.is_open(self._clock()):
            self._failed(account, visitor, "provider")
            raise NotSignedIn("There is no account for you here. Ask a manager to add one.")
        proved_at = None if proved else self._clock() - self._rules.proof
        return self._begin(account, (), visitor, "provider", account.password_hash, proved_at)

    def _renewed(self, account: Account, password: str) -> str | None:
        """Its hash, made again if it was made at other costs."""
        found = account.password_hash
        return self._hasher.hash(password) if found and self._hasher.is_old(found) else found

    def _begin(
        self,
        account: Account,
        tries: tuple[str, ...],
        visitor: Visitor,
        way: str,
        hashed: str | None,
        proved_at: datetime | None = None,
    ) -> Begun:
        stage = self._stage(account) if way == "password" else Stage.SIGNED_IN
        with self._unit_of_work() as uow:
            now = self._clock()
            # As it is now: it may have been disabled while the password was checked.
            held = uow.accounts.hold(account.staff.id)
            if held is None or not held.is_open(now) or held.password_hash != account.password_hash:
                raise NotSignedIn("That name and password do not go together.")
            held = replace(held, password_hash=hashed)
            token = sessions.begin(uow, held, stage, visitor.agent, now, proved_at)
            self._welcome(uow, held, stage, visitor, way, now)
            self._clear(uow, tries)
            uow.commit()
        return Begun(token, self._device(account, visitor), stage)

    def _stage(self, account: Account) -> Stage:
        if account.expires_at is not None:
            return Stage.SIGNED_IN  # emergency access: there is nobody to have an app
        if account.has_second_factor:
            return Stage.SECOND_FACTOR
        return Stage.ENROL if account.staff.role in self._rules.second_factor else Stage.SIGNED_IN

    def _welcome(
        self, uow: UnitOfWork, account: Account, stage: Stage, visitor: Visitor, way: str, now: datetime
    ) -> None:
        """Note a whole sign-in; half of one is not noted."""
        if stage is not Stage.SIGNED_IN:
            uow.accounts.update(account)
            return
        uow.accounts.update(replace(account, last_sign_in=now))
        detail = {"way": way, "address": visitor.address}
        uow.audit.append(account.staff.user_name, Action.SIGN_IN, account.staff.user_name, detail, now)

    # -- the second step -------------------------------------------------------

    def with_code(self, half_way: SignedIn, code: str, visitor: Visitor) -> Begun:
        """A code of the app, or a recovery code; the session goes on under another id."""
        tries = (self._keys.attempt("code", half_way.staff.id),)
        again_on_conflict(lambda: self._count(dict.fromkeys(tries, TRIES_OF_AN_ACCOUNT)))
        with self._unit_of_work() as uow:
            now = self._clock()
            account = uow.accounts.hold(half_way.staff.id)
            after = self._with_code_taken(uow, account, code, now) if account else None
            if account is not None and after is not None and account.is_open(now):
                self._clear(uow, tries)
                token = self.complete(uow, half_way, after, visitor, now)
                uow.commit()
                return Begun(token, self._device(account, visitor), Stage.SIGNED_IN)
        self._failed(account, visitor, "code")
        raise NotSignedIn("That code is not right, or was used before. Wait for the next one.")

    def complete(self, uow: UnitOfWork, half_way: SignedIn, account: Account, visitor: Visitor, now: datetime) -> str:
        """A whole session instead of half of one, under another id; the caller commits. Returns its token."""
        uow.sessions.end(half_way.session.id, "renewed", now)
        token = sessions.begin(uow, account, Stage.SIGNED_IN, visitor.agent, now)
        self._welcome(uow, account, Stage.SIGNED_IN, visitor, "second factor", now)
        return token

    def _with_code_taken(self, uow: UnitOfWork, account: Account, code: str, now: datetime) -> Account | None:
        if not second_factor.looks_like_recovery(code):
            return second_factor.taken(account, code, now)
        if not uow.accounts.use_recovery_code(account.staff.id, self._recovery(code), now):
            return None
        left = uow.accounts.recovery_codes_left(account.staff.id)
        uow.audit.append(
            account.staff.user_name, Action.RECOVERY_CODE_USED, account.staff.user_name, {"left": left}, now
        )
        return account

    def _recovery(self, code: str) -> str:
        return second_factor.recovery_hash(self._keys.recovery, code)

    # -- once more, for what is sensitive --------------------------------------

    def prove(self, found: SignedIn, password: str) -> str:
        """The password again; the session goes on under another id. Returns the new token."""
        key = self._keys.attempt("proof", found.staff.id)
        again_on_conflict(lambda: self._count({key: TRIES_OF_AN_ACCOUNT}))
        with self._unit_of_work() as uow:
            account = uow.accounts.get(found.staff.id)
        if not self._hasher.is_right(account.password_hash if account else None, password[: LONGEST + 1]):
            self._failed(account, Visitor(""), "password again")
            raise NotSignedIn("That is not your password.")
        token = new_token()
        with self._unit_of_work() as uow:
            now = self._clock()
            uow.attempts.forget(key)
            uow.sessions.prove(found.session.id, token_hash(token), new_token(), now)
            uow.audit.append(found.staff.user_name, Action.PROVED, found.staff.user_name, {}, now)
            uow.commit()
        return token

    # -- tries -----------------------------------------------------------------

    def _take(self, name: str, visitor: Visitor) -> tuple[Account | None, tuple[str, ...]]:
        """Count a try. A browser that was here before has tries of its own: a stranger locks nobody out of it."""
        with self._unit_of_work() as uow:
            account = uow.accounts.by_user_name(name)
        mark = self._keys.device_mark(visitor.device, account.staff.id) if account else None
        if mark is not None:
            tries = {self._keys.attempt("device", mark): TRIES_OF_AN_ACCOUNT}
        else:
            tries = {
                self._keys.attempt("account", name): TRIES_OF_AN_ACCOUNT,
                self._keys.attempt("address", visitor.address): TRIES_OF_AN_ADDRESS,
            }
        self._count(tries)
        return account, tuple(tries)

    def _count(self, tries: Mapping[str, int]) -> None:
        """Raises LockedOut; only then is the try not counted."""
        with self._unit_of_work() as uow:
            wait = uow.attempts.take(tries, self._clock())
            uow.commit()
        if wait:
            raise LockedOut(wait)

    def _clear(self, uow: UnitOfWork, tries: tuple[str, ...]) -> None:
        """The first is about the account, and is forgotten; the others only lose the try that was no failure."""
        for key in tries[:1]:
            uow.attempts.forget(key)
        for key in tries[1:]:
            uow.attempts.give_back(key)

    def _failed(self, account: Account | None, visitor: Visitor, step: str) -> None:
        detail: dict[str, Any] = {"step": step, "address": visitor.address, "known": account is not None}
        with self._unit_of_work() as uow:
            who = account.staff.user_name if account else "nobody"
            uow.audit.append(who, Action.SIGN_IN_FAILED, who, detail, self._clock())
            uow.commit()

    def _device(self, account: Account, visitor: Visitor) -> str:
        known = self._keys.device_mark(visitor.device, account.staff.id)
        return visitor.device if known else self._keys.device(account.staff.id)
