"""Sessions of the console: begun, renewed, over when nobody is at work, ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.conversation import new_id
from bot.domain.staff import SignInRules
from bot.services.account_ports import Account, Session, SignedIn, Stage
from bot.services.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.staff_keys import new_token, token_hash

# A session that was seen so shortly ago is not written again.
_SEEN_LATELY = timedelta(seconds=30)
_AGENT_LENGTH = 120


class SessionDesk:
    """Who a cookie belongs to. Raises StorageUnavailable."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, readers: UnitOfWorkFactory, clock: Clock, rules: SignInRules
    ) -> None:
        self._unit_of_work = unit_of_work
        self._readers = readers
        self._clock = clock
        self._rules = rules

    def find(self, token: str, touch: bool) -> SignedIn | None:
        """Who a token belongs to; None for one that is unknown or over. `touch`: somebody is at work, not the page."""
        # It is asked for with every page: reading alone waits for no writer.
        with self._readers() as uow:
            session = uow.sessions.by_token(token_hash(token))
            account = uow.accounts.get(session.staff_id) if session else None
        if session is None or account is None:
            return None
        now = self._clock()
        if not account.is_open(now) or now >= self._ends(session):
            self._end(account, session, now)
            return None
        if touch and now - session.last_seen >= _SEEN_LATELY:
            self._touch(session, now)
        return SignedIn(account.staff, session, self._ends(session, now if touch else None))

    def sign_out(self, found: SignedIn) -> None:
        """End a session because its owner says so."""
        with self._unit_of_work() as uow:
            now = self._clock()
            if uow.sessions.end(found.session.id, "signed_out", now):
                uow.audit.append(found.staff.user_name, Action.SIGN_OUT, found.staff.user_name, {}, now)
            uow.commit()

    def discard(self, token: str) -> None:
        """End whatever session a browser had before another begins in it."""
        with self._unit_of_work() as uow:
            session = uow.sessions.by_token(token_hash(token))
            if session is not None:
                uow.sessions.end(session.id, "replaced", self._clock())
                uow.commit()

    def of(self, staff_id: str) -> tuple[Session, ...]:
        """The sessions that somebody has now, newest first."""
        with self._unit_of_work() as uow:
            return uow.sessions.of(staff_id)

    def end_others(self, found: SignedIn) -> int:
        """Sign out everywhere else; returns from how many browsers."""
        with self._unit_of_work() as uow:
            now = self._clock()
            count = uow.sessions.end_all(found.staff.id, "ended_by_owner", now, but=found.session.id)
            uow.audit.append(found.staff.user_name, Action.SESSIONS_ENDED, found.staff.user_name, {"count": count}, now)
            uow.commit()
        return count

    def is_proved(self, session: Session) -> bool:
        """Whether the password was given so lately that something sensitive may be done."""
        return self._clock() - session.proved_at < self._rules.proof

    def _ends(self, session: Session, seen: datetime | None = None) -> datetime:
        if session.stage is not Stage.SIGNED_IN:
            return session.created_at + self._rules.half_way
        return min((seen or session.last_seen) + self._rules.idle, session.created_at + self._rules.longest)

    def _touch(self, session: Session, now: datetime) -> None:
        with self._unit_of_work() as uow:
            uow.sessions.touch(session.id, now)
            uow.commit()

    def _end(self, account: Account, session: Session, now: datetime) -> None:
        with self._unit_of_work() as uow:
            if uow.sessions.end(session.id, "over", now) and session.stage is Stage.SIGNED_IN:
                detail = {"last_seen": session.last_seen.isoformat(timespec="seconds")}
                name = account.staff.user_name
                uow.audit.append(name, Action.SESSION_OVER, name, detail, now)
            uow.commit()


def begin(
    uow: UnitOfWork, account: Account, stage: Stage, agent: str, now: datetime, proved_at: datetime | None = None
) -> str:
    """A new session in the caller's transaction; returns the token for its cookie. The caller commits.

    `proved_at`: when its owner showed who they are, if not now.
    """
    token = new_token()
    session = Session(
        id=new_id(),
        staff_id=account.staff.id,
        csrf=new_token(),
        stage=stage,
        created_at=now,
        last_seen=now,
        proved_at=proved_at or now,
        agent=_printable(agent),
    )
    uow.sessions.add(session, token_hash(token))
    return token


def _printable(agent: str) -> str:
    return "".join(c for c in agent if c.isprintable())[:_AGENT_LENGTH]
