"""The outbox of texts to patients in SQL. No commit happens here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.conversation import new_id
from bot.services.telephone_ports import Address, Purpose, Text, TextState
from bot.storage import tables as t
from bot.storage.sealing import Sealer

_ON_THE_WAY = (TextState.PENDING, TextState.IN_ANSWER, TextState.SENT)
# What the carrier has said stays, however late our own sender writes.
_SAID_BY_THE_CARRIER = (TextState.DELIVERED, TextState.FAILED)


class SqlTexts:
    """Texts to patients, one at a time for each address, in order."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(
        self,
        address: Address,
        key: str,
        bodies: Sequence[str],
        purpose: Purpose,
        now: datetime,
        state: TextState = TextState.PENDING,
    ) -> tuple[str, ...]:
        """Queue the parts of a text behind what waits for this address; their ids, none if `key` is known."""
        last = self._last_sequence(address.id)
        if self._connection.execute(sa.select(t.texts.c.id).where(t.texts.c.key == key).limit(1)).first():
            return ()
        left = state is not TextState.PENDING
        ids = tuple(new_id() for _ in bodies)
        rows = [
            {
                "id": text_id,
                "address_id": address.id,
                "conversation_id": address.conversation_id,
                "key": key,
                "part": part,
                "sequence": last + part,
                "body": self._sealer.seal(body),
                "purpose": purpose,
                "state": state,
                "due_at": now,
                "attempts": int(left),
                "sent_at": now if left else None,
                "created_at": now,
            }
            for part, (text_id, body) in enumerate(zip(ids, bodies, strict=True), start=1)
        ]
        if rows:
            self._connection.execute(t.texts.insert(), rows)
        return ids

    def _last_sequence(self, address_id: str) -> int:
        """With the lock of the address: of two who add at the same moment, one waits."""
        a = t.addresses.c
        self._connection.execute(sa.select(a.id).where(a.id == address_id).with_for_update(key_share=True))
        last = sa.select(sa.func.max(t.texts.c.sequence)).where(t.texts.c.address_id == address_id)
        return self._connection.execute(last).scalar() or 0

    def of_key(self, key: str) -> tuple[Text, ...]:
        """The parts of a text, in order."""
        return self._all(_texts().where(t.texts.c.key == key).order_by(t.texts.c.part))

    def get(self, text_id: str) -> Text | None:
        """By id."""
        return self._one(t.texts.c.id == text_id)

    def by_provider_id(self, provider_id: str) -> Text | None:
        """By what the provider calls it."""
        return self._one(t.texts.c.provider_id == provider_id)

    def lease_due(
        self, now: datetime, lease_until: datetime, limit: int, full: Collection[str] = ()
    ) -> tuple[Text, ...]:
        """Take texts that are due and that nobody else is sending: of each address the first that waits.

        Nothing of an address is due while another text to it waits before it or
        is being sent; only what is said about safety waits for nothing else. Nothing leaves from the clinic's
        numbers in `full`. Where the engine can, rows that another sender holds are
        passed over; elsewhere a lease is taken only if it is still as it was
        read. A lease that ran out may have been sent: `unsure` says so. What was
        stored in the future, or is leased for twice as long as a lease lasts, is
        from before the clock was set back: it does not wait for that hour again.
        """
        c, other = t.texts.c, t.texts.alias("other")
        # Twice: the clock of whoever leased it may be a little ahead of this one.
        too_long = lease_until + (lease_until - now)
        due = sa.or_(c.due_at <= now, c.created_at > now)
        free = sa.or_(c.leased_until.is_(None), c.leased_until < now, c.leased_until > too_long)
        before = sa.and_(
            other.c.sequence < c.sequence, sa.or_(c.purpose != Purpose.SAFETY, other.c.purpose == Purpose.SAFETY)
        )
        in_the_way = sa.or_(before, other.c.leased_until.between(now, too_long))
        beside = sa.and_(other.c.address_id == c.address_id, other.c.id != c.id, other.c.state == TextState.PENDING)
        blocked = sa.exists().where(sa.and_(beside, in_the_way))
        rows = self._connection.execute(
            _texts()
            .add_columns(c.leased_until)
            .where(c.state == TextState.PENDING, due, free, ~blocked, t.addresses.c.clinic_number.not_in(full))
            .order_by(c.purpose != Purpose.SAFETY, c.due_at, c.sequence)
            .limit(limit)
            .with_for_update(skip_locked=True, of=t.texts)
        ).all()
        return tuple(self._leased(row) for row in rows if self._lease(row.id, row.leased_until, lease_until))

    def _lease(self, text_id: str, seen: datetime | None, until: datetime) -> bool:
        c = t.texts.c
        unchanged = c.leased_until.is_(None) if seen is None else c.leased_until == seen
        unsure = {} if seen is None else {"unsure": True}
        result = self._connection.execute(
            t.texts.update()
            .where(c.id == text_id, c.state == TextState.PENDING, unchanged)
            .values(leased_until=until, attempts=c.attempts + 1, **unsure)
        )
        return bool(result.rowcount == 1)

    def _leased(self, row: Any) -> Text:
        text = self._text(row)
        return replace(text, attempts=text.attempts + 1, unsure=text.unsure or row.leased_until is not None)

    def waiting(self, address_id: str) -> bool:
        """Whether anything is still to go to an address."""
        c = t.texts.c
        query = sa.select(c.id).where(c.address_id == address_id, c.state == TextState.PENDING).limit(1)
        return self._connection.execute(query).first() is not None

    def sent_since(self, clinic_number: str, since: datetime) -> int:
        """How many left from a number of the clinic's, in answers to webhooks too."""
        joined = t.texts.join(t.addresses)
        query = sa.select(sa.func.count()).select_from(joined)
        return int(
            self._connection.execute(
                query.where(t.addresses.c.clinic_number == clinic_number, t.texts.c.sent_at >= since)
            ).scalar_one()
        )

    def mark_sent(self, text_id: str, provider_id: str | None, now: datetime) -> None:
        """The provider has it, whatever was decided about it meanwhile; a receipt that came first stays."""
        c = t.texts.c
        mine = t.texts.update().where(c.id == text_id)
        newest = sa.func.coalesce(sa.literal(provider_id, sa.String), c.provider_id)
        at = sa.func.coalesce(c.sent_at, sa.literal(now, t.UtcDateTime))
        self._connection.execute(mine.values(provider_id=newest, sent_at=at, leased_until=None))
        open_ = mine.where(c.state.not_in(_SAID_BY_THE_CARRIER))
        self._connection.execute(open_.values(state=TextState.SENT, ended_at=None))

    def mark_later(self, text: Text, error: str, retry_at: datetime, unsure: bool) -> bool:
        """It did not leave, or nobody knows: due again at `retry_at`.

        False if that is no news: it has left, has ended, or was tried by another since.
        `error` is a constant word, never a number.
        """
        c = t.texts.c
        same = (c.id == text.id, c.state == text.state, c.attempts == text.attempts)
        result = self._connection.execute(
            t.texts.update()
            .where(*same, c.state.in_(_ON_THE_WAY))
            .values(
                state=TextState.PENDING,
                last_error=error[:200],
                due_at=retry_at,
                unsure=unsure,
                sent_at=None,
                leased_until=None,
            )
        )
        return bool(result.rowcount == 1)

    def mark_ended(self, text_id: str, state: TextState, error: str, now: datetime) -> bool:
        """It has arrived, or never will; False if it had ended before. `error` as above, empty for none."""
        c = t.texts.c
        result = self._connection.execute(
            t.texts.update()
            .where(c.id == text_id, c.state.in_(_ON_THE_WAY))
            .values(state=state, last_error=error[:200] or None, ended_at=now, leased_until=None)
        )
        return bool(result.rowcount == 1)

    def unconfirmed(self, before: datetime, limit: int) -> tuple[Text, ...]:
        """What went out in an answer before that time, without a receipt since; oldest first."""
        c = t.texts.c
        query = _texts().where(c.state == TextState.IN_ANSWER, c.sent_at < before)
        return self._all(query.order_by(c.sent_at, c.sequence).limit(limit))

    def _one(self, condition: Any) -> Text | None:
        row = self._connection.execute(_texts().where(condition)).first()
        return self._text(row) if row else None

    def _all(self, query: Any) -> tuple[Text, ...]:
        return tuple(self._text(row) for row in self._connection.execute(query))

    def _text(self, row: Any) -> Text:
        return Text(
            id=row.id,
            address_id=row.address_id,
            conversation_id=row.conversation_id,
            number=self._sealer.open(row.number),
            clinic_number=row.clinic_number,
            body=self._sealer.open(row.body),
            purpose=Purpose(row.purpose),
            state=TextState(row.state),
            attempts=row.attempts,
            unsure=row.unsure,
            stopped=row.stopped,
            provider_id=row.provider_id,
            created_at=row.created_at,
        )


def _texts() -> Any:
    c, a = t.texts.c, t.addresses.c
    return sa.select(
        c.id,
        c.address_id,
        c.conversation_id,
        c.body,
        c.purpose,
        c.state,
        c.attempts,
        c.unsure,
        c.provider_id,
        c.created_at,
        a.number,
        a.clinic_number,
        a.stopped,
    ).select_from(t.texts.join(t.addresses))
