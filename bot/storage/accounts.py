"""Accounts, sessions and tries to sign in, in SQL. No commit happens here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.staff import FORGOTTEN_AFTER, LONGEST_WAIT, Role, Staff, wait_after
from bot.services.account_ports import Account, Session, SetUpLink, Stage
from bot.storage import staff_tables as t
from bot.storage.sealing import Sealer


class SqlAccounts:
    """Accounts in SQL; the secrets of second factors are sealed."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, account: Account) -> None:
        """Store a new one. Raises Conflict (when the transaction ends in it) if the name or person is taken."""
        values = {**self._values(account), "id": account.staff.id, "created_at": account.created_at}
        self._connection.execute(t.staff.insert().values(**values))

    def get(self, staff_id: str) -> Account | None:
        """By id."""
        return self._one(sa.select(t.staff).where(t.staff.c.id == staff_id))

    def hold(self, staff_id: str) -> Account | None:
        """By id, for changing it: others who want to wait until this transaction ends."""
        return self._one(sa.select(t.staff).where(t.staff.c.id == staff_id).with_for_update())

    def by_user_name(self, user_name: str) -> Account | None:
        """By what its owner types, in small letters."""
        return self._one(sa.select(t.staff).where(t.staff.c.user_name == user_name))

    def by_person(self, person: str) -> Account | None:
        """By an id of the on-call list."""
        return self._one(sa.select(t.staff).where(t.staff.c.person == person))

    def listing(self) -> tuple[Account, ...]:
        """All of them, by user name."""
        rows = self._connection.execute(sa.select(t.staff).order_by(t.staff.c.user_name))
        return tuple(self._account(row) for row in rows)

    def update(self, account: Account) -> None:
        """Store a changed one."""
        self._connection.execute(
            t.staff.update().where(t.staff.c.id == account.staff.id).values(**self._values(account))
        )

    # -- recovery codes --------------------------------------------------------

    def set_recovery_codes(self, staff_id: str, hashes: Sequence[str]) -> None:
        """These, instead of those of before."""
        c = t.staff_recovery_codes
        self._connection.execute(c.delete().where(c.c.staff_id == staff_id))
        if hashes:
            self._connection.execute(c.insert(), [{"staff_id": staff_id, "code_hash": each} for each in hashes])

    def use_recovery_code(self, staff_id: str, code_hash: str, now: datetime) -> bool:
        """Use one up; False if there is no such code, or it was used."""
        c = t.staff_recovery_codes.c
        return self._did(
            t.staff_recovery_codes.update()
            .where(c.staff_id == staff_id, c.code_hash == code_hash, c.used_at.is_(None))
            .values(used_at=now)
        )

    def recovery_codes_left(self, staff_id: str) -> int:
        """How many can still be used."""
        c = t.staff_recovery_codes.c
        query = sa.select(sa.func.count()).where(c.staff_id == staff_id, c.used_at.is_(None))
        return int(self._connection.execute(query).scalar_one())

    # -- set-up links ----------------------------------------------------------

    def add_link(self, token_hash: str, link: SetUpLink, now: datetime) -> None:
        """Store one."""
        self._connection.execute(
            t.staff_links.insert().values(
                token_hash=token_hash, staff_id=link.staff_id, created_at=now, expires_at=link.expires_at
            )
        )

    def link(self, token_hash: str, now: datetime) -> SetUpLink | None:
        """One that can still be used."""
        link = t.staff_links.c
        open_ = (link.token_hash == token_hash, link.used_at.is_(None), link.expires_at > now)
        row = self._connection.execute(sa.select(t.staff_links).where(*open_)).first()
        return SetUpLink(row.staff_id, row.expires_at) if row else None

    def use_link(self, token_hash: str, now: datetime) -> bool:
        """Use one up; False if it is over, or was used."""
        link = t.staff_links.c
        open_ = (link.token_hash == token_hash, link.used_at.is_(None), link.expires_at > now)
        return self._did(t.staff_links.update().where(*open_).values(used_at=now))

    def end_links(self, staff_id: str | None, now: datetime) -> None:
        """Those of an account, or of none, are void."""
        link = t.staff_links.c
        whose = link.staff_id.is_(None) if staff_id is None else link.staff_id == staff_id
        self._connection.execute(t.staff_links.update().where(whose, link.used_at.is_(None)).values(used_at=now))

    # -- rows ------------------------------------------------------------------

    def _did(self, statement: Any) -> bool:
        return bool(self._connection.execute(statement).rowcount == 1)

    def _one(self, query: Any) -> Account | None:
        row = self._connection.execute(query).first()
        return self._account(row) if row else None

    def _account(self, row: Any) -> Account:
        return Account(
            staff=Staff(row.id, row.user_name, row.name, Role(row.role), row.person),
            created_at=row.created_at,
            password_hash=row.password_hash,
            password_changed_at=row.password_changed_at,
            totp_secret=self._opened(row.totp_secret),
            totp_step=row.totp_step,
            disabled=row.disabled,
            expires_at=row.expires_at,
            last_sign_in=row.last_sign_in,
        )

    def _values(self, account: Account) -> dict[str, Any]:
        return {
            "user_name": account.staff.user_name,
            "name": account.staff.name,
            "role": account.staff.role,
            "person": account.staff.person,
            "password_hash": account.password_hash,
            "password_changed_at": account.password_changed_at,
            "totp_secret": self._sealed(account.totp_secret),
            "totp_step": account.totp_step,
            "disabled": account.disabled,
            "expires_at": account.expires_at,
            "last_sign_in": account.last_sign_in,
        }

    def _sealed(self, secret: str | None) -> str | None:
        return None if secret is None else self._sealer.seal(secret)

    def _opened(self, stored: str | None) -> str | None:
        return None if stored is None else self._sealer.open(stored)


