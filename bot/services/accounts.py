"""Staff accounts: added, disabled, given roles, passwords and second factors."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain import passwords
from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.conversation import new_id
from bot.domain.errors import AssistantError, Conflict
from bot.domain.staff import Role, Staff, user_name
from bot.services import second_factor
from bot.services.account_ports import Account, PasswordHasher, SetUpLink, SignedIn, Stage
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.sign_in import SignIn, Visitor
from bot.services.staff_keys import StaffKeys, new_token, token_hash

LINK_LIFETIME: Final = timedelta(hours=48)
EMERGENCY_LIFETIME: Final = timedelta(hours=4)
_NAME_LENGTH: Final = 64


class AccountRefused(AssistantError):
    """What was asked for cannot be; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody writes down for an account. Without a password it is opened by a set-up link."""

    user_name: str
    name: str
    role: Role
    person: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as a list shows it."""

    staff: Staff
    disabled: bool
    has_password: bool
    has_second_factor: bool
    last_sign_in: datetime | None
    expires_at: datetime | None


class AccountDesk:
    """Each change in a transaction of its own, with its line in the audit. `by` is the user name of who acts.

    Raises AccountRefused, StorageUnavailable.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        clock: Clock,
        hasher: PasswordHasher,
        keys: StaffKeys,
        on_call: Collection[str],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._hasher = hasher
        self._keys = keys
        self._on_call = on_call

    # -- accounts --------------------------------------------------------------

    def is_empty(self) -> bool:
        """Whether nobody has an account yet."""
        with self._unit_of_work() as uow:
            return not uow.accounts.listing()

    def listing(self) -> tuple[AccountView, ...]:
        """Everybody, by user name."""
        with self._unit_of_work() as uow:
            return tuple(_view(account) for account in uow.accounts.listing())

    def get(self, staff_id: str) -> AccountView:
        """One account. Raises AccountRefused where there is none."""
        with self._unit_of_work() as uow:
            return _view(_known(uow.accounts.get(staff_id)))

    def by_user_name(self, name: str) -> AccountView:
        """One account, by what its owner types."""
        with self._unit_of_work() as uow:
            return _view(_known(uow.accounts.by_user_name(name.strip().lower())))

    def add(self, by: str, new: NewAccount) -> tuple[Staff, str | None]:
        """A new account; without a password also the token of its set-up link."""
        hashed = self._hashed(new.password, new.user_name) if new.password is not None else None
        with _first_come(new.user_name), self._unit_of_work() as uow:
            staff, token = self._add(uow, by, new, hashed)
            uow.commit()
        return staff, token

    def _add(self, uow: UnitOfWork, by: str, new: NewAccount, hashed: str | None) -> tuple[Staff, str | None]:
        now = self._clock()
        staff = self._staff(uow, new)
        uow.accounts.add(Account(staff, now, hashed, now if hashed else None))
        token = None if hashed else _link(uow, staff.id, now)
        detail = {"role": staff.role, "person": staff.person}
        uow.audit.append(by, Action.ACCOUNT_ADDED, staff.user_name, detail, now)
        return staff, token

    def _staff(self, uow: UnitOfWork, new: NewAccount) -> Staff:
        try:
            name = user_name(new.user_name)
        except ValueError as error:
            raise AccountRefused(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
        if uow.accounts.by_user_name(name):
            raise AccountRefused(f"There is an account {name} already.")
        shown = " ".join(new.name.split())
        if not shown or len(shown) > _NAME_LENGTH or not shown.isprintable():
            raise AccountRefused(f"Give a name of at most {_NAME_LENGTH} characters, as colleagues read it.")
        return Staff(new_id(), name, shown, new.role, self._person(uow, name, new.person))

    def _person(self, uow: UnitOfWork, name: str, person: str | None) -> str | None:
        """Whose on-call entry the account is. Nobody acts under a name that means somebody else."""
        if person is None:
            if name in self._on_call:
                raise AccountRefused(
                    f"{name} is on the on-call list: say that the account is theirs, or take another name."
                )
            return None
        if person not in self._on_call:
            known = ", ".join(sorted(self._on_call)) or "nobody"
            raise AccountRefused(f"{person} is not on the on-call list of clinic.yml. On it: {known}.")
        if uow.accounts.by_person(person):
            raise AccountRefused(f"{person} of the on-call list has an account already.")
        return person

    def set_disabled(self, by: str, staff_id: str, disabled: bool) -> Staff:
        """Shut an account, which signs its owner out everywhere; or open it again."""
        with self._unit_of_work() as uow:
            account, now = _held(uow, staff_id), self._clock()
            if disabled:
                self._keep_a_manager(uow, account, by)
                uow.sessions.end_all(staff_id, "disabled", now)
                uow.accounts.end_links(staff_id, now)
            uow.accounts.update(replace(account, disabled=disabled))
            action = Action.ACCOUNT_DISABLED if disabled else Action.ACCOUNT_ENABLED
            uow.audit.append(by, action, account.staff.user_name, {}, now)
            uow.commit()
        return account.staff

    def set_role(self, by: str, staff_id: str, role: Role) -> Staff:
        """Another role, from the next request on."""
        with self._unit_of_work() as uow:
            account, now = _held(uow, staff_id), self._clock()
            if role is account.staff.role:
                return account.staff
            if account.staff.role is Role.MANAGER:
                self._keep_a_manager(uow, account, by)
            changed = replace(account.staff, role=role)
            uow.accounts.update(replace(account, staff=changed))
            detail = {"from": account.staff.role, "to": role}
            uow.audit.append(by, Action.ROLE_CHANGED, changed.user_name, detail, now)
            uow.commit()
        return changed

    def _keep_a_manager(self, uow: UnitOfWork, account: Account, by: str) -> None:
        """Somebody has to be left who can let others in."""
        if account.staff.user_name == by:
            raise AccountRefused("Nobody takes their own account away: ask another manager.")
        now = self._clock()
        managers = [a for a in uow.accounts.listing() if a.staff.role is Role.MANAGER and a.is_open(now)]
        lasting = [a for a in managers if a.expires_at is None and a.staff.id != account.staff.id]
        if account.staff.role is Role.MANAGER and account.expires_at is None and not lasting:
            raise AccountRefused("This is the last manager: make somebody else one first.")

    # -- passwords -------------------------------------------------------------

    def reset_password(self, by: str, staff_id: str) -> str:
        """The password is void, its owner is signed out; returns the token of a link to choose another."""
        with self._unit_of_work() as uow:
            account, now = _held(uow, staff_id), self._clock()
            uow.accounts.end_links(staff_id, now)
            token = _link(uow, staff_id, now)
            self._store_password(uow, by, account, None, now)
            uow.commit()
        return token

    def set_password(self, by: str, staff_id: str, password: str) -> None:
        """A password that was typed for an account."""
        hashed = self._hashed(password, self.get(staff_id).staff.user_name)
        with self._unit_of_work() as uow:
            account, now = _held(uow, staff_id), self._clock()
            uow.accounts.end_links(staff_id, now)
            self._store_password(uow, by, account, hashed, now)
            uow.commit()

    def change_password(self, found: SignedIn, old: str, new: str) -> None:
        """Its owner takes another; every other session ends."""
        with self._unit_of_work() as uow:
            account = _known(uow.accounts.get(found.staff.id))
        if not self._hasher.is_right(account.password_hash, old[: passwords.LONGEST + 1]):
            raise AccountRefused("The present password is not right.")
        if passwords.normalised(old) == passwords.normalised(new):
            raise AccountRefused("That is the present password. Choose another.")
        hashed = self._hashed(new, found.staff.user_name)
        with self._unit_of_work() as uow:
            held, now = _held(uow, found.staff.id), self._clock()
            self._store_password(uow, found.staff.user_name, held, hashed, now, but=found.session.id)
            uow.commit()

    def _store_password(
        self, uow: UnitOfWork, by: str, account: Account, hashed: str | None, now: datetime, but: str | None = None
    ) -> None:
        staff = account.staff
        uow.accounts.update(replace(account, password_hash=hashed, password_changed_at=now))
        uow.sessions.end_all(staff.id, "password_changed", now, but=but)
        action = Action.PASSWORD_RESET if hashed is None else Action.PASSWORD_CHANGED
        uow.audit.append(by, action, staff.user_name, {}, now)

    def _hashed(self, password: str, name: str) -> str:
        """Before a transaction: it is slow on purpose, and others would wait for it."""
        if (problem := passwords.weakness(password, name)) is not None:
            raise AccountRefused(problem)
        return self._hasher.hash(password)

    # -- set-up links ----------------------------------------------------------

    def first_link(self) -> str:
        """The token of a link that makes the first account; those of before are void."""
        with self._unit_of_work() as uow:
            now = self._clock()
            uow.accounts.end_links(None, now)
            token = _link(uow, None, now)
            uow.commit()
        return token

    def link(self, token: str) -> Staff | None:
        """Whose set-up link it is; None for the one that makes the first account. Raises AccountRefused: it is over."""
        with self._unit_of_work() as uow:
            found = self._open_link(uow, token)
            return None if found.staff_id is None else _known(uow.accounts.get(found.staff_id)).staff

    def choose_password(self, token: str, password: str) -> Staff:
        """Use a set-up link."""
        staff = self.link(token)
        if staff is None:
            raise AccountRefused("This link makes a new account: it has no password to change.")
        hashed = self._hashed(password, staff.user_name)
        with self._unit_of_work() as uow:
            account, now = _held(uow, staff.id), self._clock()
            self._use(uow, token, now)
            self._store_password(uow, staff.user_name, account, hashed, now)
            uow.commit()
        return account.staff

    def make_first(self, token: str, new: NewAccount) -> Staff:
        """Use the link that makes the first account: a manager."""
        hashed = self._hashed(new.password or "", new.user_name)
        with _first_come(new.user_name), self._unit_of_work() as uow:
            found = self._open_link(uow, token)
            if found.staff_id is not None or uow.accounts.listing():
                raise AccountRefused("There are accounts already: ask a manager for one.")
            self._use(uow, token, self._clock())
            staff, _ = self._add(uow, "set-up link", replace(new, role=Role.MANAGER), hashed)
            uow.commit()
        return staff

    def _open_link(self, uow: UnitOfWork, token: str) -> SetUpLink:
        found = uow.accounts.link(token_hash(token), self._clock())
        if found is None:
            raise AccountRefused("This link is over, or was used. Ask a manager for a new one.")
        return found

    def _use(self, uow: UnitOfWork, token: str, now: datetime) -> None:
        if not uow.accounts.use_link(token_hash(token), now):
            raise AccountRefused("This link is over, or was used. Ask a manager for a new one.")

    # -- second factor ---------------------------------------------------------

    def offer_second_factor(self, found: SignedIn) -> str:
        """The secret for the QR code: the same in this session until it is confirmed, and in no other."""
        if found.session.offered is not None:
            return found.session.offered
        secret = second_factor.new_secret()
        with self._unit_of_work() as uow:
            uow.sessions.offer(found.session.id, secret)
            uow.commit()
        return secret

    def confirm_second_factor(
        self, found: SignedIn, code: str, visitor: Visitor, sign_in: SignIn
    ) -> tuple[tuple[str, ...], str | None]:
        """A first code shows that the app works. Returns recovery codes, and the token of a session that is now whole."""
        with self._unit_of_work() as uow:
            account, now = _held(uow, found.staff.id), self._clock()
            secret, half_way = found.session.offered, found.session.stage is Stage.ENROL
            if half_way and account.has_second_factor:
                raise AccountRefused("This account has a second factor by now. Sign in again.")
            step = second_factor.matching_step(secret, code, now) if secret else None
            if step is None:
                raise AccountRefused("That code is not right. Check the time of your telephone, and try the next code.")
            account = replace(account, totp_secret=secret, totp_step=step)
            uow.accounts.update(account)
            uow.sessions.offer(found.session.id, None)
            codes = self._new_codes(uow, found.staff.id)
            uow.audit.append(found.staff.user_name, Action.SECOND_FACTOR_SET, found.staff.user_name, {}, now)
            token = sign_in.complete(uow, found, account, visitor, now) if half_way else None
            uow.commit()
        return codes, token

    def new_recovery_codes(self, found: SignedIn) -> tuple[str, ...]:
        """Others, instead of those of before."""
        with self._unit_of_work() as uow:
            codes = self._new_codes(uow, found.staff.id)
            uow.audit.append(
                found.staff.user_name, Action.RECOVERY_CODES_MADE, found.staff.user_name, {}, self._clock()
            )
            uow.commit()
        return codes

    def recovery_codes_left(self, staff_id: str) -> int:
        """How many can still be used."""
        with self._unit_of_work() as uow:
            return uow.accounts.recovery_codes_left(staff_id)

    def _new_codes(self, uow: UnitOfWork, staff_id: str) -> tuple[str, ...]:
        codes = second_factor.new_recovery_codes()
        hashes = [second_factor.recovery_hash(self._keys.recovery, code) for code in codes]
        uow.accounts.set_recovery_codes(staff_id, hashes)
        return codes

    def reset_second_factor(self, by: str, staff_id: str) -> Staff:
        """For who has lost the app and the codes: it is set up anew at the next sign-in."""
        with self._unit_of_work() as uow:
            account, now = _held(uow, staff_id), self._clock()
            uow.accounts.update(replace(account, totp_secret=None, totp_step=0))
            uow.accounts.set_recovery_codes(staff_id, ())
            uow.sessions.end_all(staff_id, "second_factor_reset", now)
            uow.audit.append(by, Action.SECOND_FACTOR_RESET, account.staff.user_name, {}, now)
            uow.commit()
        return account.staff

    # -- when nobody can get in ------------------------------------------------

    def break_glass(self, by: str, reason: str) -> tuple[Staff, str, datetime]:
        """A manager's account that ends by itself; returns it, its password, and when it ends."""
        reason = " ".join(reason.split())
        if len(reason) < 10:
            raise AccountRefused("Say why, in a sentence: it is written down.")
        password = secrets.token_urlsafe(15)
        hashed = self._hasher.hash(password)
        with self._unit_of_work() as uow:
            now = self._clock()
            ends = now + EMERGENCY_LIFETIME
            mark = secrets.token_hex(3)
            staff = Staff(new_id(), f"emergency-{mark}", f"Emergency access {mark}", Role.MANAGER)
            uow.accounts.add(Account(staff, now, hashed, now, expires_at=ends))
            detail = {"reason": reason[:500], "until": ends.isoformat(timespec="seconds")}
            uow.audit.append(by, Action.EMERGENCY_ACCESS, staff.user_name, detail, now)
            uow.commit()
        return staff, password, ends


def _view(account: Account) -> AccountView:
    return AccountView(
        staff=account.staff,
        disabled=account.disabled,
        has_password=account.password_hash is not None,
        has_second_factor=account.has_second_factor,
        last_sign_in=account.last_sign_in,
        expires_at=account.expires_at,
    )


def _known(account: Account | None) -> Account:
    if account is None:
        raise AccountRefused("There is no such account.")
    return account


def _held(uow: UnitOfWork, staff_id: str) -> Account:
    return _known(uow.accounts.hold(staff_id))


def _link(uow: UnitOfWork, staff_id: str | None, now: datetime) -> str:
    token = new_token()
    uow.accounts.add_link(token_hash(token), SetUpLink(staff_id, now + LINK_LIFETIME), now)
    return token


@contextlib.contextmanager
def _first_come(name: str) -> Iterator[None]:
    try:
        yield
    except Conflict:
        raise AccountRefused(f"There is an account {name} already, or the person has one.") from None