class SqlSessions:
    """Sessions in SQL; the secret of a second factor that is being set up is sealed."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, session: Session, token_hash: str) -> None:
        """Store a new one."""
        self._connection.execute(
            t.staff_sessions.insert().values(
                id=session.id,
                token_hash=token_hash,
                staff_id=session.staff_id,
                csrf=session.csrf,
                stage=session.stage,
                agent=session.agent,
                created_at=session.created_at,
                last_seen=session.last_seen,
                proved_at=session.proved_at,
            )
        )

    def by_token(self, token_hash: str) -> Session | None:
        """One that has not ended."""
        s = t.staff_sessions.c
        query = sa.select(t.staff_sessions).where(s.token_hash == token_hash, s.ended_at.is_(None))
        row = self._connection.execute(query).first()
        return self._session(row) if row else None

    def of(self, staff_id: str) -> tuple[Session, ...]:
        """Those of one account that have not ended, newest first."""
        s = t.staff_sessions.c
        query = sa.select(t.staff_sessions).where(s.staff_id == staff_id, s.ended_at.is_(None))
        return tuple(self._session(row) for row in self._connection.execute(query.order_by(s.created_at.desc())))

    def touch(self, session_id: str, now: datetime) -> None:
        """Somebody is at work."""
        self._connection.execute(
            t.staff_sessions.update().where(t.staff_sessions.c.id == session_id).values(last_seen=now)
        )

    def prove(self, session_id: str, token_hash: str, csrf: str, now: datetime) -> None:
        """The password was given again: it goes on under another token."""
        self._connection.execute(
            t.staff_sessions.update()
            .where(t.staff_sessions.c.id == session_id)
            .values(token_hash=token_hash, csrf=csrf, proved_at=now, last_seen=now)
        )

    def offer(self, session_id: str, secret: str | None) -> None:
        """The secret of a second factor that is being set up here."""
        sealed = None if secret is None else self._sealer.seal(secret)
        self._connection.execute(
            t.staff_sessions.update().where(t.staff_sessions.c.id == session_id).values(offered=sealed)
        )

    def end(self, session_id: str, reason: str, now: datetime) -> bool:
        """It is over; False if it was."""
        return self._end(t.staff_sessions.c.id == session_id, reason, now) == 1

    def end_all(self, staff_id: str, reason: str, now: datetime, but: str | None = None) -> int:
        """Those of one account are over, but for one; returns how many."""
        s = t.staff_sessions.c
        return self._end(sa.and_(s.staff_id == staff_id, s.id != (but or "")), reason, now)

    def _end(self, which: Any, reason: str, now: datetime) -> int:
        statement = t.staff_sessions.update().where(which, t.staff_sessions.c.ended_at.is_(None))
        return int(self._connection.execute(statement.values(ended_at=now, end_reason=reason)).rowcount)

    def _session(self, row: Any) -> Session:
        return Session(
            id=row.id,
            staff_id=row.staff_id,
            csrf=row.csrf,
            stage=Stage(row.stage),
            created_at=row.created_at,
            last_seen=row.last_seen,
            proved_at=row.proved_at,
            agent=row.agent,
            offered=None if row.offered is None else self._sealer.open(row.offered),
        )


class SqlAttempts:
    """Tries to sign in, in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, keys: Mapping[str, int], now: datetime) -> timedelta:
        """Count a try under each key (how many are free: its value), unless one is locked: for how long it still is."""
        a = t.sign_in_attempts
        self._connection.execute(a.delete().where(a.c.last_at < now - 2 * FORGOTTEN_AFTER))
        # In the order of the keys, so that nobody waits in a circle.
        query = sa.select(a).where(a.c.key.in_(list(keys))).order_by(a.c.key).with_for_update()
        rows = {row.key: row for row in self._connection.execute(query)}
        wait = max((_still_locked(row.locked_until, now) for row in rows.values()), default=timedelta(0))
        if not wait:
            for key, free in sorted(keys.items()):
                self._count(key, rows.get(key), free, now)
        return wait

    def forget(self, key: str) -> None:
        """It went well: nothing is held against it."""
        self._connection.execute(t.sign_in_attempts.delete().where(t.sign_in_attempts.c.key == key))

    def give_back(self, key: str) -> None:
        """It went well: this one try is not held against it."""
        a = t.sign_in_attempts.c
        self._connection.execute(
            t.sign_in_attempts.update().where(a.key == key, a.count > 0).values(count=a.count - 1, locked_until=None)
        )

    def _count(self, key: str, row: Any, free: int, now: datetime) -> None:
        count = row.count + 1 if row is not None and now - row.last_at < FORGOTTEN_AFTER else 1
        wait = wait_after(count, free)
        values = {"count": count, "last_at": now, "locked_until": now + wait if wait else None}
        a = t.sign_in_attempts
        if row is None:
            self._connection.execute(a.insert().values(key=key, **values))
        else:
            self._connection.execute(a.update().where(a.c.key == key).values(**values))


def _still_locked(until: datetime | None, now: datetime) -> timedelta:
    """Nothing when the clock was set back since: nobody waits longer than the longest wait."""
    if until is None or not timedelta(0) < until - now <= LONGEST_WAIT:
        return timedelta(0)
    return until - now


class SqlPageLinks:
    """Links in pages that have acknowledged, in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def use(self, page_id: str, now: datetime) -> bool:
        """Use one up; False if it was. Whoever does holds the lock of the conversation."""
        if self.is_used(page_id):
            return False
        self._connection.execute(t.used_page_links.insert().values(page_id=page_id, at=now))
        return True

    def is_used(self, page_id: str) -> bool:
        """Whether it has acknowledged."""
        used = t.used_page_links.c
        return self._connection.execute(sa.select(used.page_id).where(used.page_id == page_id)).first() is not None
